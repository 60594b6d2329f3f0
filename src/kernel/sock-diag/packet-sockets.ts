/** Packet sockets of a namespace: who captures or sends frames by hand (linux/packet_diag.h). */
import { AF_PACKET } from '../constants.ts'
import { attribute, attributes } from '../netlink/attributes.ts'
import { type MessageOf, messageKind } from '../netlink/message.ts'
import type { NetlinkSocket } from '../netlink/socket.ts'
import { pad, struct, u8, u16, u32 } from '../netlink/value.ts'
import { cookie, dumpSockets } from './diag-dump.ts'

/** `struct packet_diag_req`. */
export const packetRequest = messageKind(
  struct({ family: u8, protocol: u8, padding: pad(2), inode: u32, show: u32, cookie }),
  attributes({}),
)

/** `struct packet_diag_msg` and the attributes behind it. */
export const packetMessage = messageKind(
  struct({ family: u8, type: u8, protocol: u16, inode: u32, cookie }),
  attributes({
    info: attribute(
      0,
      struct({ interface: u32, version: u32, reserve: u32, threshold: u32, timestamp: u32, flags: u32 }),
    ),
    fanout: attribute(4, u32),
    uid: attribute(5, u32),
  }),
)

/** One packet socket. */
export interface PacketSocket {
  /** `raw` sees whole frames, `dgram` only what is behind the link-layer header. */
  readonly type: 'raw' | 'dgram' | 'other'
  /** Ethernet protocol that it receives: 3 (ETH_P_ALL) is every one, 0 none. */
  readonly protocol: number
  /** Index of the interface that it is bound to; 0 for all. */
  readonly interface: number
  readonly inode: number
  readonly cookie: bigint
  readonly uid: number | undefined
}

/** PACKET_SHOW_INFO */
const SHOW = 0x1
const TYPES: Readonly<Record<number, PacketSocket['type']>> = { 2: 'dgram', 3: 'raw' }

/** Packet sockets of the namespace of `socket` (of `NetlinkProtocol.sockDiag`); none when this kernel cannot tell. */
export function listPacketSockets(socket: NetlinkSocket): PacketSocket[] {
  return dumpSockets(socket, {
    kind: packetRequest,
    body: { family: AF_PACKET, show: SHOW },
    reply: packetMessage,
  }).map(packetSocket)
}

function packetSocket(row: MessageOf<typeof packetMessage>): PacketSocket {
  return {
    type: TYPES[row.type] ?? 'other',
    protocol: row.protocol,
    interface: row.info?.interface ?? 0,
    inode: row.inode,
    cookie: row.cookie,
    uid: row.uid,
  }
}
