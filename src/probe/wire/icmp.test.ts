import fc from 'fast-check'
import { expect, test } from 'vitest'
import { internetChecksum, pseudoHeaderSum, segmentChecksum } from './checksum.ts'
import { encodeEcho, quotedEcho, quotedPorts, readIcmp } from './icmp.ts'
import { encodeSyn, encodeUdp, readTcp } from './transport.ts'

const bytes = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex')

test('the checksum of the example in RFC 1071', () => {
  // 0001 f203 f4f5 f6f7 sum to ddf2.
  expect(internetChecksum(bytes('0001 f203 f4f5 f6f7'))).toBe(0xffff - 0xddf2)
  expect(internetChecksum(bytes('0001 f203 f4f5 f6f7 00'))).toBe(0xffff - 0xddf2)
})

test('an echo request of IPv4 carries its checksum', () => {
  const request = encodeEcho('ipv4', 0x1234, 7, Buffer.from('abcd'))
  //                          type code sum  id   seq  payload
  expect(request.toString('hex')).toBe('080020fe1234000761626364')
  expect(internetChecksum(request)).toBe(0)
  expect(encodeEcho('ipv6', 1, 1, Buffer.alloc(0)).toString('hex')).toBe('8000000000010001')
})

test('an echo reply, and an error with the packet that it is about', () => {
  expect(readIcmp('ipv4', bytes('0000 0000 1234 0007 61'))).toMatchObject({
    kind: 'echo-reply',
    identifier: 0x1234,
    sequence: 7,
  })
  const header = '4500 001c 0000 4000 4011 0000 0a000001 0a000002'
  // Fragmentation needed, next hop 1400, about a datagram from port 1000 to port 53.
  const message = readIcmp('ipv4', bytes(`0304 0000 0000 0578 ${header} 03e8 0035 0008 0000`))
  expect(message).toMatchObject({
    ...{ kind: 'error', reason: 'fragmentation-needed', mtu: 1400 },
    quoted: { source: '10.0.0.1', destination: '10.0.0.2', protocol: 17 },
  })
  if (message?.kind !== 'error') throw new Error('it is an error')
  expect(quotedPorts(message.quoted)).toEqual({ source: 1000, destination: 53 })
  expect(quotedEcho(message.quoted)).toBeUndefined()
})

test('an error of ICMPv6 about an echo request', () => {
  const header = `6000 0000 0008 3a40 ${'fd00'.padEnd(31, '0')}1 ${'fd00'.padEnd(31, '0')}2`
  const message = readIcmp('ipv6', bytes(`0104 0000 0000 0000 ${header} 8000 0000 abcd 0003`))
  expect(message).toMatchObject({ reason: 'port-unreachable', quoted: { source: 'fd00::1', destination: 'fd00::2' } })
  if (message?.kind !== 'error') throw new Error('it is an error')
  expect(quotedEcho(message.quoted)).toEqual({ identifier: 0xabcd, sequence: 3 })
})

test.each(['ipv4', 'ipv6'] as const)('garbage of %s is nothing, and never throws', (family) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), (raw) => {
      const message = readIcmp(family, Buffer.from(raw))
      if (message?.kind !== 'error') return
      quotedEcho(message.quoted)
      quotedPorts(message.quoted)
    }),
  )
})

test('a SYN and a datagram carry the checksum of their pseudo header', () => {
  const pseudo = pseudoHeaderSum('192.0.2.1', '192.0.2.2', 6)
  const syn = encodeSyn(40_000, 80, 0x01020304, pseudo)
  expect(segmentChecksum(syn, pseudo)).toBe(0)
  expect(readTcp(syn)).toMatchObject({ sourcePort: 40_000, destinationPort: 80, sequence: 0x01020304, flags: 2 })
  const udpPseudo = pseudoHeaderSum('192.0.2.1', '192.0.2.2', 17)
  expect(segmentChecksum(encodeUdp(1, 2, Buffer.from('odd'), udpPseudo), udpPseudo)).toBe(0)
  expect(readTcp(Buffer.alloc(19))).toBeUndefined()
})
