/** Unix sockets of a namespace, as `ss -x` lists them (linux/unix_diag.h). */
import { AF_UNIX } from '../constants.ts'
import { attribute, attributes } from '../netlink/attributes.ts'
import { type MessageOf, messageKind } from '../netlink/message.ts'
import type { NetlinkSocket } from '../netlink/socket.ts'
import { pad, raw, repeat, struct, u8, u32 } from '../netlink/value.ts'
import { cookie, dumpSockets } from './diag-dump.ts'
import { EVERY_STATE, type SocketState, socketState } from './socket-state.ts'

/** `struct unix_diag_req`. */
export const unixRequest = messageKind(
  struct({ family: u8, protocol: u8, padding: pad(2), states: u32, inode: u32, show: u32, cookie }),
  attributes({}),
)

/** `struct unix_diag_msg` and the attributes behind it. */
export const unixMessage = messageKind(
  struct({ family: u8, type: u8, state: u8, padding: pad(1), inode: u32, cookie }),
  attributes({
    name: attribute(0, raw),
    file: attribute(1, struct({ inode: u32, device: u32 })),
    peer: attribute(2, u32),
    pending: attribute(3, repeat(u32)),
    queues: attribute(4, struct({ receive: u32, send: u32 })),
    shutdown: attribute(6, u8),
    uid: attribute(7, u32),
  }),
)

/** Type of a local socket. */
export type UnixSocketType = 'stream' | 'dgram' | 'seqpacket' | 'raw'

/** One unix socket. */
export interface UnixSocket {
  readonly type: UnixSocketType
  readonly state: SocketState
  readonly inode: number
  readonly cookie: bigint
  /** The path it is bound to, or `@name` in the abstract name space; undefined when it is not bound. */
  readonly name: string | undefined
  /** The socket file that it is bound to. A path may meanwhile lead to another file. */
  readonly file: { readonly inode: number; readonly device: number } | undefined
  /** Inode of the connected socket; 0 when that lives in another network namespace. */
  readonly peer: number | undefined
  /** Inodes of sockets that wait to be accepted. */
  readonly pending: readonly number[]
  /** Bytes not read yet; for a listener, connections not accepted yet. */
  readonly receiveQueue: number
  /** Bytes sent and not read by the peer; for a listener, the most connections that may wait. */
  readonly sendQueue: number
  readonly uid: number | undefined
}

const TYPES: Readonly<Record<number, UnixSocketType>> = { 1: 'stream', 2: 'dgram', 5: 'seqpacket' }
/** UDIAG_SHOW_NAME, VFS, PEER, ICONS, RQLEN, UID */
const SHOW = 0x1 | 0x2 | 0x4 | 0x8 | 0x10 | 0x40

/**
 * Unix sockets of the namespace that `socket` (of `NetlinkProtocol.sockDiag`) lives in. Names are as their owners chose
 * them: any bytes but the final NUL, so whoever shows one escapes it.
 */
export function listUnixSockets(socket: NetlinkSocket): UnixSocket[] {
  const rows = dumpSockets(socket, {
    kind: unixRequest,
    body: { family: AF_UNIX, states: EVERY_STATE, show: SHOW },
    reply: unixMessage,
  })
  return rows.map(unixSocket)
}

function unixSocket(row: MessageOf<typeof unixMessage>): UnixSocket {
  return {
    type: TYPES[row.type] ?? 'raw',
    state: socketState(row.state),
    inode: row.inode,
    cookie: row.cookie,
    name: row.name === undefined ? undefined : unixName(row.name),
    file: row.file,
    peer: row.peer,
    pending: row.pending ?? [],
    receiveQueue: row.queues?.receive ?? 0,
    sendQueue: row.queues?.send ?? 0,
    uid: row.uid,
  }
}

/**
 * A socket's name as people write it: abstract names begin with NUL and may hold more of them, and every one of these is
 * shown as `@`; paths end at their first NUL (unix(7)). NULs behind an abstract name are part of it for the kernel, but come
 * from programs that bind the whole of `sun_path` and are left out.
 */
export function unixName(bytes: Buffer): string | undefined {
  if (bytes.length === 0) return undefined
  if (bytes[0] === 0) return `@${bytes.toString('utf8', 1).replace(/\0+$/, '').replaceAll('\0', '@')}`
  const end = bytes.indexOf(0)
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end)
}
