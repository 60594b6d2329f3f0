/**
 * Neighbours (ARP, neighbour discovery) and the forwarding entries of bridges and vxlans, which rtnetlink sees as neighbours of
 * the family AF_BRIDGE: RTM_NEWNEIGH, RTM_DELNEIGH, RTM_GETNEIGH (rtnetlink(7), linux/neighbour.h).
 */
import { ip, mac } from '../netlink/address-value.ts'
import { attribute, attributes, unmarked } from '../netlink/attributes.ts'
import {
  type MessageOf,
  messageKind,
  NLM_F_APPEND,
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REPLACE,
} from '../netlink/message.ts'
import type { NetlinkSocket, Query, Request } from '../netlink/socket.ts'
import { be16, flag, pad, s32, struct, u8, u16, u32 } from '../netlink/value.ts'
import { wholeTable } from '../netlink/whole-table.ts'
import { RouteMessage } from './message-type.ts'
import { AddressFamily, familyOf } from './prefix.ts'

/** struct ndmsg. */
const neighbourHeader = struct({ family: u8, padding: pad(3), index: s32, state: u16, flags: u8, type: u8 })

/** struct nda_cacheinfo; ages in hundredths of a second. */
const cacheInfo = struct({ confirmed: u32, used: u32, updated: u32, references: u32 })

/** A neighbour message. */
export const neighbourKind = messageKind(
  neighbourHeader,
  attributes({
    destination: attribute(1, ip),
    lladdr: attribute(2, mac),
    cacheInfo: attribute(3, cacheInfo),
    probes: attribute(4, u32),
    vlan: attribute(5, u16),
    port: attribute(6, be16),
    vni: attribute(7, u32),
    /** Index of the interface that a vxlan sends through to this destination. */
    via: attribute(8, u32),
    master: attribute(9, u32),
    linkNetnsid: attribute(10, s32),
    sourceVni: attribute(11, u32),
    protocol: attribute(12, u8),
    nexthopId: attribute(13, u32),
    forwardingAttributes: unmarked(
      14,
      attributes({ activityNotify: attribute(1, u8), dontRefresh: attribute(2, flag) }),
    ),
    extendedFlags: attribute(15, u32),
    stateMask: attribute(16, u16),
    flagsMask: attribute(17, u8),
  }),
)
/**
 * A neighbour of the families AF_INET and AF_INET6: `destination` is its IP address. Of the family AF_BRIDGE a forwarding
 * entry: frames to `lladdr` leave through the port `index`; where that is a vxlan, towards the VTEP `destination`.
 */
export type Neighbour = MessageOf<typeof neighbourKind>

/** States of a neighbour, as bits (NUD_*); none of them is 0. */
export const NeighbourState = {
  incomplete: 0x01,
  reachable: 0x02,
  stale: 0x04,
  delay: 0x08,
  probe: 0x10,
  failed: 0x20,
  noArp: 0x40,
  permanent: 0x80,
} as const

/** Flags of a neighbour (NTF_*). */
export const NeighbourFlag = {
  use: 0x01,
  self: 0x02,
  master: 0x04,
  proxy: 0x08,
  externallyLearned: 0x10,
  offloaded: 0x20,
  sticky: 0x40,
  router: 0x80,
} as const

/** Which neighbours to list. */
export interface ListNeighboursOptions {
  /** AF_INET (2) or AF_INET6 (10); both when left out. */
  readonly family?: number
  /** Only of the interface with this index. */
  readonly index?: number
  /** Proxy entries instead of real ones: the kernel keeps them in a table of its own. */
  readonly proxies?: boolean
}

/** Neighbours of the socket's namespace. */
export function listNeighbours(socket: NetlinkSocket, options: ListNeighboursOptions = {}): Neighbour[] {
  const { proxies = false, ...restrictions } = options
  return socket.dump(Object.keys(restrictions).length === 0 ? allNeighbours(proxies) : neighboursQuery(options))
}

const allNeighbours = wholeTable((proxies: boolean) => neighboursQuery({ proxies }))

