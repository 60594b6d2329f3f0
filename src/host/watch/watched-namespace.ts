/** One namespace under watch: the state of its tables, and what announcements and fresh reads change in them. */
import {
  type AddressSummary,
  type LinkSummary,
  listForwarding,
  listNeighbours,
  listRoutes,
  listRules,
  type Namespace,
  type Neighbour,
  NetlinkError,
  NetlinkProtocol,
  NetlinkSocket,
  type Route,
  type RouteEvent,
  type Rule,
} from '../../kernel/index.ts'
import type { NamespaceTables } from '../survey/observer.ts'
import type { WatchedObject } from './change.ts'
import { addressLens, forwardingLens, linkLens, neighbourLens, routeLens, ruleLens } from './lenses.ts'
import { type Difference, ObjectTable, type View } from './object-table.ts'

/** A difference and the kind of object that differs. */
export interface ObjectDifference {
  readonly object: Exclude<WatchedObject, 'namespace' | 'watch'>
  readonly difference: Difference
}

/** The tables of one namespace. */
export class WatchedNamespace {
  readonly #names = new Map<number, string>()
  readonly #nameOf = (index: number): string => this.#names.get(index) ?? `index ${index}`
  readonly #links = new ObjectTable<LinkSummary>(linkLens(this.#nameOf))
  readonly #addresses = new ObjectTable<AddressSummary>(addressLens(this.#nameOf))
  readonly #routes = new ObjectTable<Route>(routeLens(this.#nameOf))
  readonly #rules = new ObjectTable<Rule>(ruleLens)
  readonly #neighbours = new ObjectTable<Neighbour>(neighbourLens(this.#nameOf))
  readonly #forwarding = new ObjectTable<Neighbour>(forwardingLens(this.#nameOf))

