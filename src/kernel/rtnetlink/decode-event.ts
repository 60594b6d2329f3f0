/** What an rtnetlink notification says: which object, come or gone. */
import type { MessageKind } from '../netlink/message.ts'
import { type Address, addressKind } from './address.ts'
import { type BridgeLink, bridgeLinkKind } from './bridge-vlan.ts'
import { type Link, linkKind } from './link.ts'
import { RouteMessage } from './message-type.ts'
import { type NamespaceId, namespaceIdKind } from './namespace-id.ts'
import { type Neighbour, neighbourKind } from './neighbour.ts'
import { type Nexthop, nexthopKind } from './nexthop.ts'
import { AddressFamily } from './prefix.ts'
import { type Qdisc, qdiscKind } from './qdisc.ts'
import { type Route, routeKind } from './route-kind.ts'
import { type Rule, ruleKind } from './rule.ts'
import { type PortVlan, portVlanKind } from './vlan-entry.ts'

/** The objects that events are about. A forwarding entry is a neighbour of the family AF_BRIDGE. */
interface EventValues {
  link: Link
  'bridge-port': BridgeLink
  address: Address
  route: Route
  neighbour: Neighbour
  'forwarding-entry': Neighbour
  rule: Rule
  nsid: NamespaceId
  qdisc: Qdisc
  nexthop: Nexthop
  vlan: PortVlan
}

/** One change. The kernel says `new` also when an object that was there has changed. */
export type RouteEvent = {
  [O in keyof EventValues]: {
    readonly object: O
    readonly action: 'new' | 'deleted'
    readonly value: EventValues[O]
  }
}[keyof EventValues]

/** How to read an object, by the family in the first byte of its message. */
interface Reader {
  readonly object: keyof EventValues
  readonly kind: MessageKind<EventValues[keyof EventValues]>
}

function reader<O extends keyof EventValues>(object: O, kind: MessageKind<EventValues[O]>): Reader {
  return { object, kind: kind as unknown as Reader['kind'] }
}

// The types of one object follow each other: new, deleted. Indexed by the first of them.
const readers = new Map<number, Reader>([
  [RouteMessage.newLink, reader('link', linkKind)],
  [RouteMessage.newAddress, reader('address', addressKind)],
  [RouteMessage.newRoute, reader('route', routeKind)],
  [RouteMessage.newNeighbour, reader('neighbour', neighbourKind)],
  [RouteMessage.newRule, reader('rule', ruleKind)],
  [RouteMessage.newQdisc, reader('qdisc', qdiscKind)],
  [RouteMessage.newNamespaceId, reader('nsid', namespaceIdKind)],
  [RouteMessage.newNexthop, reader('nexthop', nexthopKind)],
  [RouteMessage.newVlan, reader('vlan', portVlanKind)],
])
const bridgeReaders = new Map<number, Reader>([
  [RouteMessage.newLink, reader('bridge-port', bridgeLinkKind)],
  [RouteMessage.newNeighbour, reader('forwarding-entry', neighbourKind)],
])

/**
 * Reads a notification.
 * @param type the message type of its netlink header
 * @param offset where its body begins in `bytes`, and `length` how long that is
 * @returns undefined for other types and for bodies too short to be what they claim
 */
export function decodeEvent(type: number, bytes: Buffer, offset: number, length: number): RouteEvent | undefined {
  const created = type & ~1
  const byFamily = length > 0 && bytes[offset] === AddressFamily.bridge ? bridgeReaders.get(created) : undefined
  const found = byFamily ?? readers.get(created)
  if (found === undefined || (type & 3) > 1) return undefined
  const value = found.kind.read(bytes, offset, length)
  if (value === undefined) return undefined
  return { object: found.object, action: type === created ? 'new' : 'deleted', value } as RouteEvent
}
