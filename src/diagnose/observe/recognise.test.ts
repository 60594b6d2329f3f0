import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseIp } from '../../kernel/index.ts'
import { ETHERTYPE } from './ip-header.ts'
import { type Probe, probeBytes } from './probe.ts'
import { type Recognised, recognise } from './recognise.ts'

const ends = { source: '10.0.0.2', destination: '10.0.0.3' }
const ends6 = { source: 'fd00::2', destination: 'fd00::3' }

function probeOf(protocol: Probe['protocol'], rest: Partial<Probe> = {}): Probe {
  return { family: 'ipv4', protocol, port: 80, sourcePort: 40_000, size: 16, token: 0x12345600, ...rest }
}

const numbers = { icmp: 1, tcp: 6, udp: 17 } as const

/** An IPv4 packet around a payload. */
function ipv4(protocol: number, payload: Buffer, { source, destination } = ends): Buffer {
  const header = Buffer.alloc(20)
  header[0] = 0x45
  header.writeUInt16BE(20 + payload.length, 2)
  header[8] = 64
  header[9] = protocol
  header.set(parseIp(source), 12)
  header.set(parseIp(destination), 16)
  return Buffer.concat([header, payload])
}

function ipv6(protocol: number, payload: Buffer, { source, destination } = ends6): Buffer {
  const header = Buffer.alloc(40)
  header[0] = 0x60
  header.writeUInt16BE(payload.length, 4)
  header[6] = protocol
  header[7] = 64
  header.set(parseIp(source), 8)
  header.set(parseIp(destination), 24)
  return Buffer.concat([header, payload])
}

function packetOf(probe: Probe, number = 0): Buffer {
  return probe.family === 'ipv4'
    ? ipv4(numbers[probe.protocol], probeBytes(probe, number, ends))
    : ipv6(probe.protocol === 'icmp' ? 58 : numbers[probe.protocol], probeBytes(probe, number, ends6))
}

function seen(probe: Probe, bytes: Buffer, etherType: number = ETHERTYPE[probe.family]): Recognised | undefined {
  return recognise(probe, bytes, etherType)
}

describe("a probe's own packets", () => {
  test.each([
    ['icmp', 'ipv4', 'request'],
    ['icmp', 'ipv6', 'request'],
    ['tcp', 'ipv4', 'request'],
    ['tcp', 'ipv6', 'request'],
    ['udp', 'ipv4', 'datagram'],
    ['udp', 'ipv6', 'datagram'],
  ] as const)('of %s over %s are known by number', (protocol, family, kind) => {
    const probe = probeOf(protocol, { family })
    expect(seen(probe, packetOf(probe, 7))).toMatchObject({ kind, number: 7, packet: { sourcePort: 40_000 } })
  })

  test('are known again after translation of addresses and ports', () => {
    const probe = probeOf('tcp')
    const bytes = packetOf(probe, 3)
    bytes.set(parseIp('203.0.113.1'), 12)
    bytes.writeUInt16BE(1024, 20)
    expect(seen(probe, bytes)).toMatchObject({ number: 3, packet: { source: '203.0.113.1', sourcePort: 1024 } })
  })

  test('of another trace are not ours', () => {
    for (const protocol of ['icmp', 'tcp'] as const) {
      expect(seen(probeOf(protocol), packetOf(probeOf(protocol, { token: 0x65432100 })))).toBeUndefined()
    }
  })

  test('are found in a vxlan, which tells its id and its ends', () => {
    const probe = probeOf('icmp')
    const frame = Buffer.concat([Buffer.alloc(12), Buffer.from([0x08, 0x00]), packetOf(probe, 1)])
    const outer = Buffer.alloc(16)
    outer.writeUInt16BE(50_000, 0)
    outer.writeUInt16BE(4789, 2)
    outer[8] = 0x08
    outer.writeUIntBE(256, 12, 3)
    const bytes = ipv4(17, Buffer.concat([outer, frame]), { source: '192.0.2.1', destination: '192.0.2.2' })
    expect(seen(probe, bytes)).toMatchObject({
      kind: 'request',
      number: 1,
      packet: ends,
      tunnel: { kind: 'vxlan', id: 256, source: '192.0.2.1', destination: '192.0.2.2', destinationPort: 4789 },
    })
  })
})