  /** Takes an announcement. */
  apply(event: RouteEvent): ObjectDifference[] {
    const gone = event.action === 'deleted'
    switch (event.object) {
      case 'link':
        return this.#applyLink(event.value, gone)
      case 'address':
        return one('address', gone ? this.#addresses.remove(event.value) : this.#addresses.put(event.value))
      case 'route':
        return one('route', gone ? this.#routes.remove(event.value) : this.#routes.put(event.value))
      case 'rule':
        return one('rule', gone ? this.#rules.remove(event.value) : this.#rules.put(event.value))
      case 'neighbour':
        return one('neighbour', gone ? this.#neighbours.remove(event.value) : this.#neighbours.put(event.value))
      case 'forwarding-entry':
        return one('forwarding', gone ? this.#forwarding.remove(event.value) : this.#forwarding.put(event.value))
      default:
        return []
    }
  }

  #applyLink(link: LinkSummary, gone: boolean): ObjectDifference[] {
    if (!gone) {
      this.#call(link)
      return one('link', this.#links.put(link))
    }
    const differences = one('link', this.#links.remove(link))
    this.#names.delete(link.index)
    return differences
  }

  /** Notes a link's name. That what belongs to it is called otherwise when it is renamed is no change of its own. */
  #call({ index, name = '' }: LinkSummary): void {
    const before = this.#names.get(index)
    if (before === name) return
    this.#names.set(index, name)
    if (before === undefined) return
    for (const table of [this.#links, this.#addresses, this.#routes, this.#neighbours, this.#forwarding]) {
      table.revise((view) => withInterfaceRenamed(view, before, name))
    }
  }

  /** Takes links and addresses as they were read through the observer. */
  replaceLinks(tables: NamespaceTables): ObjectDifference[] {
    for (const link of tables.links) this.#call(link)
    const differences = [
      ...all('link', this.#links.replace(tables.links)),
      ...all('address', this.#addresses.replace(tables.addresses)),
    ]
    const present = new Set(tables.links.map(({ index }) => index))
    for (const index of this.#names.keys()) if (!present.has(index)) this.#names.delete(index)
    return differences
  }

  /** Reads the tables that need a socket inside: routes, rules, neighbours, forwarding entries. */
  readInside(namespace: Namespace): ObjectDifference[] {
    return withSocket(namespace, (socket) => [
      ...all('route', this.#routes.replace(listRoutes(socket))),
      ...all('rule', this.#rules.replace(listRules(socket))),
      ...all(
        'neighbour',
        this.#neighbours.replace(listNeighbours(socket).filter(({ family }) => family !== AF_BRIDGE)),
      ),
      ...all('forwarding', this.#forwarding.replace(listForwarding(socket))),
    ])
  }

  /** Reads the routes again; see `mayLoseRoutes`. */
  readRoutes(namespace: Namespace): ObjectDifference[] {
    return withSocket(namespace, (socket) => all('route', this.#routes.replace(listRoutes(socket))))
  }

  /** Everything that is known of it, as if it had just come; outer things first. */
  all(): ObjectDifference[] {
    return [
      ...all('link', this.#links.all()),
      ...all('address', this.#addresses.all()),
      ...all('route', this.#routes.all()),
      ...all('rule', this.#rules.all()),
      ...all('neighbour', this.#neighbours.all()),
      ...all('forwarding', this.#forwarding.all()),
    ]
  }

  /** The namespace is gone: so is everything in it, inner things first. */
  clear(): ObjectDifference[] {
    return [
      ...all('forwarding', this.#forwarding.clear()),
      ...all('neighbour', this.#neighbours.clear()),
      ...all('rule', this.#rules.clear()),
      ...all('route', this.#routes.clear()),
      ...all('address', this.#addresses.clear()),
      ...all('link', this.#links.clear()),
    ]
  }
}

const AF_BRIDGE = 7

/**
 * True when an announcement may have cost the namespace IPv4 routes whose end the kernel does not announce: it flushes those
 * of an interface that goes down or away, those that preferred an address that goes, and those of a next hop object that is
 * deleted (fib_flush, net/ipv4/fib_frontend.c).
 */
export function mayLoseRoutes(event: RouteEvent, differences: readonly ObjectDifference[]): boolean {
  if (event.object === 'nexthop') return event.action === 'deleted'
  return differences.some(({ object, difference }) => {
    if (object === 'address') return difference.action === 'removed'
    return object === 'link' && difference.before?.['up'] === true && difference.after?.['up'] !== true
  })
}

/**
 * True when the far end of a link that was announced may be in another namespace: the announcement says so, or it is the first
 * of a veth interface. The kernel announces the peer of a new pair before it ties the two together (veth_newlink,
 * drivers/net/veth.c), and once more only when its carrier comes or goes, up to a second later.
 */
export function mayLeadElsewhere(link: LinkSummary, differences: readonly ObjectDifference[]): boolean {
  if (link.linkNetnsid !== undefined) return true
  return (
    link.info?.kind === 'veth' &&
    differences.some(({ object, difference }) => object === 'link' && difference.action === 'added')
  )
}

/** A view that names an interface, with its new name. */
function withInterfaceRenamed(view: View, before: string, name: string): View {
  const nextHops = view['nextHops']
  return {
    ...view,
    ...(view['interface'] === before ? { interface: name } : {}),
    ...(view['master'] === before ? { master: name } : {}),
    ...(Array.isArray(nextHops) ? { nextHops: nextHops.map((hop) => withInterfaceRenamed(hop, before, name)) } : {}),
  }
}

/** Differences read through a socket inside; none when the namespace died meanwhile, which is announced separately. */
function withSocket(namespace: Namespace, read: (socket: NetlinkSocket) => ObjectDifference[]): ObjectDifference[] {
  const socket = NetlinkSocket.open(NetlinkProtocol.route, namespace)
  try {
    return read(socket)
  } catch (error) {
    if (error instanceof NetlinkError) return []
    throw error
  } finally {
    socket.close()
  }
}

function one(object: ObjectDifference['object'], difference: Difference | undefined): ObjectDifference[] {
  return difference === undefined ? [] : [{ object, difference }]
}

function all(object: ObjectDifference['object'], differences: readonly Difference[]): ObjectDifference[] {
  return differences.map((difference) => ({ object, difference }))
}
