/**
 * Enhanced packet blocks around frames that stand in memory already: 28 bytes before, padding, flags and the length once more
 * behind. Written where the capture ring had its own headers, they make a file's block of what the kernel left there, without
 * a copy of the frame.
 */
import { Block, LITTLE, PacketOption } from './block-types.ts'

/** Bytes of a block in front of the frame. */
export const PACKET_HEAD = 28
/** Bytes behind the padded frame: flags, the end of the options, the block's length. */
export const PACKET_TAIL = 16
/** Bytes that the 802.1Q tag takes, between the addresses and the type. */
export const VLAN_TAG = 4

/** Directions and kinds of reception by sockaddr_ll.sll_pkttype, as epb_flags has them (bits 0–1 and 2–4). */
const FLAGS = [
  1 | (1 << 2), // to us
  1 | (3 << 2), // broadcast
  1 | (2 << 2), // multicast
  1 | (4 << 2), // to others: seen because the interface is promiscuous
  2, // outgoing
]

/** epb_flags of a packet type; 0 says nothing. */
export function directionFlags(packetType: number): number {
  return FLAGS[packetType] ?? 0
}

/** Bytes that a frame of `length` takes in a file. */
export function packetBlockLength(length: number): number {
  return PACKET_HEAD + ((length + 3) & ~3) + PACKET_TAIL
}

/**
 * Turns seconds and nanoseconds into the two words of a time stamp. Within one second only additions are needed, and packets
 * of one second come together.
 */
export class TimeStamps {
  /** The words of the time that was asked for last. */
  high = 0
  low = 0
  #second = -1
  #secondHigh = 0
  #secondLow = 0

  set(seconds: number, nanoseconds: number): void {
    if (seconds !== this.#second) {
      const time = BigInt(seconds) * 1_000_000_000n
      this.#second = seconds
      this.#secondHigh = Number(time >> 32n)
      this.#secondLow = Number(time & 0xffffffffn)
    }
    const low = this.#secondLow + nanoseconds
    this.low = low >>> 0
    this.high = low > 0xffffffff ? this.#secondHigh + 1 : this.#secondHigh
  }
}

/** Writes what stands before a frame that begins at `at + PACKET_HEAD`. */
export function writePacketHead(
  view: DataView,
  at: number,
  interfaceNumber: number,
  time: TimeStamps,
  length: number,
  originalLength: number,
): void {
  view.setUint32(at, Block.enhancedPacket, LITTLE)
  view.setUint32(at + 4, packetBlockLength(length), LITTLE)
  view.setUint32(at + 8, interfaceNumber, LITTLE)
  view.setUint32(at + 12, time.high, LITTLE)
  view.setUint32(at + 16, time.low, LITTLE)
  view.setUint32(at + 20, length, LITTLE)
  view.setUint32(at + 24, originalLength, LITTLE)
}

/** Writes what stands behind a frame that ends at `end`, beginning with its padding. */
export function writePacketTail(view: DataView, end: number, length: number, flags: number): void {
  const padding = -length & 3
  for (let i = 0; i < padding; i++) view.setUint8(end + i, 0)
  const at = end + padding
  view.setUint16(at, PacketOption.flags, LITTLE)
  view.setUint16(at + 2, 4, LITTLE)
  view.setUint32(at + 4, flags, LITTLE)
  view.setUint32(at + 8, 0, LITTLE)
  view.setUint32(at + 12, packetBlockLength(length), LITTLE)
}
