/** Addresses as text. The same few come again and again: they are kept. */
import { formatIPv6 } from '../../../kernel/index.ts'

/** Addresses that are kept; then all are forgotten, so that nobody fills our memory with made-up ones. */
const MOST_KEPT = 4096
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Writes addresses. */
export class AddressText {
  readonly #ipv4 = new Map<number, string>()
  readonly #mac = new Map<number, string>()

  /** `192.0.2.1` */
  ipv4(bytes: Uint8Array, at: number): string {
    const number = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
    const known = this.#ipv4.get(number)
    if (known !== undefined) return known
    if (this.#ipv4.size >= MOST_KEPT) this.#ipv4.clear()
    const text = `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`
    this.#ipv4.set(number, text)
    return text
  }

  /** `2001:db8::1`; the caller has made sure of 16 bytes. */
  ipv6(bytes: Uint8Array, at: number): string {
    return formatIPv6(bytes, at)
  }

  /** `02:42:ac:11:00:02` */
  mac(bytes: Uint8Array, at: number): string {
    const high = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!
    const number = high * 0x100_0000 + ((bytes[at + 3]! << 16) | (bytes[at + 4]! << 8) | bytes[at + 5]!)
    const known = this.#mac.get(number)
    if (known !== undefined) return known
    if (this.#mac.size >= MOST_KEPT) this.#mac.clear()
    let text = HEX[bytes[at]!]!
    for (let i = 1; i < 6; i++) text += `:${HEX[bytes[at + i]!]}`
    this.#mac.set(number, text)
    return text
  }
}
