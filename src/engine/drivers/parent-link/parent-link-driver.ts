/**
 * The driver of networks that stand on an interface of the host. The kernel passes frames between the parent and the
 * interfaces on it; there are no rules, no translation and no published ports: endpoints are on the parent's network.
 */
import { LinkFlag, type NamespaceHandle, NetlinkProtocol, NetlinkSocket } from '../../../kernel/index.ts'
import { EngineError } from '../../errors.ts'
import type { EndpointRecord, NetworkRecord, PortBinding, StaticRoute } from '../../model.ts'
import type { Store } from '../../store/store.ts'
import { findLink } from '../bridge/bridge-device.ts'
import { chosenName } from '../bridge/endpoint-link.ts'
import { bare, within } from '../bridge/pools.ts'
import type {
  DriverJoin,
  EndpointAdditions,
  JoiningSandbox,
  NetworkDriver,
  Obstacle,
  OperationalInfo,
} from '../driver.ts'
import type { ChildKind } from './child-kind.ts'
import { makeChild, removeChild } from './child-link.ts'
import { ParentDevices, parentLink } from './parent-device.ts'
import { isClosed, PARENT } from './parent-option.ts'

/** What such a driver is made of. */
export interface ParentLinkInit {
  /** The namespace that parents are in. */
  readonly host: NamespaceHandle
  readonly store: Store
  /** Told what was asked for and does not apply: a sentence. */
  readonly notice?: (sentence: string) => void
}

/** The macvlan or ipvlan driver. */
export class ParentLinkDriver implements NetworkDriver {
  readonly name: string
  readonly capabilities = { scope: 'local', addresses: true, single: false, gateway: false } as const
  readonly networkOptions: ReadonlySet<string>
  readonly #kind: ChildKind
  readonly #host: NamespaceHandle
  readonly #parents: ParentDevices
  readonly #notice: (sentence: string) => void
  #open: NetlinkSocket | undefined

  constructor(kind: ChildKind, { host, store, notice }: ParentLinkInit) {
    this.name = kind.name
    this.networkOptions = new Set([PARENT, ...kind.options])
    this.#kind = kind
    this.#host = host
    this.#parents = new ParentDevices(store, kind.dummyPrefix)
    this.#notice = notice ?? (() => {})
  }

  validateNetwork(network: NetworkRecord, others: readonly NetworkRecord[]): void {
    this.#kind.check(network)
    const parent = this.#parents.nameFor(network)
    for (const other of others) {
      if (other.id === network.id || other.configOnly || this.#parents.nameFor(other) !== parent) continue
      const clash = this.#kind.clash(network, other)
      if (clash === undefined) continue
      throw new EngineError(
        'parent-taken',
        `network ${other.name} stands on the parent ${parent} already, and ${clash}`,
        {
          network: network.id,
        },
      )
    }
  }

  /** The gateway is another machine on the parent's network; there is none where nothing leads out, or no frames do. */
  wantsGateway(network: NetworkRecord): boolean {
    return !isClosed(network) && !this.#kind.routed(network)
  }

  async createNetwork(network: NetworkRecord): Promise<void> {
    this.#parents.ensure(this.#socket, network)
  }

  async deleteNetwork(network: NetworkRecord): Promise<void> {
    this.#parents.release(this.#socket, network)
  }

  async createEndpoint(network: NetworkRecord, endpoint: EndpointRecord): Promise<EndpointAdditions> {
    const macAddress = this.#kind.macAddress(network, endpoint)
    if (endpoint.portMappings.length > 0) {
      this.#notice(
        `endpoint ${endpoint.name} asks for published ports, which ${this.name} networks have none of: it is reached at its own address`,
      )
    }
    return macAddress === undefined ? {} : { macAddress }
  }

  /** An interface lasts from joining to leaving only. */
  async deleteEndpoint(): Promise<void> {}

