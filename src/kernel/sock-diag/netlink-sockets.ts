/** Netlink sockets of a namespace: who talks to the kernel about the network, and who listens (linux/netlink_diag.h). */
import { AF_NETLINK } from '../constants.ts'
import { attribute, attributes } from '../netlink/attributes.ts'
import { messageKind } from '../netlink/message.ts'
import type { NetlinkSocket } from '../netlink/socket.ts'
import { pad, raw, struct, u8, u32 } from '../netlink/value.ts'
import { cookie, dumpSockets } from './diag-dump.ts'

/** `struct netlink_diag_req`. */
export const netlinkRequest = messageKind(
  struct({ family: u8, protocol: u8, padding: pad(2), inode: u32, show: u32, cookie }),
  attributes({}),
)

/** `struct netlink_diag_msg` and the attributes behind it. */
export const netlinkMessage = messageKind(
  struct({
    family: u8,
    type: u8,
    protocol: u8,
    state: u8,
    port: u32,
    remotePort: u32,
    remoteGroup: u32,
    inode: u32,
    cookie,
  }),
  attributes({ groups: attribute(1, raw) }),
)

/** One netlink socket, of whatever process. */
export interface NetlinkSocketEntry {
  /** Netlink family number (linux/netlink.h): 0 route, 4 sock_diag, 12 netfilter, 16 generic … */
  readonly protocol: number
  /** Its address; usually the number of its process, 0 for the kernel's own. */
  readonly port: number
  /** Address it is connected to. */
  readonly remotePort: number
  /** Numbers of the multicast groups that it listens to. */
  readonly groups: readonly number[]
  readonly inode: number
  readonly cookie: bigint
}

/** NDIAG_PROTO_ALL */
const EVERY_PROTOCOL = 0xff
/** NDIAG_SHOW_GROUPS */
const SHOW = 0x2

/** Netlink sockets of the namespace of `socket` (of `NetlinkProtocol.sockDiag`); none when this kernel cannot tell. */
export function listNetlinkSockets(socket: NetlinkSocket): NetlinkSocketEntry[] {
  return dumpSockets(socket, {
    kind: netlinkRequest,
    body: { family: AF_NETLINK, protocol: EVERY_PROTOCOL, show: SHOW },
    reply: netlinkMessage,
  }).map((row) => ({
    protocol: row.protocol,
    port: row.port,
    remotePort: row.remotePort,
    groups: row.groups === undefined ? [] : groupNumbers(row.groups),
    inode: row.inode,
    cookie: row.cookie,
  }))
}

/** Group numbers of a bit map whose lowest bit is group 1; the kernel gives it in words of the host's order. */
function groupNumbers(bytes: Buffer): number[] {
  const groups: number[] = []
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const word = u32.read(bytes, at, 4)
    for (let bit = 0; bit < 32; bit++) if ((word & (1 << bit)) !== 0) groups.push(at * 8 + bit + 1)
  }
  return groups
}
