/** Networks of addresses. */
import { formatIPv4, formatIPv6, parseIp } from '../../kernel/index.ts'

/** An address with the network's part of a range from its first to its last address, and its own host's part. */
export function inNetwork(address: string, first: string, last: string): string {
  const [host, low, high] = [parseIp(address), parseIp(first), parseIp(last)]
  const bytes = low.map((byte, i) => byte | (host[i]! & (byte ^ high[i]!)))
  return bytes.length === 4 ? formatIPv4(bytes, 0) : formatIPv6(bytes, 0)
}

/** Whether an address is in a network, for many addresses. @param network `10.0.0.0/8`, or with a mask in dotted form */
export function networkTest(network: string): (address: string) => boolean {
  const [base = '', suffix] = network.split('/')
  const bytes = parseIp(base)
  const mask = maskOf(suffix, bytes.length)
  return (address) => {
    const other = parseIp(address)
    return other.length === bytes.length && other.every((byte, i) => (byte & mask[i]!) === (bytes[i]! & mask[i]!))
  }
}

function maskOf(suffix: string | undefined, length: number): Uint8Array {
  if (suffix?.includes('.') === true || suffix?.includes(':') === true) return parseIp(suffix)
  const prefix = suffix === undefined ? length * 8 : Number(suffix)
  return Uint8Array.from({ length }, (_, i) => (0xff00 >> Math.min(8, Math.max(0, prefix - i * 8))) & 0xff)
}

/** Whether an address lies between two, both included; for many addresses. */
export function rangeTest(first: string, last: string): (address: string) => boolean {
  const [low, high] = [parseIp(first), parseIp(last)]
  return (address) => {
    const bytes = parseIp(address)
    return bytes.length === low.length && Buffer.compare(bytes, low) >= 0 && Buffer.compare(bytes, high) <= 0
  }
}
