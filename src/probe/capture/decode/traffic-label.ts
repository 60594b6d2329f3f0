/**
 * The label of traffic that Netwright itself makes (`probe traffic`), at the beginning of its payload: a magic number, the
 * number of the message, when it was sent, and a name, so that it is recognised wherever it passes.
 *
 *   0  "NWTraffc"        8 bytes
 *   8  sequence number   32 bits
 *  12  length of label   8 bits, then 3 bytes of nothing
 *  16  sent at           two times 32 bits, seconds and nanoseconds of CLOCK_MONOTONIC
 *  24  label             ASCII
 */

/** Bytes in front of the label. */
export const LABEL_HEAD = 24
/** Longest label, in bytes. */
export const LONGEST_LABEL = 32

const MAGIC = Buffer.from('NWTraffc', 'latin1')

/** Writes the head and the label; `bytes` has room for `LABEL_HEAD + LONGEST_LABEL`. */
export function writeTrafficLabel(bytes: Buffer, at: number, label: string): void {
  MAGIC.copy(bytes, at)
  const text = Buffer.from(label, 'latin1').subarray(0, LONGEST_LABEL)
  bytes[at + 12] = text.length
  text.copy(bytes, at + LABEL_HEAD)
}

/** ` (traffic LABEL #N)` when the payload is of `probe traffic`, nothing else. */
export function trafficLabel(bytes: Uint8Array, at: number, end: number): string {
  if (bytes[at] !== MAGIC[0] || bytes[at + 1] !== MAGIC[1] || end - at < LABEL_HEAD) return ''
  for (let i = 2; i < 8; i++) if (bytes[at + i] !== MAGIC[i]) return ''
  const number = ((bytes[at + 8]! << 24) | (bytes[at + 9]! << 16) | (bytes[at + 10]! << 8) | bytes[at + 11]!) >>> 0
  const length = bytes[at + 12]!
  if (length > LONGEST_LABEL || at + LABEL_HEAD + length > end) return ''
  let label = ''
  for (let i = at + LABEL_HEAD; i < at + LABEL_HEAD + length; i++) {
    const byte = bytes[i]!
    label += byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '?'
  }
  return ` (traffic ${label} #${number})`
}
