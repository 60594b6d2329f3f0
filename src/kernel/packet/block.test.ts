import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { writeS32, writeU16, writeU32 } from '../netlink/byte-order.ts'
import { BLOCK_STATUS, TP_STATUS_USER, walkBlock } from './block.ts'
import type { CapturedPacket } from './captured-packet.ts'

const SIZE = 4096
const HEADERS = 96

interface Frame {
  readonly content: string
  readonly seconds: number
  readonly status?: number
}

/** A block as the kernel would fill it: descriptor, then packets whose data stands 96 bytes behind their header. */
function block(frames: readonly Frame[]): Buffer {
  const bytes = Buffer.alloc(SIZE)
  writeU32(bytes, TP_STATUS_USER, BLOCK_STATUS)
  writeU32(bytes, frames.length, 12)
  writeU32(bytes, 48, 16)
  let at = 48
  frames.forEach(({ content, seconds, status }, i) => {
    const distance = (HEADERS + content.length + 15) & ~15
    writeU32(bytes, i === frames.length - 1 ? 0 : distance, at)
    writeU32(bytes, seconds, at + 4)
    writeU32(bytes, 7, at + 8)
    writeU32(bytes, content.length, at + 12)
    writeU32(bytes, content.length + 1000, at + 16)
    writeU32(bytes, status ?? 0, at + 20)
    writeU16(bytes, HEADERS, at + 24)
    writeU32(bytes, 0x2064, at + 32)
    writeU16(bytes, 0x88a8, at + 36)
    writeS32(bytes, 3, at + 52)
    bytes[at + 58] = 4
    bytes.write(content, at + HEADERS)
    at += distance
  })
  return bytes
}

function walk(bytes: Buffer, start = 0, size = SIZE): CapturedPacket[] {
  const packets: CapturedPacket[] = []
  walkBlock(bytes, start, size, (packet) => packets.push(packet))
  return packets
}

describe('a block of the capture ring', () => {
  test('gives its packets in order, with what the kernel says of each', () => {
    const packets = walk(
      block([
        { content: 'first', seconds: 1 },
        { content: '', seconds: 2 },
      ]),
    )
    expect(packets.map((packet) => packet.bytes.toString())).toEqual(['first', ''])
    expect(packets[0]).toMatchObject({
      seconds: 1,
      nanoseconds: 7,
      originalLength: 1005,
      interfaceIndex: 3,
      direction: 'outgoing',
      vlan: undefined,
    })
  })

  test('tells the VLAN tag, whose protocol is 802.1Q where the kernel does not say', () => {
    const [customer, service] = walk(
      block([
        { content: 'a', seconds: 1, status: 1 << 4 },
        { content: 'b', seconds: 1, status: (1 << 4) | (1 << 6) },
      ]),
    )
    expect(customer?.vlan).toEqual({ protocol: 0x8100, tci: 0x2064 })
    expect(service?.vlan).toEqual({ protocol: 0x88a8, tci: 0x2064 })
  })

  test('is read where it stands in the ring', () => {
    const ring = Buffer.concat([
      Buffer.alloc(SIZE, 0xff),
      block([{ content: 'here', seconds: 1 }]),
      Buffer.alloc(SIZE, 0xff),
    ])
    expect(walk(ring, SIZE).map((packet) => packet.bytes.toString())).toEqual(['here'])
  })

  test.each([
    ['a first packet outside', 16, SIZE],
    ['a first packet within the descriptor', 16, 8],
    ['a packet longer than the block', 48 + 12, SIZE],
    ['a length that wraps around', 48 + 12, 0xffffffff],
  ])('%s ends the walk', (_, at, value) => {
    const bytes = block([{ content: 'first', seconds: 1 }])
    writeU32(bytes, value, at)
    expect(walk(bytes)).toEqual([])
  })

  test.each([
    ['to itself', 0],
    ['into its own header', 16],
    ['out of the block', SIZE],
    ['around', 0xfffffff0],
  ])('a distance that leads %s ends the walk', (_, distance) => {
    const bytes = block([
      { content: 'first', seconds: 1 },
      { content: 'second', seconds: 2 },
    ])
    writeU32(bytes, distance, 48)
    writeU32(bytes, 0xffffffff, 12)
    expect(walk(bytes)).toHaveLength(1)
  })

  test('no bytes make it throw, loop, or read beyond the block', () => {
    const whole = block([
      { content: 'first', seconds: 1 },
      { content: 'second', seconds: 2 },
    ])
    const mutation = fc.tuple(fc.nat(SIZE - 1), fc.nat(255))
    fc.assert(
      fc.property(fc.array(mutation, { maxLength: 60 }), (mutations) => {
        const ring = Buffer.concat([whole, Buffer.alloc(SIZE)])
        for (const [at, value] of mutations) ring[at % 256] = value
        for (const { bytes } of walk(ring)) {
          expect(bytes.byteOffset - ring.byteOffset + bytes.length).toBeLessThanOrEqual(SIZE)
        }
      }),
    )
  })
})
