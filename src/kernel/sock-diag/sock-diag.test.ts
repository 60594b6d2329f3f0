/** Sockets as bytes, both ways, and what becomes of them. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { annotatedBytes, decoded, encoded } from '../netlink/annotated-bytes.ts'
import { littleEndian } from '../netlink/byte-order.ts'
import { acknowledge, fakeKernel, tableAnswer } from '../netlink/fake-kernel.ts'
import type { MessageKind } from '../netlink/message.ts'
import { NetlinkSocket } from '../netlink/socket.ts'
import { inetMessage, inetRequest } from './inet-message.ts'
import { listInetSockets } from './inet-sockets.ts'
import { listNetlinkSockets, netlinkMessage } from './netlink-sockets.ts'
import { listPacketSockets, packetMessage } from './packet-sockets.ts'
import { socketState, stateMask } from './socket-state.ts'
import { listUnixSockets, unixMessage, unixName } from './unix-sockets.ts'

const listener = annotatedBytes(`
  02 0a 00 00             # AF_INET, TCP_LISTEN, no timer, no retransmissions
  1f 90 00 00             # port 8080, no remote port
  7f 00 00 01 00 00 00 00 00 00 00 00 00 00 00 00 # 127.0.0.1
  00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 # 0.0.0.0
  02 00 00 00             # bound to interface 2
  3c 00 00 00 01 00 00 00 # cookie, the lower word first
  00 00 00 00             # timer
  03 00 00 00 11 00 00 00 # 3 of 17 wait
  e8 03 00 00 e9 9c 07 00 # uid 1000, inode
  05 00 08 00 00 00 00 00 # INET_DIAG_SHUTDOWN
  08 00 0f 00 07 00 00 00 # INET_DIAG_MARK
  0c 00 15 00 01 00 00 00 00 00 00 00 # INET_DIAG_CGROUP_ID`)

const connected = annotatedBytes(`
  0a 01 02 00             # AF_INET6, ESTABLISHED, keepalive timer
  00 50 d8 5e
  20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01
  00 00 00 00 00 00 00 00 00 00 ff ff 0a 00 00 02 # an IPv4 peer of an IPv6 socket
  00 00 00 00 01 00 00 00 00 00 00 00
  88 13 00 00             # 5 seconds
  00 00 00 00 00 00 00 00 00 00 00 00 05 00 00 00
  05 00 0b 00 00 00 00 00 # INET_DIAG_SKV6ONLY`)

const unixListener = annotatedBytes(`
  01 01 0a 00 e8 9c 07 00 3f 00 00 00 00 00 00 00 # AF_UNIX, stream, LISTEN, inode, cookie
  0a 00 00 00 00 61 62 00 63 00 00 00 # UNIX_DIAG_NAME: NUL "ab" NUL "c" NUL
  0c 00 03 00 05 00 00 00 06 00 00 00 # UNIX_DIAG_ICONS
  0c 00 04 00 02 00 00 00 ff 01 00 00 # UNIX_DIAG_RQLEN
  05 00 06 00 00 00 00 00 # UNIX_DIAG_SHUTDOWN
  08 00 07 00 e8 03 00 00 # UNIX_DIAG_UID`)

const capture = annotatedBytes(`
  11 03 03 00 ed 9c 07 00 40 00 00 00 00 00 00 00 # AF_PACKET, raw, ETH_P_ALL, inode, cookie
  1c 00 00 00 01 00 00 00 02 00 00 00 04 00 00 00 00 00 00 00 00 00 00 00 03 00 00 00 # PACKET_DIAG_INFO
  08 00 05 00 00 00 00 00 # PACKET_DIAG_UID`)

const monitor = annotatedBytes(`
  10 03 00 00             # AF_NETLINK, raw, NETLINK_ROUTE
  60 6d 00 00 00 00 00 00 00 00 00 00 78 9d 07 00 44 00 00 00 00 00 00 00
  0c 00 01 00 11 00 00 00 02 00 00 00 # NETLINK_DIAG_GROUPS 1, 5, 34`)

/** A kernel whose table has these rows. */
function tableOf(...rows: Buffer[]): NetlinkSocket {
  return new NetlinkSocket(fakeKernel(tableAnswer(20, rows)))
}

