import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  directionFlags,
  PACKET_HEAD,
  packetBlockLength,
  TimeStamps,
  writePacketHead,
  writePacketTail,
} from './enhanced-packet.ts'
import { CaptureFileError, CaptureFileReader, type FilePacket } from './read-file.ts'
import { type DescribedInterface, interfaceDescription, interfaceStatistics, sectionHeader } from './write-blocks.ts'

const HEAD = sectionHeader({ operatingSystem: 'Linux', application: 'Netwright', comment: 'a test' })
const eth0: DescribedInterface = {
  linkType: 1,
  snapLength: 0,
  name: 'docker:web/eth0',
  description: 'eth0 in docker:web',
  mac: '02:42:ac:11:00:02',
  filter: 'port 80',
  operatingSystem: 'Linux',
}

interface Sample {
  readonly content: Uint8Array
  readonly seconds: number
  readonly nanoseconds: number
  readonly more: number
  readonly type: number
}

function packetBlock({ content, seconds, nanoseconds, more, type }: Sample, interfaceNumber = 0): Buffer {
  const bytes = Buffer.alloc(packetBlockLength(content.length), 0xff)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const time = new TimeStamps()
  time.set(seconds, nanoseconds)
  writePacketHead(view, 0, interfaceNumber, time, content.length, content.length + more)
  bytes.set(content, PACKET_HEAD)
  writePacketTail(view, PACKET_HEAD + content.length, content.length, directionFlags(type))
  return bytes
}

function read(...pieces: readonly Buffer[]): { readonly reader: CaptureFileReader; readonly packets: FilePacket[] } {
  const reader = new CaptureFileReader()
  const packets: FilePacket[] = []
  for (const piece of pieces) {
    reader.push(piece, (packet) => packets.push({ ...packet, bytes: Buffer.from(packet.bytes) }))
  }
  return { reader, packets }
}

describe('pcapng', () => {
  test('a packet is 28 bytes, the frame filled to four, its direction, and its length again', () => {
    const block = packetBlock({ content: Buffer.from('abcde'), seconds: 1, nanoseconds: 5, more: 10, type: 4 })
    expect(
      block
        .toString('hex')
        .replace(/(.{8})/g, '$1 ')
        .trim()
        .split(' '),
    ).toEqual([
      '06000000', // enhanced packet
      '34000000', // 52 bytes
      '00000000', // interface 0
      '00000000', // time, high word
      '05ca9a3b', // 1,000,000,005 ns
      '05000000', // five bytes kept
      '0f000000', // of fifteen
      '61626364',
      '65000000', // filled with zeros
      '02000400', // epb_flags
      '02000000', // outbound
      '00000000', // end of options
      '34000000',
    ])
  })

  test('what was written is read', () => {
    const sample = fc.record({
      content: fc.uint8Array({ maxLength: 80 }),
      seconds: fc.nat(4_000_000_000),
      nanoseconds: fc.nat(999_999_999),
      more: fc.nat(70_000),
      type: fc.nat(4),
    })
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 20 }), fc.nat(200), (samples, cut) => {
        const file = Buffer.concat([HEAD, interfaceDescription(eth0), ...samples.map((it) => packetBlock(it))])
        const at = Math.min(cut, file.length)
        const { packets, reader } = read(file.subarray(0, at), file.subarray(at))
        expect(reader.unread).toBe(0)
        expect(
          packets.map(({ bytes, seconds, nanoseconds, originalLength, flags }) => ({
            content: [...bytes],
            seconds,
            nanoseconds,
            originalLength,
            flags,
          })),
        ).toEqual(
          samples.map(({ content, seconds, nanoseconds, more, type }) => ({
            content: [...content],
            seconds,
            nanoseconds,
            originalLength: content.length + more,
            flags: directionFlags(type),
          })),
        )
      }),
    )
  })

  test('sections and interfaces are described', () => {
    const { reader } = read(
      HEAD,
      interfaceDescription(eth0),
      interfaceDescription({ ...eth0, name: 'ns:b/e1', mac: undefined, filter: undefined }),
    )
    expect(reader.section).toEqual({ application: 'Netwright', comment: 'a test' })
    expect(reader.interfaces).toMatchObject([
      { name: 'docker:web/eth0', linkType: 1, unitsPerSecond: 1e9 },
      { name: 'ns:b/e1', linkType: 1 },
    ])
  })

  test('statistics and unknown blocks are passed over', () => {
    const statistics = interfaceStatistics({ interface: 0, start: 1n, end: 2n, received: 3n, dropped: 4n })
    const packet = packetBlock({ content: Buffer.from('x'), seconds: 1, nanoseconds: 0, more: 0, type: 0 })
    const unknown = Buffer.alloc(16)
    unknown.writeUInt32LE(0x0bad, 0)
    unknown.writeUInt32LE(16, 4)
    unknown.writeUInt32LE(16, 12)
    expect(read(HEAD, interfaceDescription(eth0), statistics, unknown, packet).packets).toHaveLength(1)
  })

  test('a long text is cut where a character begins', () => {
    const { reader } = read(
      sectionHeader({ operatingSystem: '', application: 'ö'.repeat(5000), comment: '' }),
      interfaceDescription(eth0),
    )
    expect(reader.section.application).toMatch(/^ö+$/)
  })

  test('files in the other byte order, and pcap of either, are read', () => {
    const swapped = Buffer.alloc(24 + 16 + 4)
    swapped.writeUInt32BE(0xa1b2c3d4, 0)
    swapped.writeUInt32BE(1, 20)
    swapped.writeUInt32BE(7, 24)
    swapped.writeUInt32BE(12, 28)
    swapped.writeUInt32BE(4, 32)
    swapped.writeUInt32BE(60, 36)
    expect(read(swapped).packets).toMatchObject([{ seconds: 7, nanoseconds: 12_000, originalLength: 60 }])
  })

  test('no bytes make the reader do anything but read or refuse', () => {
    const whole = Buffer.concat([
      HEAD,
      interfaceDescription(eth0),
      packetBlock({ content: Buffer.from('hello'), seconds: 1, nanoseconds: 0, more: 0, type: 0 }),
    ])
    const mutation = fc.tuple(fc.nat(whole.length - 1), fc.nat(255))
    fc.assert(
      fc.property(fc.array(mutation, { maxLength: 20 }), fc.uint8Array({ maxLength: 100 }), (mutations, tail) => {
        const bytes = Buffer.concat([whole, tail])
        for (const [at, value] of mutations) bytes[at] = value
        try {
          read(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(CaptureFileError)
        }
      }),
    )
  })
})
