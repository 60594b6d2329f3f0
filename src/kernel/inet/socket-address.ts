/** Internet addresses as the socket calls take them: struct sockaddr_in (ip(7)) and sockaddr_in6 (ipv6(7)). */
import { AF_INET, AF_INET6 } from '../constants.ts'
import { parseIp } from '../netlink/address-value.ts'
import { writeU16, writeU32 } from '../netlink/byte-order.ts'

/** Largest of the two. */
export const SOCKET_ADDRESS_BYTES = 28

/**
 * An address and port, laid out.
 * @param scope index of the interface that a link-local IPv6 address belongs to
 * @throws RangeError when `address` is not an IP address
 */
export function socketAddress(address: string, port: number, scope = 0): Buffer {
  const ip = parseIp(address)
  const v4 = ip.length === 4
  const bytes = Buffer.alloc(v4 ? 16 : SOCKET_ADDRESS_BYTES)
  writeU16(bytes, v4 ? AF_INET : AF_INET6, 0)
  bytes.writeUInt16BE(port, 2)
  bytes.set(ip, v4 ? 4 : 8)
  if (!v4) writeU32(bytes, scope, 24)
  return bytes
}
