/** A growing buffer that netlink messages are laid out in. */
import { writeU16 } from './byte-order.ts'

/** Set in an attribute's type when its value is itself a list of attributes (NLA_F_NESTED, linux/netlink.h). */
export const NLA_F_NESTED = 0x8000
/** The bits of an attribute's type that are not flags (NLA_TYPE_MASK). */
export const NLA_TYPE_MASK = 0x3fff

/** Appends to a buffer that grows by doubling. One writer lays out one request, or a batch of them. */
export class Writer {
  bytes: Buffer
  length = 0

  constructor(capacity = 512) {
    this.bytes = Buffer.alloc(capacity)
  }

  /** Makes room for `count` zero bytes and returns the offset of the first. */
  reserve(count: number): number {
    const start = this.length
    const end = start + count
    if (end > this.bytes.length) {
      const grown = Buffer.alloc(Math.max(end, this.bytes.length * 2))
      this.bytes.copy(grown, 0, 0, start)
      this.bytes = grown
    }
    this.length = end
    return start
  }

  /** Appends raw bytes. */
  append(bytes: Uint8Array): void {
    const start = this.reserve(bytes.length)
    this.bytes.set(bytes, start)
  }

  /** Pads with zeros to a multiple of four, as netlink aligns messages and attributes (NLMSG_ALIGN, NLA_ALIGN). */
  align(): void {
    const over = this.length & 3
    if (over !== 0) this.reserve(4 - over)
  }

  /**
   * Appends one attribute whose value `fill` writes. The length field excludes the padding behind the value (netlink(7)).
   * @throws RangeError when the value does not fit the 16-bit length field.
   */
  attribute(type: number, fill: () => void): void {
    const start = this.reserve(4)
    fill()
    const length = this.length - start
    if (length > 0xffff)
      throw new RangeError(`attribute ${type & NLA_TYPE_MASK} is ${length} bytes long, at most 65535 fit`)
    writeU16(this.bytes, length, start)
    writeU16(this.bytes, type, start + 2)
    this.align()
  }

  /** What was written so far, without copying. */
  written(): Buffer {
    return this.bytes.subarray(0, this.length)
  }
}
