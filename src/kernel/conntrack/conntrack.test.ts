/** Tracked connections as bytes, both ways, and what becomes of them. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { annotatedBytes, decoded, encoded } from '../netlink/annotated-bytes.ts'
import { acknowledge, fakeKernel, tableAnswer } from '../netlink/fake-kernel.ts'
import { MESSAGE_HEADER, readHeader } from '../netlink/message.ts'
import { NetlinkSocket } from '../netlink/socket.ts'
import { connectionOf } from './connection.ts'
import { deleteConnection, flushConnections, listConnections } from './connections.ts'
import { conntrackEntry } from './conntrack-message.ts'

// A TCP connection from 10.0.0.5:40000 to 10.0.0.1:80, led to 172.17.0.2:8080 and seen there as coming from 172.17.0.1:1024.
const entry = annotatedBytes(`
  02 00 00 00                     # AF_INET
  34 00 01 80                     # CTA_TUPLE_ORIG
    14 00 01 80                   # CTA_TUPLE_IP
      08 00 01 00 0a 00 00 05
      08 00 02 00 0a 00 00 01
    1c 00 02 80                   # CTA_TUPLE_PROTO
      05 00 01 00 06 00 00 00
      06 00 02 00 9c 40 00 00     # source port
      06 00 03 00 00 50 00 00     # destination port
  34 00 02 80                     # CTA_TUPLE_REPLY
    14 00 01 80
      08 00 01 00 ac 11 00 02
      08 00 02 00 ac 11 00 01
    1c 00 02 80
      05 00 01 00 06 00 00 00
      06 00 02 00 1f 90 00 00
      06 00 03 00 04 00 00 00
  08 00 03 00 00 00 01 be         # CTA_STATUS, network order
  10 00 04 80                     # CTA_PROTOINFO
    0c 00 01 80                   # CTA_PROTOINFO_TCP
      05 00 01 00 03 00 00 00     # ESTABLISHED
  08 00 07 00 00 06 97 7f         # CTA_TIMEOUT
  08 00 08 00 00 00 00 2a         # CTA_MARK
  1c 00 09 80                     # CTA_COUNTERS_ORIG
    0c 00 01 00 00 00 00 00 00 00 00 03
    0c 00 02 00 00 00 00 01 00 00 00 00
  08 00 0c 00 49 47 db 6c         # CTA_ID
  06 00 12 00 00 07 00 00         # CTA_ZONE`)

const echo = annotatedBytes(`
  0a 00 00 00                     # AF_INET6
  4c 00 01 80
    2c 00 01 80
      14 00 03 00 fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01
      14 00 04 00 fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 02
    1c 00 02 80
      05 00 01 00 3a 00 00 00
      06 00 07 00 00 09 00 00     # CTA_PROTO_ICMPV6_ID
      05 00 08 00 80 00 00 00     # echo request
  4c 00 02 80
    2c 00 01 80
      14 00 03 00 fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 02
      14 00 04 00 fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01
    1c 00 02 80
      05 00 01 00 3a 00 00 00
      06 00 07 00 00 09 00 00
      05 00 08 00 81 00 00 00`)

test.each([
  ['a translated TCP connection', entry],
  ['an ICMPv6 exchange', echo],
])('%s reads and writes the same bytes', (_, bytes) => {
  expect(encoded(conntrackEntry, decoded(conntrackEntry, bytes)!)).toEqual(bytes)
})

test('a translated connection tells both translations, whatever the order of bytes of the host', () => {
  expect(connectionOf(decoded(conntrackEntry, entry)!)).toEqual({
    family: 'ipv4',
    original: {
      source: '10.0.0.5',
      destination: '10.0.0.1',
      protocol: 6,
      sourcePort: 40000,
      destinationPort: 80,
      icmp: undefined,
    },
    reply: {
      source: '172.17.0.2',
      destination: '172.17.0.1',
      protocol: 6,
      sourcePort: 8080,
      destinationPort: 1024,
      icmp: undefined,
    },
    status: [
      'seen-reply',
      'assured',
      'confirmed',
      'source-nat',
      'destination-nat',
      'source-nat-done',
      'destination-nat-done',
    ],
    tcpState: 'ESTABLISHED',
    timeout: 431999,
    mark: 42,
    zone: 7,
    id: 0x4947db6c,
    counters: { original: { packets: 3n, bytes: 1n << 32n }, reply: undefined },
    helper: undefined,
    sourceNat: { address: '172.17.0.1', port: 1024 },
    destinationNat: { address: '172.17.0.2', port: 8080 },
  })
})

test('an echo has no ports and no translation', () => {
  const connection = connectionOf(decoded(conntrackEntry, echo)!)
  expect(connection?.original).toMatchObject({
    protocol: 58,
    sourcePort: undefined,
    icmp: { id: 9, type: 128, code: 0 },
  })
  expect(connection).toMatchObject({ family: 'ipv6', sourceNat: undefined, destinationNat: undefined, status: [] })
})

test('filters look at either end in either direction', () => {
  const list = (filter: object) =>
    listConnections(new NetlinkSocket(fakeKernel(tableAnswer(0x100, [entry, echo]))), filter)
  expect(list({})).toHaveLength(2)
  expect(list({ port: 8080 })).toHaveLength(1)
  expect(list({ address: '172.17.0.1' })).toHaveLength(1)
  expect(list({ address: 'fd00::2', port: 80 })).toHaveLength(0)
  expect(list({ protocol: 58 })).toHaveLength(1)
})

/** A kernel with the two connections above that acknowledges deletions; `deletions` are the bodies that it was sent. */
function table(errno = 0): { socket: NetlinkSocket; deletions: Buffer[] } {
  const deletions: Buffer[] = []
  const answer = tableAnswer(0x100, [entry, echo])
  const socket = new NetlinkSocket(
    fakeKernel((request) => {
      if (readHeader(request, 0).type !== 0x102) return answer(request)
      const answers: Buffer[] = []
      for (let at = 0; at < request.length; at += readHeader(request, at).length) {
        const one = request.subarray(at, at + readHeader(request, at).length)
        deletions.push(Buffer.from(one.subarray(MESSAGE_HEADER)))
        answers.push(acknowledge(one, errno))
      }
      return answers
    }),
  )
  return { socket, deletions }
}

