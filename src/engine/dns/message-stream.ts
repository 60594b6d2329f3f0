/** Messages in a stream of TCP: each has its length before it, 16 bits (RFC 1035 §4.2.2). */

/** A message with its length before it. */
export function withLength(message: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(2 + message.length)
  bytes.writeUInt16BE(message.length, 0)
  message.copy(bytes, 2)
  return bytes
}

/** Puts messages together from the pieces in which they arrive. Keeps no more than one unfinished message. */
export class MessageReader {
  #pieces: Buffer[] = []
  #held = 0

  /** True when a message has begun and not ended. */
  get unfinished(): boolean {
    return this.#held > 0
  }

  /** The messages that `bytes` completes, in order. */
  push(bytes: Buffer): Buffer[] {
    this.#pieces.push(bytes)
    this.#held += bytes.length
    // Only when a message is complete are its pieces joined, or a message that comes byte by byte would be copied as often.
    if (this.#held < 2 || this.#held < 2 + this.#expected()) return []
    const whole = this.#pieces.length === 1 ? bytes : Buffer.concat(this.#pieces)
    const messages: Buffer[] = []
    let at = 0
    while (whole.length - at >= 2 && whole.length - at >= 2 + whole.readUInt16BE(at)) {
      const end = at + 2 + whole.readUInt16BE(at)
      messages.push(whole.subarray(at + 2, end))
      at = end
    }
    this.#pieces = at === whole.length ? [] : [whole.subarray(at)]
    this.#held = whole.length - at
    return messages
  }

  /** Length of the message that is being read. */
  #expected(): number {
    const first = this.#pieces.find((piece) => piece.length > 0)!
    if (first.length >= 2) return first.readUInt16BE(0)
    const second = this.#pieces.find((piece) => piece !== first && piece.length > 0)!
    return (first[0]! << 8) | second[0]!
  }
}
