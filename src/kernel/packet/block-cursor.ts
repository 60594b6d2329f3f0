/**
 * Walking a block of a capture ring without making an object of any packet: at a million packets a second that is what a
 * walk costs. `block.ts` says how a block lies in memory.
 */
import { littleEndian } from '../netlink/byte-order.ts'

const PACKET_COUNT = 12
const FIRST_PACKET = 16
const BLOCK_HEADER = 48
const PACKET_HEADER = 48
const LINK_ADDRESS = 20
const VLAN_VALID = 1 << 4
const VLAN_PROTOCOL_VALID = 1 << 6
const ETH_P_8021Q = 0x8100

/**
 * Bytes in front of every frame that the ring keeps for its own headers: whoever has advanced to a packet may overwrite so
 * many in front of it, since all of them have been read.
 */
export const HEADROOM = PACKET_HEADER + LINK_ADDRESS - 20
/** Bytes behind a packet that belong to the header of the next one, and may be overwritten once that was advanced to. */
export const TAILROOM = 24

/** Bits of `status` (linux/if_packet.h). */
export const PacketStatus = {
  /** The transport checksum is to be computed by the device that sends it. */
  checksumNotReady: 1 << 3,
  /** The device is to cut the packet into segments; Linux 5.19 and later tell. */
  segmentedLater: 1 << 8,
} as const

/** The packet that a walk has come to; every field is of that packet until the walk goes on. */
export class BlockCursor {
  /** The memory that is walked. */
  readonly view: DataView
  readonly bytes: Buffer
  /** Where the frame stands in `bytes`, and how much of it was kept. */
  start = 0
  length = 0
  /** Length on the wire. */
  originalLength = 0
  seconds = 0
  nanoseconds = 0
  interfaceIndex = 0
  /** sockaddr_ll.sll_pkttype: 0 to us, 1 broadcast, 2 multicast, 3 to others, 4 outgoing (packet(7)). */
  packetType = 0
  /** sockaddr_ll.sll_hatype: kind of the interface, ARPHRD_*. */
  hardwareType = 0
  /** Bits of PacketStatus. */
  status = 0
  /** VLAN tag that the kernel took out of the frame: protocol, 0 when there was none, and tag control information. */
  vlanProtocol = 0
  vlanTci = 0
  #end = 0
  #at = 0
  #distance = 0
  #left = 0

  /** @param bytes the ring's memory */
  constructor(bytes: Buffer) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  /** Begins with the block at `start`; `next` goes to its first packet. */
  begin(start: number, size: number): void {
    const first = this.view.getUint32(start + FIRST_PACKET, littleEndian)
    this.#end = start + size
    this.#at = start
    this.#distance = first
    this.#left = first < BLOCK_HEADER ? 0 : this.view.getUint32(start + PACKET_COUNT, littleEndian)
  }

  /** End of the block: what lies behind it belongs to the kernel. */
  get blockEnd(): number {
    return this.#end
  }

  /**
   * Goes to the next packet. Offsets that lead out of the block or backwards end the walk, as in `walkBlock`.
   * @returns false at the end
   */
  next(): boolean {
    if (this.#left === 0 || this.#distance < BLOCK_HEADER) return false
    const { view } = this
    const at = this.#at + this.#distance
    if (at + PACKET_HEADER + LINK_ADDRESS > this.#end) return false
    const start = at + view.getUint16(at + 24, littleEndian)
    const length = view.getUint32(at + 12, littleEndian)
    if (start + length > this.#end || start < at + PACKET_HEADER + LINK_ADDRESS) return false
    this.start = start
    this.length = length
    this.originalLength = view.getUint32(at + 16, littleEndian)
    this.seconds = view.getUint32(at + 4, littleEndian)
    this.nanoseconds = view.getUint32(at + 8, littleEndian)
    const status = view.getUint32(at + 20, littleEndian)
    this.status = status
    if ((status & VLAN_VALID) === 0) this.vlanProtocol = 0
    else {
      const told = (status & VLAN_PROTOCOL_VALID) !== 0
      this.vlanProtocol = told ? view.getUint16(at + 36, littleEndian) : ETH_P_8021Q
      this.vlanTci = view.getUint32(at + 32, littleEndian)
    }
    this.interfaceIndex = view.getInt32(at + 52, littleEndian)
    this.hardwareType = view.getUint16(at + 56, littleEndian)
    this.packetType = this.bytes[at + 58]!
    this.#distance = view.getUint32(at, littleEndian)
    this.#at = at
    this.#left--
    return true
  }
}
