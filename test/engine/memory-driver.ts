/** A network driver and an address manager that keep everything in memory, with a way to see it and to make calls fail. */
import type {
  AddressGrant,
  DriverJoin,
  EndpointAdditions,
  EndpointRecord,
  IpamDriver,
  JoiningSandbox,
  NetworkDriver,
  NetworkRecord,
  PoolGrant,
  PoolWish,
  PortBinding,
} from '../../src/engine/index.ts'
import { EngineError } from '../../src/engine/index.ts'

/** What a memory driver has made. It outlives the driver, as the kernel outlives a process. */
export class MemoryKernel {
  readonly networks = new Set<string>()
  readonly endpoints = new Set<string>()
  readonly joined = new Map<string, string>()
  readonly exposed = new Set<string>()
  /** Called before every call of the driver; what it throws, the call throws. */
  before: (call: string) => void = () => {}
  /** Called after every call has done its work, before it returns. */
  after: (call: string) => void = () => {}
}

/** Makes no interfaces. Joins give the network's gateways, unless it is internal or its color is grey. */
export class MemoryDriver implements NetworkDriver {
  readonly name: string
  readonly capabilities = { scope: 'local', addresses: true, single: false, gateway: true } as const
  readonly networkOptions = new Set(['color'])
  readonly kernel: MemoryKernel

  constructor(kernel: MemoryKernel, name = 'memory') {
    this.kernel = kernel
    this.name = name
  }

  validateNetwork(network: NetworkRecord): void {
    if (network.options['color'] === 'none') throw new EngineError('option-invalid', 'none is no color')
  }

  createNetwork(network: NetworkRecord): Promise<void> {
    return this.#does('createNetwork', () => this.kernel.networks.add(network.id))
  }

  deleteNetwork(network: NetworkRecord): Promise<void> {
    return this.#does('deleteNetwork', () => this.kernel.networks.delete(network.id))
  }

  async createEndpoint(_: NetworkRecord, endpoint: EndpointRecord): Promise<EndpointAdditions> {
    await this.#does('createEndpoint', () => this.kernel.endpoints.add(endpoint.id))
    return endpoint.macAddress === null ? { macAddress: '02:42:00:00:00:01' } : {}
  }

  deleteEndpoint(_: NetworkRecord, endpoint: EndpointRecord): Promise<void> {
    return this.#does('deleteEndpoint', () => this.kernel.endpoints.delete(endpoint.id))
  }

  async join(network: NetworkRecord, endpoint: EndpointRecord, sandbox: JoiningSandbox): Promise<DriverJoin> {
    await this.#does('join', () => this.kernel.joined.set(endpoint.id, sandbox.id))
    const gateway = (family: 4 | 6): string | null =>
      network.internal || network.options['color'] === 'grey'
        ? null
        : (network.pools.find((pool) => pool.family === family)?.gateway?.split('/')[0] ?? null)
    return {
      placed: 'none',
      interfaceName: `memory-${endpoint.id.slice(0, 4)}`,
      gateway: gateway(4),
      gatewayIPv6: gateway(6),
      routes: [],
      disableGatewayService: false,
    }
  }

  leave(_: NetworkRecord, endpoint: EndpointRecord): Promise<void> {
    return this.#does('leave', () => this.kernel.joined.delete(endpoint.id))
  }

  async expose(_: NetworkRecord, endpoint: EndpointRecord): Promise<readonly PortBinding[]> {
    await this.#does('expose', () => this.kernel.exposed.add(endpoint.id))
    return endpoint.portMappings.map(({ protocol, containerPort, hostPort }) => ({
      protocol,
      containerPort,
      hostAddress: '0.0.0.0',
      hostPort: hostPort ?? 0,
    }))
  }

  conceal(_: NetworkRecord, endpoint: EndpointRecord): Promise<void> {
    return this.#does('conceal', () => this.kernel.exposed.delete(endpoint.id))
  }

  async inspect(): Promise<Record<string, unknown>> {
    return { kept: 'in memory' }
  }

  /** Removes nothing: what the journal leaves behind is to be seen. */
  async restore(networks: readonly NetworkRecord[], endpoints: readonly EndpointRecord[]): Promise<void> {
    await this.#does('restore', () => {
      for (const { id } of networks) this.kernel.networks.add(id)
      for (const { id } of endpoints) this.kernel.endpoints.add(id)
    })
  }

  async obstacles(): Promise<[]> {
    return []
  }

  async close(): Promise<void> {}

  /** Gives way before it does its work, as a driver that talks to somebody does. */
  async #does(call: string, work: () => unknown): Promise<void> {
    this.kernel.before(call)
    await Promise.resolve()
    work()
    this.kernel.after(call)
  }
}

/** Gives 10.N.0.0/24 and fd00:N::/64 and the addresses in them, lowest first. */
export class MemoryIpam implements IpamDriver {
  readonly name = 'default'
  /** Addresses that are given, by pool. */
  readonly pools = new Map<string, Set<string>>()
  #next = 0

  async capabilities(): Promise<{ requiresMacAddress: boolean; requiresReplay: boolean }> {
    return { requiresMacAddress: false, requiresReplay: true }
  }

  async defaultAddressSpaces(): Promise<{ local: string; global: string }> {
    return { local: 'local', global: 'global' }
  }

  async requestPool(wish: PoolWish): Promise<PoolGrant> {
    const pool = wish.pool ?? this.#unused(wish.family)
    if (this.pools.has(pool)) throw new EngineError('pool-overlap', `${pool} is taken`)
    this.pools.set(pool, new Set())
    return { poolId: pool, pool, data: {} }
  }

  async releasePool(poolId: string): Promise<void> {
    if (!this.pools.delete(poolId)) throw new EngineError('pool-unknown', `there is no pool ${poolId}`)
  }

  async requestAddress(poolId: string, preferred: string | undefined): Promise<AddressGrant> {
    const taken = this.#pool(poolId)
    const [base, length] = poolId.split('/') as [string, string]
    const prefix = base.replace(/0$/, '').replace(/::$/, '::')
    let address = preferred
    for (let i = 1; address === undefined && i < 255; i++) {
      if (!taken.has(`${prefix}${i}`)) address = `${prefix}${i}`
    }
    if (address === undefined) throw new EngineError('addresses-exhausted', `${poolId} is full`)
    if (!address.startsWith(prefix)) throw new EngineError('address-out-of-range', `${address} is not in ${poolId}`)
    if (taken.has(address)) throw new EngineError('address-taken', `${address} is taken`)
    taken.add(address)
    return { address: `${address}/${length}`, data: {} }
  }

  async releaseAddress(poolId: string, address: string): Promise<void> {
    this.#pool(poolId).delete(address)
  }

  async close(): Promise<void> {}

  #pool(poolId: string): Set<string> {
    const pool = this.pools.get(poolId)
    if (pool === undefined) throw new EngineError('pool-unknown', `there is no pool ${poolId}`)
    return pool
  }

  #unused(family: 4 | 6): string {
    this.#next++
    return family === 4 ? `10.${this.#next}.0.0/24` : `fd00:${this.#next}::/64`
  }
}