describe('what answers', () => {
  test('a SYN-ACK is a reply, a reset a reset', () => {
    const probe = probeOf('tcp', { size: 0 })
    const answer = (flags: number): Buffer => {
      const bytes = Buffer.alloc(20)
      bytes.writeUInt32BE((probe.token + 1) >>> 0, 8)
      bytes[12] = 0x50
      bytes[13] = flags
      return ipv4(6, bytes)
    }
    expect(seen(probe, answer(0x12))).toMatchObject({ kind: 'reply', number: 0 })
    expect(seen(probe, answer(0x14))).toMatchObject({ kind: 'reset', number: 0 })
    expect(seen(probe, answer(0x04))).toBeUndefined()
  })

  test('an ICMP error is known by the packet that it quotes, also when it quotes eight bytes only', () => {
    const quoted = packetOf(probeOf('tcp'), 2)
    for (const length of [quoted.length, 28]) {
      const error = Buffer.concat([Buffer.from([3, 13, 0, 0, 0, 0, 0, 0]), quoted.subarray(0, length)])
      const bytes = ipv4(1, error, { source: '10.0.0.1', destination: '10.0.0.2' })
      expect(seen(probeOf('tcp'), bytes)).toMatchObject({
        kind: 'error',
        number: 2,
        error: { from: '10.0.0.1', type: 3, code: 13 },
        packet: ends,
      })
    }
  })

  test('a message that a packet is too big tells how big it may be', () => {
    const probe = probeOf('udp', { family: 'ipv6' })
    const head = Buffer.from([2, 0, 0, 0, 0, 0, 0x05, 0x78])
    const bytes = ipv6(58, Buffer.concat([head, packetOf(probe)]), { source: 'fd00::1', destination: 'fd00::2' })
    expect(seen(probe, bytes)).toMatchObject({ kind: 'error', error: { from: 'fd00::1', type: 2, mtu: 1400 } })
  })

  test('ARP asks and answers', () => {
    const arp = (operation: number): Buffer => {
      const bytes = Buffer.alloc(28)
      bytes.writeUInt16BE(1, 0)
      bytes.writeUInt16BE(0x0800, 2)
      bytes.writeUInt16BE(operation, 6)
      bytes.set(parseIp('10.0.0.2'), 14)
      bytes.set(parseIp('10.0.0.3'), 24)
      return bytes
    }
    expect(seen(probeOf('icmp'), arp(1), ETHERTYPE.arp)).toEqual({
      kind: 'solicitation',
      target: '10.0.0.3',
      sender: '10.0.0.2',
    })
    expect(seen(probeOf('icmp'), arp(2), ETHERTYPE.arp)).toEqual({ kind: 'advertisement', target: '10.0.0.2' })
  })
})

test('bytes of any content and length are looked at without harm', () => {
  const types = [...Object.values(ETHERTYPE), 0x8847]
  const probes = (['icmp', 'tcp', 'udp'] as const).flatMap((protocol) => [
    probeOf(protocol),
    probeOf(protocol, { family: 'ipv6' }),
  ])
  fc.assert(
    fc.property(
      fc.constantFrom(...probes),
      fc.uint8Array({ maxLength: 120 }),
      fc.constantFrom(...types),
      (probe, noise, type) => {
        recognise(probe, Buffer.from(noise), type)
        const whole = packetOf(probe)
        // A packet that is cut, or partly overwritten.
        const damaged = Buffer.from(whole.subarray(0, noise[0] ?? whole.length))
        noise.forEach((byte, i) => {
          if (i % 3 === 0 && i < damaged.length) damaged[i] = byte
        })
        recognise(probe, damaged, type)
      },
    ),
  )
})
