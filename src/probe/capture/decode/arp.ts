/** Address resolution (RFC 826). */
import type { AddressText } from './address-text.ts'

/** An ARP message that stands from `at` up to `end`. */
export function decodeArp(text: AddressText, bytes: Uint8Array, at: number, end: number): string {
  if (end - at < 28) return 'ARP [cut short]'
  const operation = (bytes[at + 6]! << 8) | bytes[at + 7]!
  if (bytes[at + 4] !== 6 || bytes[at + 5] !== 4) return `ARP operation ${operation}`
  const sender = text.ipv4(bytes, at + 14)
  const target = text.ipv4(bytes, at + 24)
  if (operation === 1) {
    return sender === target ? `ARP announces ${sender}` : `ARP who has ${target}? tell ${sender}`
  }
  if (operation === 2) return `ARP ${sender} is at ${text.mac(bytes, at + 8)}`
  return `ARP operation ${operation} from ${sender} to ${target}`
}
