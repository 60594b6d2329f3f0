/**
 * What the plugin remembers: the networks, endpoints, pools and addresses that dockerd asked for. They are kept in the
 * engine's store, each before the kernel is touched for it, and outlive this process and dockerd.
 */
import type { EndpointRecord, NetworkRecord, RecordKind, Store, StoreReader } from '../../engine/index.ts'

/** A pool that dockerd was given. */
export interface PoolEntry {
  /** The id by which dockerd knows it. */
  readonly id: string
  readonly addressSpace: string
  readonly pool: string
  readonly subPool: string
  readonly family: 4 | 6
  readonly options: Readonly<Record<string, string>>
  /** Milliseconds since 1970. */
  readonly requested: number
}

/** An address that dockerd was given. */
export interface LeaseEntry {
  readonly poolId: string
  /** With prefix length. */
  readonly address: string
  /** Asked for as the gateway of a network. */
  readonly gateway: boolean
}

/** A network, and whether the kernel has all of it. */
interface NetworkEntry {
  readonly network: NetworkRecord
  readonly complete: boolean
}

const Kind = {
  network: 'driver/docker-network',
  endpoint: 'driver/docker-endpoint',
  pool: 'driver/docker-pool',
  lease: 'driver/docker-lease',
} as const satisfies Record<string, RecordKind>

/** Networks and endpoints of dockerd in a store, for drivers that must know of them when they restore the kernel's state. */
export function dockerRecords(store: StoreReader): { networks: NetworkRecord[]; endpoints: EndpointRecord[] } {
  return {
    networks: store.list<NetworkEntry>(Kind.network).map(({ value }) => value.network),
    endpoints: store.list<EndpointRecord>(Kind.endpoint).map(({ value }) => value),
  }
}

/** The plugin's records. */
export class Register {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  network(id: string): NetworkRecord | undefined {
    return this.#store.get<NetworkEntry>(Kind.network, id)?.network
  }

  /** All networks of the driver that are known: dockerd's and the engine's own. */
  allNetworks(): NetworkRecord[] {
    const own = this.#store.list<NetworkRecord>('network').map(({ value }) => value)
    return [...own, ...dockerRecords(this.#store).networks]
  }

  /** Networks that were under way when the last process ended. */
  unfinishedNetworks(): NetworkRecord[] {
    const entries = this.#store.list<NetworkEntry>(Kind.network)
    return entries.flatMap(({ value }) => (value.complete ? [] : [value.network]))
  }

  putNetwork(network: NetworkRecord, complete: boolean): void {
    const entry: NetworkEntry = { network, complete }
    this.#store.transact((writer) => writer.put(Kind.network, network.id, entry))
  }

  /** Forgets a network and the endpoints that it still has. */
  removeNetwork(id: string): void {
    this.#store.transact((writer) => {
      for (const endpoint of writer.list(Kind.endpoint, `${id}/`)) writer.remove(Kind.endpoint, endpoint.id)
      writer.remove(Kind.network, id)
    })
  }

  endpoint(networkId: string, id: string): EndpointRecord | undefined {
    return this.#store.get(Kind.endpoint, `${networkId}/${id}`)
  }

  endpointsOf(networkId: string): EndpointRecord[] {
    return this.#store.list<EndpointRecord>(Kind.endpoint, `${networkId}/`).map(({ value }) => value)
  }

  putEndpoint(endpoint: EndpointRecord): void {
    this.#store.transact((writer) => writer.put(Kind.endpoint, `${endpoint.networkId}/${endpoint.id}`, endpoint))
  }

  removeEndpoint(networkId: string, id: string): void {
    this.#store.transact((writer) => writer.remove(Kind.endpoint, `${networkId}/${id}`))
  }

  pool(id: string): PoolEntry | undefined {
    return this.#store.get(Kind.pool, id)
  }

  pools(): PoolEntry[] {
    return this.#store.list<PoolEntry>(Kind.pool).map(({ value }) => value)
  }

  putPool(pool: PoolEntry): void {
    this.#store.transact((writer) => writer.put(Kind.pool, pool.id, pool))
  }

  /** Forgets a pool and the addresses that were given from it. */
  removePool(id: string): void {
    this.#store.transact((writer) => {
      for (const lease of writer.list(Kind.lease, `${id} `)) writer.remove(Kind.lease, lease.id)
      writer.remove(Kind.pool, id)
    })
  }

  /** @param address without prefix length */
  lease(poolId: string, address: string): LeaseEntry | undefined {
    return this.#store.get(Kind.lease, `${poolId} ${address}`)
  }

  leasesOf(poolId: string): LeaseEntry[] {
    return this.#store.list<LeaseEntry>(Kind.lease, `${poolId} `).map(({ value }) => value)
  }

  putLease(lease: LeaseEntry): void {
    this.#store.transact((writer) => writer.put(Kind.lease, `${lease.poolId} ${withoutLength(lease.address)}`, lease))
  }

  /** @param address without prefix length */
  removeLease(poolId: string, address: string): void {
    this.#store.transact((writer) => writer.remove(Kind.lease, `${poolId} ${address}`))
  }
}

/** An address without its prefix length. */
export function withoutLength(address: string): string {
  return address.split('/', 1)[0] ?? ''
}
