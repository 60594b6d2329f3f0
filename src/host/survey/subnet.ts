/** Subnets of addresses that are written with a prefix length, for both families. */
import { formatIPv4, formatIPv6, parseIp } from '../../kernel/index.ts'

/** The subnet that an address is in: 10.0.0.0/24 of `10.0.0.7/24`. What is no such thing is returned as it is. */
export function subnetOf(prefix: string): string {
  const slash = prefix.lastIndexOf('/')
  const bytes = bytesOf(prefix.slice(0, Math.max(slash, 0)))
  const length = Number(prefix.slice(slash + 1))
  if (bytes === undefined || !Number.isInteger(length) || length < 0 || length > bytes.length * 8) return prefix
  const masked = bytes.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, length - i * 8))))
  return `${bytes.length === 4 ? formatIPv4(masked, 0) : formatIPv6(masked, 0)}/${length}`
}

/**
 * True when `address` lies in the subnet of `prefix` (`10.0.0.7/24` means 10.0.0.0/24). Malformed input, other families and
 * prefixes of length 0 are never inside: a default route says nothing about a neighbour.
 */
export function isInside(address: string, prefix: string): boolean {
  const slash = prefix.lastIndexOf('/')
  const inner = bytesOf(address)
  const network = bytesOf(prefix.slice(0, Math.max(slash, 0)))
  const length = Number(prefix.slice(slash + 1))
  if (inner === undefined || network === undefined || inner.length !== network.length) return false
  if (!Number.isInteger(length) || length < 1 || length > inner.length * 8) return false
  const whole = length >> 3
  if (!inner.subarray(0, whole).equals(network.subarray(0, whole))) return false
  const rest = length & 7
  return rest === 0 || (inner[whole]! ^ network[whole]!) >> (8 - rest) === 0
}

function bytesOf(address: string): Buffer | undefined {
  try {
    return parseIp(address)
  } catch {
    return undefined
  }
}
