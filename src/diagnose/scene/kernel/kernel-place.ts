/** A namespace of the scene as the kernel has it, each part read when it is first asked for. */
import type { NamespaceNode } from '../../../host/index.ts'
import {
  type Address,
  type Connection,
  hasCode,
  type InetSocket,
  type Link,
  listAddresses,
  listBridgeVlans,
  listConnections,
  listForwarding,
  listForwardingLinks,
  listInetSockets,
  listNeighbours,
  listNexthops,
  listRoutes,
  listRules,
  type Namespace,
  type Neighbour,
  NetlinkProtocol,
  NetlinkSocket,
  type Nexthop,
  type PortVlans,
  type Route,
  type Rule,
} from '../../../kernel/index.ts'
import { type FilterRules, readFilterRules } from '../../filter/index.ts'
import { FAMILY_NUMBER } from '../fib/address-bits.ts'
import { Fib } from '../fib/fib.ts'
import type { Family, Place, RouteAnswer, RouteQuestion, Settings } from '../place.ts'
import { emptyFilterRules } from './empty-filter-rules.ts'
import { askKernelForRoute } from './kernel-route.ts'
import { KernelSettings } from './kernel-settings.ts'

/** What a place stands on. It takes over the descriptor. */
export interface KernelPlaceInit {
  readonly node: NamespaceNode
  readonly label: string
  readonly namespace: Namespace
  /** Takes one sentence about what could not be read. */
  readonly warn: (sentence: string) => void
}

/** A place. Closed with its scene. */
export class KernelPlace implements Place {
  readonly inode: string
  readonly node: NamespaceNode
  readonly label: string
  readonly namespace: Namespace
  readonly settings: Settings
  readonly #init: KernelPlaceInit
  readonly #parts = new Map<string, unknown>()
  readonly #sockets = new Map<NetlinkProtocol, NetlinkSocket>()

  constructor(init: KernelPlaceInit) {
    this.#init = init
    this.node = init.node
    this.inode = init.node.inode
    this.label = init.label
    this.namespace = init.namespace
    this.settings = new KernelSettings(this, (error) => this.#warn('settings', error))
  }

  get links(): readonly Link[] {
    return this.#part('links', [], () => listForwardingLinks(this.#socket(NetlinkProtocol.route)))
  }

  link(index: number): Link | undefined {
    return this.#linksByIndex.get(index)
  }

  linkNamed(name: string): Link | undefined {
    return this.#linksByName.get(name)
  }

  get addresses(): readonly Address[] {
    return this.#part('addresses', [], () => listAddresses(this.#socket(NetlinkProtocol.route)))
  }

  routes(family: Family): readonly Route[] {
    return this.#part(`${family} routes`, [], () =>
      listRoutes(this.#socket(NetlinkProtocol.route), { family: FAMILY_NUMBER[family] }),
    )
  }

  rules(family: Family): readonly Rule[] {
    return this.#part(`${family} routing rules`, [], () =>
      listRules(this.#socket(NetlinkProtocol.route), { family: FAMILY_NUMBER[family] }),
    )
  }

  get nexthops(): readonly Nexthop[] {
    // Kernels before 5.3 have no such objects.
    return this.#part('nexthops', [], () => unlessUnknown(() => listNexthops(this.#socket(NetlinkProtocol.route))))
  }

  get neighbours(): readonly Neighbour[] {
    return this.#part('neighbours', [], () => {
      const socket = this.#socket(NetlinkProtocol.route)
      return [...listNeighbours(socket), ...listNeighbours(socket, { proxies: true })].filter(
        ({ family }) => family === FAMILY_NUMBER.ipv4 || family === FAMILY_NUMBER.ipv6,
      )
    })
  }

  get forwarding(): readonly Neighbour[] {
    return this.#part('forwarding entries', [], () => listForwarding(this.#socket(NetlinkProtocol.route)))
  }

  get vlans(): readonly PortVlans[] {
    return this.#part('vlans of bridge ports', [], () => listBridgeVlans(this.#socket(NetlinkProtocol.route)))
  }

  get filters(): FilterRules {
    return this.#part('filter rules', emptyFilterRules(), () => {
      const rules = readFilterRules(this.namespace)
      for (const warning of rules.warnings) this.#init.warn(`${this.label}: ${warning}`)
      return rules
    })
  }

  get sockets(): readonly InetSocket[] {
    return this.#part('sockets', [], () => {
      const socket = this.#socket(NetlinkProtocol.sockDiag)
      // Connections are kept in one table for all namespaces, which the kernel walks for each of them: a millisecond each.
      return (['ipv4', 'ipv6'] as const).flatMap((family) => [
        ...listInetSockets(socket, { family, protocol: 'tcp', states: ['LISTEN'] }),
        ...listInetSockets(socket, { family, protocol: 'udp' }),
      ])
    })
  }

  get connections(): readonly Connection[] {
    return this.#part('tracked connections', [], () =>
      // A kernel without connection tracking has no such table.
      unlessUnknown(() => listConnections(this.#socket(NetlinkProtocol.netfilter))),
    )
  }

  lookUpRoute(question: RouteQuestion): RouteAnswer {
    return askKernelForRoute(this, question, () => this.#fib)
  }

  /** Asks the kernel something by rtnetlink, in this namespace. */
  ask<T>(question: (socket: NetlinkSocket) => T): T {
    return question(this.#socket(NetlinkProtocol.route))
  }

  close(): void {
    for (const socket of this.#sockets.values()) socket.close()
    this.#sockets.clear()
    this.namespace.close()
  }

  get #fib(): Fib {
    return this.#part('forwarding information base', new Fib(this), () => new Fib(this))
  }

  get #linksByIndex(): ReadonlyMap<number, Link> {
    return this.#part('links by index', new Map(), () => new Map(this.links.map((link) => [link.index, link])))
  }

  get #linksByName(): ReadonlyMap<string, Link> {
    return this.#part('links by name', new Map(), () => new Map(this.links.map((link) => [link.name ?? '', link])))
  }

  #part<T>(name: string, empty: T, read: () => T): T {
    if (this.#parts.has(name)) return this.#parts.get(name) as T
    let value = empty
    try {
      value = read()
    } catch (error) {
      this.#warn(name, error)
    }
    this.#parts.set(name, value)
    return value
  }

  #socket(protocol: NetlinkProtocol): NetlinkSocket {
    const open = this.#sockets.get(protocol) ?? NetlinkSocket.open(protocol, this.namespace)
    this.#sockets.set(protocol, open)
    return open
  }

  #warn(part: string, error: unknown): void {
    const reason = hasCode(error, 'EPERM', 'EACCES')
      ? 'only root may'
      : error instanceof Error
        ? error.message
        : String(error)
    this.#init.warn(`the ${part} of ${this.label} cannot be read: ${reason}`)
  }
}

/** What the kernel answers; nothing when it knows no such table. */
function unlessUnknown<T>(read: () => T[]): T[] {
  try {
    return read()
  } catch (error) {
    if (hasCode(error, 'EOPNOTSUPP', 'EPROTONOSUPPORT', 'EINVAL')) return []
    throw error
  }
}
