/** The address that a namespace would send from, as the kernel chooses it. */
import { AF_INET } from '../constants.ts'
import { check } from '../errors.ts'
import * as libc from '../libc.ts'
import { formatIPv4, formatIPv6 } from '../netlink/address-value.ts'
import { readU16, writeU32 } from '../netlink/byte-order.ts'
import type { NamespaceHandle } from '../netns/enter.ts'
import { openClientSocket } from './inet-socket.ts'
import { SOCKET_ADDRESS_BYTES } from './socket-address.ts'

/** Any port does: connecting a UDP socket sends nothing (udp(7)). */
const DISCARD = 9

/**
 * The source address of packets to `destination` (`fe80::1%eth0` for a link-local one).
 * @throws KernelError ENETUNREACH, EHOSTUNREACH, EACCES when no route leads there, ENODEV
 * @throws RangeError when it is no IP address
 */
export function sourceToward(namespace: NamespaceHandle, destination: string): string {
  const fd = openClientSocket(namespace, { protocol: 'udp', address: destination, port: DISCARD })
  try {
    const name = Buffer.alloc(SOCKET_ADDRESS_BYTES)
    const length = Buffer.alloc(4)
    writeU32(length, name.length, 0)
    check(libc.getsockname(fd, name, length), 'read socket name')
    return readU16(name, 0) === AF_INET ? formatIPv4(name, 4) : formatIPv6(name, 8)
  } finally {
    libc.close(fd)
  }
}