test('what is deleted is always named by its tuple: a deletion without one would empty the table', () => {
  const { socket, deletions } = table()
  expect(flushConnections(socket, {})).toBe(2)
  expect(deletions.map((body) => decoded(conntrackEntry, body)?.original)).toEqual([
    decoded(conntrackEntry, entry)?.original,
    expect.objectContaining({ ip: { sourceV6: 'fd00::1', destinationV6: 'fd00::2' } }),
  ])
  expect(deletions.map((body) => decoded(conntrackEntry, body)?.zone)).toEqual([7, undefined])
})

test('a connection that ended meanwhile is not an error, a refusal is', () => {
  const connection = connectionOf(decoded(conntrackEntry, entry)!)!
  expect(deleteConnection(table(2).socket, connection)).toBe(false)
  expect(flushConnections(table(2).socket, {})).toBe(0)
  expect(() => deleteConnection(table(1).socket, connection)).toThrow(/EPERM/)
  expect(() => flushConnections(table(1).socket, {})).toThrow(/EPERM/)
})

test('garbage in the table never throws', () => {
  const row = fc.oneof(
    fc.uint8Array({ maxLength: 120 }).map((bytes) => Buffer.from(bytes)),
    // A real entry with one byte changed.
    fc.tuple(fc.nat(entry.length - 1), fc.nat(255)).map(([at, byte]) => {
      const bytes = Buffer.from(entry)
      bytes[at] = byte
      return bytes
    }),
  )
  fc.assert(
    fc.property(fc.array(row, { maxLength: 4 }), (rows) => {
      listConnections(new NetlinkSocket(fakeKernel(tableAnswer(0x100, rows))))
    }),
  )
})
