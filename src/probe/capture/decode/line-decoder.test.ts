import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LineDecoder } from './line-decoder.ts'
import { LABEL_HEAD, writeTrafficLabel } from './traffic-label.ts'

const MACS = '020000000002' + '020000000001'

/** An Ethernet frame of IPv4 with this protocol and payload. */
function ipv4(protocol: number, payload: string, { fragment = 0 } = {}): Buffer {
  const body = Buffer.from(payload, 'hex')
  const head = Buffer.from(`${MACS}0800450000000000000040${hex(protocol, 1)}0000c0000201c0000202`, 'hex')
  head.writeUInt16BE(20 + body.length, 16)
  head.writeUInt16BE(fragment, 20)
  return Buffer.concat([head, body])
}

function udp(from: number, to: number, payload: string): string {
  return `${hex(from, 2)}${hex(to, 2)}${hex(8 + payload.length / 2, 2)}0000${payload}`
}

function ipv6(next: number, payload: string): Buffer {
  const addresses = `20010db8${'00'.repeat(11)}01fe80${'00'.repeat(13)}02`
  return Buffer.from(`${MACS}86dd60000000${hex(payload.length / 2, 2)}${hex(next, 1)}40${addresses}${payload}`, 'hex')
}

function hex(value: number, bytes: number): string {
  return value.toString(16).padStart(bytes * 2, '0')
}

function line(frame: Buffer, decoder = new LineDecoder()): string {
  return decoder.frame(frame, 0, frame.length, 1)
}

const name = '076578616d706c6503636f6d00'
const query = `abcd01000001000000000000${name}00010001`
const answer = `abcd81800001000200000000${name}00010001c00c000500010000003c000603777777c00cc00c000100010000003c00045db8d822`
const inner = ipv4(17, udp(1000, 2000, 'ff')).toString('hex')

const FRAMES: Readonly<Record<string, readonly [Buffer, string]>> = {
  'an ARP question': [
    Buffer.from(`${MACS}08060001080006040001020000000001c0000201000000000000c0000202`, 'hex'),
    'ARP who has 192.0.2.2? tell 192.0.2.1',
  ],
  'an ARP answer': [
    Buffer.from(`${MACS}08060001080006040002020000000001c0000201020000000002c0000202`, 'hex'),
    'ARP 192.0.2.1 is at 02:00:00:00:00:01',
  ],
  'a SYN': [
    ipv4(6, '13880050000003e80000000060022000000000000204' + '05b4'),
    '192.0.2.1:5000 > 192.0.2.2:80 TCP [SYN] seq 0 win 8192 len 0 mss 1460',
  ],
  'an echo request': [ipv4(1, '0800000000070001aabb'), '192.0.2.1 > 192.0.2.2 ICMP echo request id 7 seq 1 len 10'],
  'a refusal': [
    ipv4(
      1,
      `0303000000000000${ipv4(17, udp(1000, 53, ''))
        .subarray(14)
        .toString('hex')}`,
    ),
    '192.0.2.1 > 192.0.2.2 ICMP port unreachable for (192.0.2.1:1000 > 192.0.2.2:53 DNS [cut short])',
  ],
  'too big': [ipv4(1, '0304000000000578'), '192.0.2.1 > 192.0.2.2 ICMP too big, MTU 1400'],
  'a DNS question': [ipv4(17, udp(4000, 53, query)), '192.0.2.1:4000 > 192.0.2.2:53 DNS query 43981 A? example.com'],
  'a DNS answer': [
    ipv4(17, udp(53, 4000, answer)),
    '192.0.2.1:53 > 192.0.2.2:4000 DNS answer 43981 NOERROR A? example.com = CNAME www.example.com, A 93.184.216.34',
  ],
  DHCP: [
    ipv4(
      17,
      udp(68, 67, `0101060012345678${'00'.repeat(20)}020000000001${'00'.repeat(202)}63825363350101${'3204c0000205'}ff`),
    ),
    '192.0.2.1:68 > 192.0.2.2:67 DHCP discover for 02:00:00:00:00:01 wants 192.0.2.5 xid 0x12345678',
  ],
  VXLAN: [
    ipv4(17, udp(40000, 4789, `0800000000006400${inner}`)),
    '192.0.2.1 > 192.0.2.2 VXLAN 100: 192.0.2.1:1000 > 192.0.2.2:2000 UDP len 1',
  ],
  GRE: [
    ipv4(47, `20000800${'0000002a'}${inner.slice(28)}`),
    '192.0.2.1 > 192.0.2.2 GRE key 42: 192.0.2.1:1000 > 192.0.2.2:2000 UDP len 1',
  ],
  'a VLAN': [
    Buffer.from(`${MACS}81000064${inner.slice(24)}`, 'hex'),
    'vlan 100 192.0.2.1:1000 > 192.0.2.2:2000 UDP len 1',
  ],
  'a later fragment': [
    ipv4(17, 'ffff', { fragment: 0x20b9 }),
    '192.0.2.1 > 192.0.2.2 UDP fragment at 1480, 2 bytes, more follow',
  ],
  'a neighbour solicitation': [
    ipv6(58, `8700000000000000fe80${'00'.repeat(13)}020101020000000001`),
    '2001:db8::1 > fe80::2 ICMPv6 neighbour solicitation: who has fe80::2? tell 02:00:00:00:00:01',
  ],
  'UDP over IPv6 behind an extension header': [
    ipv6(0, `1100000000000000${udp(1000, 2000, 'ff')}`),
    '[2001:db8::1]:1000 > [fe80::2]:2000 UDP len 1',
  ],
  'what nobody knows': [
    Buffer.from(`${MACS}1234ffff`, 'hex'),
    '02:00:00:00:00:01 > 02:00:00:00:00:02 type 0x1234, 2 bytes',
  ],
}

