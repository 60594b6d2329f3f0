/** Pairs of addresses for many links, out of one prefix: /31 of IPv4 (RFC 3021), /127 of IPv6 (RFC 6164). */
import { isIPv4 } from 'node:net'
import { formatIPv4, formatIPv6, parseIp } from '../../kernel/index.ts'
import { isInterfaceAddress } from './addresses.ts'
import type { LabFile, Value } from './lab-file.ts'

/** The pairs; fewer, with a mistake, when the prefix is too small. Empty when no prefix is given. */
export function linkPrefixes(file: LabFile, value: Value, count: number): readonly (readonly [string, string])[] {
  const prefix = file.text(value, 'addresses of a shape')
  if (prefix === undefined) return []
  if (!isInterfaceAddress(prefix)) {
    file.mistake(value, `${prefix} is not a prefix to take addresses from, like 10.0.0.0/16`)
    return []
  }
  const [address = '', length = ''] = prefix.split('/')
  const bits = isIPv4(address) ? 32 : 128
  const room = bits - Number(length) - 1
  const capacity = room < 0 ? 0 : 2 ** room
  if (capacity < count) {
    file.mistake(value, `${prefix} holds ${capacity} links, and there are ${count}`)
    return []
  }
  const first = BigInt(`0x${parseIp(address).toString('hex')}`) & ~((1n << BigInt(bits - Number(length))) - 1n)
  const text = (number: bigint): string => {
    const bytes = Buffer.from(number.toString(16).padStart(bits / 4, '0'), 'hex')
    return `${bits === 32 ? formatIPv4(bytes, 0) : formatIPv6(bytes, 0)}/${bits - 1}`
  }
  return Array.from({ length: count }, (_, index) => {
    const base = first + 2n * BigInt(index)
    return [text(base), text(base + 1n)] as const
  })
}