describe.runIf(littleEndian)('bytes as Linux 6.18 sends them', () => {
  test.each<[string, MessageKind<unknown>, Buffer]>([
    ['a listener', inetMessage as MessageKind<unknown>, listener],
    ['an IPv6 connection', inetMessage as MessageKind<unknown>, connected],
    ['a unix socket', unixMessage as MessageKind<unknown>, unixListener],
    ['a packet socket', packetMessage as MessageKind<unknown>, capture],
    ['a netlink socket', netlinkMessage as MessageKind<unknown>, monitor],
  ])('%s reads and writes the same bytes', (_, kind, bytes) => {
    expect(encoded(kind, decoded(kind, bytes) as object)).toEqual(bytes)
  })

  test('a request asks for states and attributes by bits', () => {
    const bytes = annotatedBytes(`
      0a 11 02 00 80 04 00 00 # AF_INET6, UDP, INET_DIAG_INFO, states 7 and 10
      ${'00'.repeat(48)}      # any socket`)
    expect(encoded(inetRequest, { family: 10, protocol: 17, extensions: 2, states: 0x480 })).toEqual(bytes)
  })

  test('TCP sockets of both families', () => {
    const [first] = listInetSockets(tableOf(listener), { family: 'ipv4', protocol: 'tcp' })
    expect(first).toMatchObject({
      state: 'LISTEN',
      local: { address: '127.0.0.1', port: 8080 },
      remote: { address: '0.0.0.0', port: 0 },
      interface: 2,
      receiveQueue: 3,
      sendQueue: 17,
      uid: 1000,
      inode: 0x79ce9,
      cookie: 0x1_0000_003cn,
      mark: 7,
      timer: undefined,
    })
    const [second] = listInetSockets(tableOf(connected), { family: 'ipv6', protocol: 'tcp' })
    expect(second).toMatchObject({
      family: 'ipv6',
      state: 'ESTAB',
      local: { address: '2001:db8::1', port: 80 },
      remote: { address: '::ffff:10.0.0.2', port: 55390 },
      timer: { kind: 'keepalive', milliseconds: 5000, retransmits: 0 },
      v6only: false,
    })
  })

  test('a unix socket, with what waits to be accepted', () => {
    expect(listUnixSockets(tableOf(unixListener))).toEqual([
      {
        type: 'stream',
        state: 'LISTEN',
        inode: 0x79ce8,
        cookie: 0x3fn,
        name: '@ab@c',
        file: undefined,
        peer: undefined,
        pending: [5, 6],
        receiveQueue: 2,
        sendQueue: 511,
        uid: 1000,
      },
    ])
  })

  test('a packet socket and a netlink socket', () => {
    expect(listPacketSockets(tableOf(capture))).toMatchObject([{ type: 'raw', protocol: 3, interface: 1, uid: 0 }])
    expect(listNetlinkSockets(tableOf(monitor))).toMatchObject([{ protocol: 0, port: 28000, groups: [1, 5, 34] }])
  })
})

test('a kernel without the family has no such sockets; other refusals are errors', () => {
  const refusing = (errno: number) => new NetlinkSocket(fakeKernel((request) => [acknowledge(request, errno)]))
  expect(listPacketSockets(refusing(2))).toEqual([])
  expect(() => listPacketSockets(refusing(1))).toThrow(/EPERM/)
})

test('names of unix sockets', () => {
  expect(unixName(Buffer.from('/run/a.sock\0'))).toBe('/run/a.sock')
  expect(unixName(Buffer.from('/run/whole'))).toBe('/run/whole')
  expect(unixName(Buffer.from('\0name\0\0\0'))).toBe('@name')
  expect(unixName(Buffer.alloc(0))).toBeUndefined()
})

test('states by name and by bit', () => {
  expect(stateMask(['ESTAB', 'LISTEN'])).toBe((1 << 1) | (1 << 10))
  expect(stateMask(['SYN-RECV'])).toBe((1 << 3) | (1 << 12))
  expect(stateMask(undefined)).toBe(0xffffffff)
  expect(socketState(99)).toBe('UNKNOWN')
})

test('garbage in a table never throws', () => {
  const row = fc.uint8Array({ maxLength: 160 }).map((bytes) => Buffer.from(bytes))
  fc.assert(
    fc.property(fc.array(row, { maxLength: 4 }), (rows) => {
      listInetSockets(tableOf(...rows), { family: 'ipv4', protocol: 'tcp' })
      listUnixSockets(tableOf(...rows))
      listPacketSockets(tableOf(...rows))
      listNetlinkSockets(tableOf(...rows))
    }),
  )
})
