/** How every family of sockets is listed (sock_diag(7)): one request type, whose body begins with the family. */
import { hasCode } from '../errors.ts'
import type { MessageKind } from '../netlink/message.ts'
import type { NetlinkSocket } from '../netlink/socket.ts'
import { type FixedValue, u32 } from '../netlink/value.ts'

/** The one message type of sock_diag requests and answers (linux/sock_diag.h). */
const SOCK_DIAG_BY_FAMILY = 20

/** Which sockets, and how their answers read. */
export interface DiagDump<T, R> {
  readonly kind: MessageKind<T>
  readonly body: Partial<T>
  readonly reply: MessageKind<R>
}

/**
 * All sockets of one family in the namespace of `socket` (a NetlinkSocket of `NetlinkProtocol.sockDiag`).
 * A kernel built without the family answers ENOENT: it cannot tell of its sockets, and the list is empty.
 */
export function dumpSockets<T, R>(socket: NetlinkSocket, dump: DiagDump<T, R>): R[] {
  try {
    return socket.dump({
      operation: 'SOCK_DIAG_BY_FAMILY',
      type: SOCK_DIAG_BY_FAMILY,
      ...dump,
      tolerateInterruption: true,
    })
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'EPROTONOSUPPORT', 'EOPNOTSUPP')) return []
    throw error
  }
}

/** A socket's cookie: two words, the lower one first whatever the host's byte order (net/core/sock_diag.c). */
export const cookie: FixedValue<bigint> = {
  fixed: true,
  minimum: 8,
  read: (bytes, offset) => BigInt(u32.read(bytes, offset, 4)) | (BigInt(u32.read(bytes, offset + 4, 4)) << 32n),
  write(writer, value) {
    u32.write(writer, Number(value & 0xffffffffn))
    u32.write(writer, Number(value >> 32n))
  },
}
