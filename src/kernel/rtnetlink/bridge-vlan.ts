/**
 * Bridge ports and their vlans as the bridge tells them: link messages of the family AF_BRIDGE, whose IFLA_PROTINFO and
 * IFLA_AF_SPEC mean something else than in other link messages (net/bridge/br_netlink.c, linux/if_bridge.h).
 */
import { attribute, attributes, many, unmarked } from '../netlink/attributes.ts'
import { type MessageOf, messageKind } from '../netlink/message.ts'
import type { NetlinkSocket, Request } from '../netlink/socket.ts'
import { raw, struct, u16, u32 } from '../netlink/value.ts'
import { linkFields } from './link-attributes.ts'
import { linkHeader } from './link-header.ts'
import { bridgePort } from './link-kinds/bridge-port.ts'
import { RouteMessage } from './message-type.ts'
import { AddressFamily } from './prefix.ts'

/** struct bridge_vlan_info. */
export const vlanInfo = struct({ flags: u16, vid: u16 })

/** Bits of a vlan entry (BRIDGE_VLAN_INFO_*). */
export const VlanFlag = { pvid: 0x2, untagged: 0x4, rangeBegin: 0x8, rangeEnd: 0x10, bridgeEntry: 0x20 } as const

const bridgeSettings = attributes({
  flags: attribute(0, u16),
  mode: attribute(1, u16),
  vlans: many(2, vlanInfo),
  tunnels: many(3, attributes({ id: attribute(1, u32), vid: attribute(2, u16), flags: attribute(3, u16) })),
  mrp: attribute(4, raw),
  cfm: attribute(5, raw),
  mst: attribute(6, raw),
})

const { name, address, mtu, link, master, operstate, extMask } = linkFields

/** A link message of the family AF_BRIDGE. */
export const bridgeLinkKind = messageKind(
  linkHeader,
  attributes({
    name,
    address,
    mtu,
    link,
    master,
    operstate,
    extMask,
    protinfo: attribute(12, bridgePort),
    afSpec: unmarked(26, bridgeSettings),
  }),
)
/** A bridge, or a port of the bridge `master`. */
export type BridgeLink = MessageOf<typeof bridgeLinkKind>

const RTEXT_FILTER_BRVLAN_COMPRESSED = 4
/** Whose vlans a request is about (IFLA_BRIDGE_FLAGS): those of the port, or of the bridge as an interface. */
const BRIDGE_FLAGS_SELF = 2

/** Bridges and bridge ports of the socket's namespace, with their vlans as ranges under `afSpec.vlans`. */
export function listBridgeLinks(socket: NetlinkSocket): BridgeLink[] {
  return socket.dump({
    operation: 'RTM_GETLINK AF_BRIDGE',
    type: RouteMessage.getLink,
    kind: bridgeLinkKind,
    body: { family: AddressFamily.bridge, extMask: RTEXT_FILTER_BRVLAN_COMPRESSED },
    reply: bridgeLinkKind,
  })
}

/** Vlans from `first` to `last`, both included, that a port is a member of. */
export interface VlanRange {
  readonly first: number
  readonly last: number
  /** Untagged frames that come in get this tag. */
  readonly pvid: boolean
  /** Frames go out without the tag. */
  readonly untagged: boolean
}

/** The vlans of a bridge port. */
export interface PortVlans {
  /** Index of the port, or of the bridge itself. */
  readonly index: number
  readonly name: string | undefined
  readonly ranges: readonly VlanRange[]
}

/** Vlans of every bridge port and bridge that filters by vlan. */
export function listBridgeVlans(socket: NetlinkSocket): PortVlans[] {
  const links = listBridgeLinks(socket).filter((port) => port.afSpec?.vlans !== undefined)
  return links.map((port) => ({ index: port.index, name: port.name, ranges: vlanRanges(port.afSpec?.vlans ?? []) }))
}

/** Joins the entries that begin and end a range; one without its partner stands for itself. */
export function vlanRanges(entries: readonly { readonly flags: number; readonly vid: number }[]): VlanRange[] {
  const ranges: VlanRange[] = []
  let first: number | undefined
  for (const { flags, vid } of entries) {
    if ((flags & VlanFlag.rangeBegin) !== 0) {
      first = vid
      continue
    }
    const from = (flags & VlanFlag.rangeEnd) !== 0 && first !== undefined ? first : vid
    ranges.push({
      first: from,
      last: vid,
      pvid: (flags & VlanFlag.pvid) !== 0,
      untagged: (flags & VlanFlag.untagged) !== 0,
    })
    first = undefined
  }
  return ranges
}

/** A vlan, or a range of them, of the port `index`. */
export interface VlanMembership {
  readonly index: number
  readonly vid: number
  /** Last vlan of a range. */
  readonly last?: number
  readonly pvid?: boolean
  readonly untagged?: boolean
  /** `index` is the bridge itself. */
  readonly self?: boolean
}

/** A request that makes a port a member of vlans. */
export function newVlanRequest(membership: VlanMembership): Request<BridgeLink> {
  return vlanRequest('RTM_SETLINK', RouteMessage.setLink, membership)
}

/** A request that ends a port's membership of vlans. */
export function deleteVlanRequest(membership: VlanMembership): Request<BridgeLink> {
  return vlanRequest('RTM_DELLINK', RouteMessage.deleteLink, membership)
}

function vlanRequest(name: string, type: number, membership: VlanMembership): Request<BridgeLink> {
  const { vid, last } = membership
  const flags = (membership.pvid === true ? VlanFlag.pvid : 0) | (membership.untagged === true ? VlanFlag.untagged : 0)
  const vlans =
    last === undefined || last === vid
      ? [{ flags, vid }]
      : [
          { flags: flags | VlanFlag.rangeBegin, vid },
          { flags: flags | VlanFlag.rangeEnd, vid: last },
        ]
  return {
    operation: `${name} vlan ${vid}`,
    type,
    kind: bridgeLinkKind,
    body: {
      family: AddressFamily.bridge,
      index: membership.index,
      afSpec: { ...(membership.self === true ? { flags: BRIDGE_FLAGS_SELF } : {}), vlans },
    },
  }
}
