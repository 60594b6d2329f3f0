/** Vlans of bridge ports one by one, with their state: RTM_GETVLAN and its events (linux/if_bridge.h, Linux 5.6). */
import { attribute, attributes, many } from '../netlink/attributes.ts'
import { type MessageOf, messageKind } from '../netlink/message.ts'
import type { NetlinkSocket } from '../netlink/socket.ts'
import { pad, raw, s32, struct, u8, u16 } from '../netlink/value.ts'
import { vlanInfo } from './bridge-vlan.ts'
import { RouteMessage } from './message-type.ts'
import { AddressFamily } from './prefix.ts'
import { word } from './word.ts'

/** A vlan message: struct br_vlan_msg and BRIDGE_VLANDB_*. Options of the whole bridge are kept as bytes. */
export const portVlanKind = messageKind(
  struct({ family: u8, padding: pad(3), index: s32 }),
  attributes({
    entries: many(
      1,
      attributes({
        info: attribute(1, vlanInfo),
        /** Last vlan, when the entry stands for several. */
        last: attribute(2, u16),
        state: attribute(3, word(u8, ['disabled', 'listening', 'learning', 'forwarding', 'blocking'])),
        tunnel: attribute(4, raw),
        statistics: attribute(5, raw),
        multicastRouter: attribute(6, u8),
        neighbourSuppress: attribute(9, u8),
      }),
    ),
    globalOptions: many(2, raw),
  }),
)
/** Vlans of the port, or bridge, `index`. */
export type PortVlan = MessageOf<typeof portVlanKind>

/** Vlans of every bridge port that filters by vlan. */
export function listPortVlans(socket: NetlinkSocket): PortVlan[] {
  return socket.dump({
    operation: 'RTM_GETVLAN',
    type: RouteMessage.getVlan,
    kind: portVlanKind,
    body: { family: AddressFamily.bridge },
    reply: portVlanKind,
  })
}
