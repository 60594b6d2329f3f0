/** Time stamps of packets as the kernel takes them. */
import { AF_INET, SOCK_CLOEXEC, SOCK_DGRAM, SOL_SOCKET } from '../constants.ts'
import * as libc from '../libc.ts'
import { setOption } from '../netlink/channel.ts'

const SO_TIMESTAMPNS = 35

/**
 * Has the kernel stamp every packet of the machine when it is received or sent, until this is closed. It does so only while
 * somebody wants it, and begins a moment after the first one says so (net_enable_timestamp works by a work queue); packets
 * before that carry the time at which they are read instead. Whoever compares stamps opens this well before.
 */
export function keepTimeStamps(): Disposable {
  const fd = libc.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)
  if (fd >= 0) setOption(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1)
  let open = fd >= 0
  return {
    [Symbol.dispose]() {
      if (open) libc.close(fd)
      open = false
    },
  }
}