describe('a frame in one line', () => {
  test.each(Object.entries(FRAMES))('%s', (_, [frame, expected]) => {
    expect(line(frame)).toBe(expected)
  })

  test('sequence numbers count from the first segment of each direction', () => {
    const decoder = new LineDecoder()
    const segment = (head: string): Buffer => ipv4(6, head)
    line(segment('13880050000003e800000000500220000000' + '0000'), decoder)
    const later = segment('13880050000003f200000000501020000000' + '0000')
    expect(line(later, decoder)).toContain('seq 10 ')
  })

  test('traffic of our own is recognised by its label', () => {
    const payload = Buffer.alloc(LABEL_HEAD + 5)
    writeTrafficLabel(payload, 0, 'check')
    payload.writeUInt32BE(7, 8)
    expect(line(ipv4(17, udp(5000, 6000, payload.toString('hex'))))).toMatch(/UDP len 29 \(traffic check #7\)$/)
  })

  test('names with control characters do not reach the terminal', () => {
    const evil = `abcd01000001000000000000041b5b326a0000010001`
    expect(line(ipv4(17, udp(4000, 53, evil)))).toContain('A? \\027[2j')
  })

  test('a name that leads in circles ends', () => {
    expect(line(ipv4(17, udp(4000, 53, 'abcd01000001000000000000c00c00010001')))).toContain('[cut short]')
  })

  test('no frame, whole, cut or damaged, makes it throw or write anything but plain characters', () => {
    const frames = Object.values(FRAMES).map(([frame]) => frame)
    const mutation = fc.tuple(fc.nat(400), fc.nat(255))
    const any = fc.record({
      which: fc.nat(frames.length - 1),
      mutations: fc.array(mutation, { maxLength: 12 }),
      cut: fc.nat(400),
      linkType: fc.constantFrom(1, 101, 113, 276, 228, 9999),
    })
    const decoder = new LineDecoder()
    fc.assert(
      fc.property(any, ({ which, mutations, cut, linkType }) => {
        const frame = Buffer.from(frames[which]!)
        for (const [at, value] of mutations) if (at < frame.length) frame[at] = value
        const text = decoder.frame(frame, 0, Math.min(cut, frame.length), linkType, frame.length)
        expect(text).toMatch(/^[\x20-\x7e]*$/)
      }),
      { numRuns: 2000 },
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(decoder.frame(bytes, 0, bytes.length, 1)).toMatch(/^[\x20-\x7e]*$/)
      }),
      { numRuns: 1000 },
    )
  })
})
