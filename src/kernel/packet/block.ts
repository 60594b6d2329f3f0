/**
 * The packets of one block of a TPACKET_V3 ring: a descriptor, then packets, each with the distance to the next
 * (linux/if_packet.h, struct tpacket_block_desc and tpacket3_hdr). Integers are in host order.
 */
import { readS32, readU16, readU32 } from '../netlink/byte-order.ts'
import { type CapturedPacket, packetDirection } from './captured-packet.ts'

/** Offset of `block_status` within a block, which says whose it is. */
export const BLOCK_STATUS = 8
/** The block is ours to read; without this bit it is the kernel's. */
export const TP_STATUS_USER = 1
/** The kernel may write into the block. */
export const TP_STATUS_KERNEL = 0

const PACKET_COUNT = 12
const FIRST_PACKET = 16
const BLOCK_HEADER = 48
/** A tpacket3_hdr, and behind it a sockaddr_ll. */
const PACKET_HEADER = 48
const LINK_ADDRESS = 20
const VLAN_VALID = 1 << 4
const VLAN_PROTOCOL_VALID = 1 << 6
const ETH_P_8021Q = 0x8100

/**
 * Calls `visit` with each packet of the block at `start`. Offsets that lead out of the block or backwards end the walk: the
 * ring is shared memory, and a kernel that miscounts must not make us read elsewhere.
 * @returns how many packets were visited
 */
export function walkBlock(ring: Buffer, start: number, size: number, visit: (packet: CapturedPacket) => void): number {
  const end = start + size
  const count = readU32(ring, start + PACKET_COUNT)
  const first = readU32(ring, start + FIRST_PACKET)
  if (first < BLOCK_HEADER) return 0
  let at = start + first
  for (let visited = 0; ; ) {
    if (visited === count || at + PACKET_HEADER + LINK_ADDRESS > end) return visited
    const packet = readPacket(ring, at, end)
    if (packet === undefined) return visited
    visit(packet)
    visited++
    const distance = readU32(ring, at)
    if (distance < PACKET_HEADER + LINK_ADDRESS) return visited
    at += distance
  }
}

function readPacket(ring: Buffer, at: number, end: number): CapturedPacket | undefined {
  const start = at + readU16(ring, at + 24)
  const length = readU32(ring, at + 12)
  if (start + length > end) return undefined
  const address = at + PACKET_HEADER
  return {
    bytes: ring.subarray(start, start + length),
    originalLength: readU32(ring, at + 16),
    seconds: readU32(ring, at + 4),
    nanoseconds: readU32(ring, at + 8),
    interfaceIndex: readS32(ring, address + 4),
    direction: packetDirection(ring[address + 10]!),
    vlan: readVlan(ring, at),
  }
}

function readVlan(ring: Buffer, at: number): CapturedPacket['vlan'] {
  const status = readU32(ring, at + 20)
  if ((status & VLAN_VALID) === 0) return undefined
  const protocol = (status & VLAN_PROTOCOL_VALID) === 0 ? ETH_P_8021Q : readU16(ring, at + 36)
  return { protocol, tci: readU32(ring, at + 32) }
}
