import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { writeS32, writeU16, writeU32 } from '../netlink/byte-order.ts'
import { TP_STATUS_USER, walkBlock } from './block.ts'
import { BlockCursor } from './block-cursor.ts'

const SIZE = 4096
const FRAME_AT = 82

/** A block as the kernel would fill it: a descriptor, then packets behind their headers. */
function block(contents: readonly string[]): Buffer {
  const bytes = Buffer.alloc(SIZE)
  writeU32(bytes, TP_STATUS_USER, 8)
  writeU32(bytes, contents.length, 12)
  writeU32(bytes, 48, 16)
  let at = 48
  contents.forEach((content, i) => {
    const distance = (FRAME_AT + content.length + 15) & ~15
    writeU32(bytes, i === contents.length - 1 ? 0 : distance, at)
    writeU32(bytes, 1_700_000_000 + i, at + 4)
    writeU32(bytes, 999_999_999 - i, at + 8)
    writeU32(bytes, content.length, at + 12)
    writeU32(bytes, content.length + 1000, at + 16)
    writeU32(bytes, i === 0 ? (1 << 4) | (1 << 6) | (1 << 3) : 0, at + 20)
    writeU16(bytes, FRAME_AT, at + 24)
    writeU32(bytes, 0x2064, at + 32)
    writeU16(bytes, 0x88a8, at + 36)
    writeS32(bytes, 3, at + 52)
    writeU16(bytes, 772, at + 56)
    bytes[at + 58] = 4
    bytes.write(content, at + FRAME_AT)
    at += distance
  })
  return bytes
}

/** What the cursor tells of each packet, as `walkBlock` would. */
function walked(bytes: Buffer, start = 0): unknown[] {
  const cursor = new BlockCursor(bytes)
  const seen: unknown[] = []
  cursor.begin(start, SIZE)
  while (cursor.next()) {
    seen.push({
      content: bytes.toString('latin1', cursor.start, cursor.start + cursor.length),
      originalLength: cursor.originalLength,
      seconds: cursor.seconds,
      nanoseconds: cursor.nanoseconds,
      interfaceIndex: cursor.interfaceIndex,
      vlan: cursor.vlanProtocol === 0 ? undefined : { protocol: cursor.vlanProtocol, tci: cursor.vlanTci },
    })
  }
  return seen
}

describe('a walk without objects', () => {
  test('tells what the walk with objects tells, wherever the block stands', () => {
    const ring = Buffer.concat([Buffer.alloc(SIZE, 0xff), block(['first', '', 'third']), Buffer.alloc(SIZE, 0xff)])
    const expected: unknown[] = []
    walkBlock(ring, SIZE, SIZE, ({ bytes, originalLength, seconds, nanoseconds, interfaceIndex, vlan }) =>
      expected.push({ content: bytes.toString(), originalLength, seconds, nanoseconds, interfaceIndex, vlan }),
    )
    expect(expected).toHaveLength(3)
    expect(walked(ring, SIZE)).toEqual(expected)
  })

  test('what it has gone past may be overwritten, and what is ahead of it stays', () => {
    const bytes = block(['first', 'second', 'third'])
    const cursor = new BlockCursor(bytes)
    const seen: string[] = []
    cursor.begin(0, SIZE)
    let end = 0
    while (cursor.next()) {
      // As a writer does: the tail of the last packet, and the head of this one.
      if (end > 0) bytes.fill(0xff, end, end + 19)
      bytes.fill(0xee, cursor.start - 32, cursor.start)
      seen.push(bytes.toString('latin1', cursor.start, cursor.start + cursor.length))
      end = cursor.start + cursor.length
    }
    expect(seen).toEqual(['first', 'second', 'third'])
  })

  test('no bytes make it loop, throw, or leave the block', () => {
    const whole = block(['first', 'second'])
    const mutation = fc.tuple(fc.nat(400), fc.nat(255))
    fc.assert(
      fc.property(fc.array(mutation, { maxLength: 60 }), (mutations) => {
        const ring = Buffer.concat([whole, Buffer.alloc(SIZE)])
        for (const [at, value] of mutations) ring[at] = value
        const cursor = new BlockCursor(ring)
        cursor.begin(0, SIZE)
        while (cursor.next()) {
          expect(cursor.start + cursor.length).toBeLessThanOrEqual(SIZE)
          expect(cursor.start).toBeGreaterThanOrEqual(48)
        }
      }),
    )
  })
})
