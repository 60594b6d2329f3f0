import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { annotatedBytes, decoded, encoded } from './annotated-bytes.ts'
import { attribute, attributes } from './attributes.ts'
import { littleEndian } from './byte-order.ts'
import { eachMessage, messageKind, project, writeMessage } from './message.ts'
import { string, struct, u16, u32 } from './value.ts'
import { Writer } from './writer.ts'

const kind = messageKind(struct({ port: u16 }), attributes({ index: attribute(1, u32), name: attribute(2, string) }))

describe.runIf(littleEndian)('a message kind', () => {
  // A structure of two bytes is padded to four before the attributes begin.
  const body = annotatedBytes('50 00 00 00  08 00 01 00 2a 00 00 00  07 00 02 00 6c 6f 00 00')

  test('is a structure and attributes in one object', () => {
    expect(decoded(kind, body)).toEqual({ port: 80, index: 42, name: 'lo' })
    expect(encoded(kind, { port: 80, index: 42, name: 'lo' })).toEqual(body)
  })

  test('needs no attributes, but its structure', () => {
    expect(decoded(kind, body.subarray(0, 2))).toEqual({ port: 80 })
    expect(decoded(kind, body.subarray(0, 1))).toBeUndefined()
  })

  test('is projected onto a few attributes', () => {
    expect(decoded(project(kind, ['name']), body)).toEqual({ port: 80, name: 'lo' })
  })

  test('is read at any place of a datagram', () => {
    const datagram = Buffer.concat([Buffer.alloc(7, 0xff), body, Buffer.alloc(9, 0xff)])
    expect(kind.read(datagram, 7, body.length)).toEqual({ port: 80, index: 42, name: 'lo' })
  })
})

describe.runIf(littleEndian)('the messages of a datagram', () => {
  function datagram(): Buffer {
    const writer = new Writer(16)
    for (const type of [20, 21, 22]) {
      writeMessage(writer, { type, flags: 5, sequence: type * 2 }, (into) => into.append(Buffer.alloc(type - 19, type)))
    }
    return Buffer.from(writer.written())
  }

  function read(bytes: Buffer): unknown[] {
    const seen: unknown[] = []
    eachMessage(bytes, bytes.length, ({ type, flags, sequence, port }, offset, length) => {
      seen.push([type, flags, sequence, port, bytes.toString('hex', offset, offset + length)])
    })
    return seen
  }

  test('come in order, without the padding between them', () => {
    expect(read(datagram())).toEqual([
      [20, 5, 40, 0, '14'],
      [21, 5, 42, 0, '1515'],
      [22, 5, 44, 0, '161616'],
    ])
  })

  test('end where one is cut short or says an impossible length', () => {
    expect(read(datagram().subarray(0, 50))).toHaveLength(2)
    const tooShort = datagram()
    tooShort.writeUInt32LE(15, 20)
    expect(read(tooShort)).toHaveLength(1)
    const tooLong = datagram()
    tooLong.writeUInt32LE(0xffffffff, 20)
    expect(read(tooLong)).toHaveLength(1)
  })

  test('end, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        read(Buffer.from(bytes))
      }),
      { numRuns: 1000 },
    )
  })
})

test('a writer grows without losing what it holds', () => {
  const writer = new Writer(4)
  for (let i = 0; i < 100; i++) writer.append(Buffer.from([i]))
  writer.append(Buffer.alloc(1000, 7))
  expect(writer.written().subarray(0, 100)).toEqual(Buffer.from(Array.from({ length: 100 }, (_, i) => i)))
  expect(writer.written()).toHaveLength(1100)
})
