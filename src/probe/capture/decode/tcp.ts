/** TCP segments (RFC 9293) as text: flags, numbers that count from the first one seen, window, options of the handshake. */
import { trafficLabel } from './traffic-label.ts'

/** Directions whose first sequence number is remembered; then all are forgotten. */
const MOST_KEPT = 65_536
const FIN = 1
const SYN = 2
const RST = 4
const PSH = 8
const ACK = 16
const URG = 32

const FLAG_TEXT = Array.from({ length: 256 }, (_, flags) => flagText(flags))

function flagText(flags: number): string {
  const names = [
    ...((flags & SYN) !== 0 ? ['SYN'] : []),
    ...((flags & FIN) !== 0 ? ['FIN'] : []),
    ...((flags & RST) !== 0 ? ['RST'] : []),
    ...((flags & PSH) !== 0 ? ['PSH'] : []),
    ...((flags & URG) !== 0 ? ['URG'] : []),
    ...((flags & ACK) !== 0 ? ['ACK'] : []),
    ...((flags & 64) !== 0 ? ['ECE'] : []),
    ...((flags & 128) !== 0 ? ['CWR'] : []),
  ]
  return names.length === 0 ? '[]' : `[${names.join(' ')}]`
}

/** Writes segments, remembering where each direction began. */
export class TcpText {
  /** By source address and port, then by destination: numbers for IPv4, text for IPv6. */
  readonly #first = new Map<number | string, Map<number | string, number>>()
  #kept = 0

  /** A segment from `at` up to `end`, of `wire` bytes with its header. The addresses stand at `addresses`. */
  line(
    bytes: Uint8Array,
    at: number,
    end: number,
    source: string,
    destination: string,
    wire: number,
    addresses: number,
    addressBytes: number,
  ): string {
    if (end - at < 20) return `${source} > ${destination} TCP [cut short]`
    const from = (bytes[at]! << 8) | bytes[at + 1]!
    const to = (bytes[at + 2]! << 8) | bytes[at + 3]!
    const sequence = u32(bytes, at + 4)
    const acknowledged = u32(bytes, at + 8)
    const header = (bytes[at + 12]! >> 4) * 4
    const flags = bytes[at + 13]!
    const window = (bytes[at + 14]! << 8) | bytes[at + 15]!
    const length = wire - header
    const v4 = addressBytes === 4
    const here = v4 ? key(bytes, addresses, from) : `${source} ${from}`
    const there = v4 ? key(bytes, addresses + 4, to) : `${destination} ${to}`
    const base = this.#base(here, there, sequence, (flags & SYN) !== 0)
    const route = v4 ? `${source}:${from} > ${destination}:${to}` : `[${source}]:${from} > [${destination}]:${to}`
    let text = `${route} TCP ${FLAG_TEXT[flags]} seq ${(sequence - base) >>> 0}`
    if ((flags & ACK) !== 0) {
      const other = this.#first.get(there)?.get(here)
      text += ` ack ${other === undefined ? acknowledged : (acknowledged - other) >>> 0}`
    }
    text += ` win ${window} len ${length < 0 ? 0 : length}`
    if ((flags & SYN) !== 0) text += optionText(bytes, at + 20, Math.min(end, at + header))
    return length > 0 ? text + trafficLabel(bytes, at + header, end) : text
  }

  #base(here: number | string, there: number | string, sequence: number, begins: boolean): number {
    let directions = this.#first.get(here)
    const known = directions?.get(there)
    if (known !== undefined && !begins) return known
    if (known === undefined) {
      if (this.#kept >= MOST_KEPT) {
        this.#first.clear()
        this.#kept = 0
        directions = undefined
      }
      this.#kept++
    }
    if (directions === undefined) {
      directions = new Map()
      this.#first.set(here, directions)
    }
    directions.set(there, sequence)
    return sequence
  }
}

/** Address and port as one number, exact: 48 bits. */
function key(bytes: Uint8Array, at: number, port: number): number {
  return u32(bytes, at) * 65_536 + port
}

function optionText(bytes: Uint8Array, from: number, end: number): string {
  let text = ''
  let at = from
  while (at < end) {
    const kind = bytes[at]!
    if (kind === 0) break
    if (kind === 1) {
      at++
      continue
    }
    const length = bytes[at + 1] ?? 0
    if (length < 2 || at + length > end) break
    if (kind === 2 && length === 4) text += ` mss ${(bytes[at + 2]! << 8) | bytes[at + 3]!}`
    else if (kind === 3 && length === 3) text += ` wscale ${bytes[at + 2]}`
    else if (kind === 4) text += ' sack'
    at += length
  }
  return text
}

function u32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}