function neighboursQuery(options: ListNeighboursOptions): Query<Neighbour, Neighbour> {
  return {
    operation: 'RTM_GETNEIGH',
    type: RouteMessage.getNeighbour,
    kind: neighbourKind,
    body: {
      family: options.family ?? AddressFamily.unspecified,
      flags: options.proxies === true ? NeighbourFlag.proxy : 0,
      ...(options.index === undefined ? {} : { via: options.index }),
    },
    reply: neighbourKind,
  }
}

/** Which forwarding entries to list. */
export interface ListForwardingOptions {
  /** Only entries of the port, or vxlan, with this index. */
  readonly index?: number
  /** Only entries of the bridge with this index. */
  readonly bridge?: number
}

/** Forwarding entries of all bridges and vxlans of the socket's namespace. */
export function listForwarding(socket: NetlinkSocket, options: ListForwardingOptions = {}): Neighbour[] {
  return socket.dump({
    operation: 'RTM_GETNEIGH AF_BRIDGE',
    type: RouteMessage.getNeighbour,
    kind: neighbourKind,
    body: {
      family: AddressFamily.bridge,
      index: options.index ?? 0,
      ...(options.bridge === undefined ? {} : { master: options.bridge }),
    },
    reply: neighbourKind,
  })
}

/** How an entry is to be added. */
export type NeighbourMode = 'create' | 'replace' | 'append'

const MODE_FLAGS = {
  create: NLM_F_CREATE | NLM_F_EXCL,
  replace: NLM_F_CREATE | NLM_F_REPLACE,
  append: NLM_F_CREATE | NLM_F_APPEND,
} as const

/**
 * A request that adds a neighbour. Its family follows from `destination`, unless it is given; its state is permanent unless
 * given. `create` fails with EEXIST when there is one.
 */
export function newNeighbourRequest(entry: Partial<Neighbour>, mode: NeighbourMode = 'create'): Request<Neighbour> {
  return {
    operation: `RTM_NEWNEIGH ${entry.destination ?? ''}`.trimEnd(),
    type: RouteMessage.newNeighbour,
    flags: MODE_FLAGS[mode],
    kind: neighbourKind,
    body: { state: NeighbourState.permanent, ...withFamily(entry) },
  }
}

/** A request that deletes a neighbour. */
export function deleteNeighbourRequest(entry: Partial<Neighbour>): Request<Neighbour> {
  return {
    operation: `RTM_DELNEIGH ${entry.destination ?? ''}`.trimEnd(),
    type: RouteMessage.deleteNeighbour,
    kind: neighbourKind,
    body: withFamily(entry),
  }
}

/**
 * A request that adds a forwarding entry for `lladdr` behind the port `index`. `flags` says in whose table: `master` in that
 * of the port's bridge, `self` (the default) in that of the device, which is where a vxlan keeps its VTEPs. `append` adds one
 * more VTEP to an all-zero address.
 */
export function newForwardingRequest(entry: Partial<Neighbour>, mode: NeighbourMode = 'create'): Request<Neighbour> {
  return {
    operation: `RTM_NEWNEIGH ${entry.lladdr ?? ''}`.trimEnd(),
    type: RouteMessage.newNeighbour,
    flags: MODE_FLAGS[mode],
    kind: neighbourKind,
    body: { state: NeighbourState.permanent, flags: NeighbourFlag.self, ...entry, family: AddressFamily.bridge },
  }
}

/** A request that deletes a forwarding entry; `flags` as in `newForwardingRequest`. */
export function deleteForwardingRequest(entry: Partial<Neighbour>): Request<Neighbour> {
  return {
    operation: `RTM_DELNEIGH ${entry.lladdr ?? ''}`.trimEnd(),
    type: RouteMessage.deleteNeighbour,
    kind: neighbourKind,
    body: { flags: NeighbourFlag.self, ...entry, family: AddressFamily.bridge },
  }
}

function withFamily(entry: Partial<Neighbour>): Partial<Neighbour> {
  return entry.destination === undefined ? entry : { family: familyOf(entry.destination), ...entry }
}