  async join(network: NetworkRecord, endpoint: EndpointRecord, sandbox: JoiningSandbox): Promise<DriverJoin> {
    const kind = this.#kind
    const name = this.#parents.nameFor(network)
    // What an interrupted attempt left.
    removeChild(sandbox.namespace, kind.name, endpoint.id)
    const interfaceName = chosenName(endpoint) ?? sandbox.freeInterfaceName('eth')
    makeChild(this.#socket, sandbox.namespace, network, {
      endpoint: endpoint.id,
      parent: { index: parentLink(this.#socket, network, name).index, name },
      macAddress: kind.macAddress(network, endpoint),
      interfaceName,
      info: kind.info(network),
    })
    const routed = kind.routed(network)
    return {
      placed: true,
      interfaceName,
      gateway: routed ? null : gatewayFor(network, endpoint, 4),
      gatewayIPv6: routed ? null : gatewayFor(network, endpoint, 6),
      routes: routed ? connectedRoutes(network, endpoint) : [],
      disableGatewayService: routed || isClosed(network),
    }
  }

  async leave(_network: NetworkRecord, endpoint: EndpointRecord, sandbox: JoiningSandbox | null): Promise<void> {
    if (sandbox !== null) removeChild(sandbox.namespace, this.#kind.name, endpoint.id)
  }

  async expose(): Promise<readonly PortBinding[]> {
    return []
  }

  async conceal(): Promise<void> {}

  async inspect(network: NetworkRecord): Promise<OperationalInfo> {
    return { parent: this.#parents.nameFor(network), ...this.#kind.inspect(network) }
  }

  async restore(networks: readonly NetworkRecord[]): Promise<void> {
    const own = networks.filter((network) => !network.configOnly)
    this.#parents.removeStrays(this.#socket, new Set(own.map((network) => network.id)))
    const failures: unknown[] = []
    for (const network of own) {
      try {
        this.#parents.ensure(this.#socket, network)
      } catch (error) {
        // A parent that is not plugged in must not keep the other networks from working.
        failures.push(error)
      }
    }
    if (failures.length === 1) throw failures[0]
    if (failures.length > 1) throw new AggregateError(failures, failures.map(String).join('; '))
  }

  async obstacles(network: NetworkRecord): Promise<readonly Obstacle[]> {
    const name = this.#parents.nameFor(network)
    const link = findLink(this.#socket, name)
    if (link === undefined) return [{ summary: `the parent ${name} does not exist`, commands: [] }]
    const found: Obstacle[] = []
    if ((link.flags & LinkFlag.up) === 0) {
      found.push({ summary: `the parent ${name} is down`, commands: [`ip link set ${name} up`] })
    } else if (link.carrier === 0) {
      found.push({ summary: `the parent ${name} has no carrier: nothing is plugged in`, commands: [] })
    }
    if (link.master !== undefined) {
      const summary = `the parent ${name} is a port of another interface, which gets all that it receives`
      found.push({ summary, commands: [`ip link set ${name} nomaster`] })
    }
    return found
  }

  async close(): Promise<void> {
    this.#open?.close()
    this.#open = undefined
  }

  get #socket(): NetlinkSocket {
    this.#open ??= NetlinkSocket.open(NetlinkProtocol.route, this.#host)
    return this.#open
  }
}

/** The gateway of the pool that the endpoint's address is from. */
function gatewayFor(network: NetworkRecord, endpoint: EndpointRecord, family: 4 | 6): string | null {
  if (isClosed(network)) return null
  const address = endpoint.addresses.find((each) => each.includes(':') === (family === 6))
  if (address === undefined) return null
  const pool = network.pools.find((each) => each.family === family && within(address, each.pool))
  return pool?.gateway == null ? null : bare(pool.gateway)
}

/** Everything is behind the interface; of a closed network all that there is are its own pools. */
function connectedRoutes(network: NetworkRecord, endpoint: EndpointRecord): StaticRoute[] {
  const has = (family: 4 | 6): boolean => endpoint.addresses.some((each) => each.includes(':') === (family === 6))
  if (!isClosed(network)) {
    return [...(has(4) ? [{ destination: '0.0.0.0/0' }] : []), ...(has(6) ? [{ destination: '::/0' }] : [])]
  }
  return network.pools
    .filter(({ family, pool }) => has(family) && !endpoint.addresses.some((address) => within(address, pool)))
    .map(({ pool }) => ({ destination: pool }))
}
