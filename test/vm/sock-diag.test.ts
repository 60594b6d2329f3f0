import assert from 'node:assert/strict'
import test from 'node:test'
import * as libc from '../../src/kernel/libc.ts'
import { NetlinkProtocol } from '../../src/kernel/netlink/channel.ts'
import { NetlinkSocket } from '../../src/kernel/netlink/socket.ts'
import { listInetSockets, socketOwners } from '../../src/kernel/sock-diag/index.ts'
import { GuestNamespace } from './guest-namespace.ts'

const AF_INET = 2
const SOCK_RAW = 3
const IPPROTO_ICMP = 1

test('a raw socket is listed with its protocol where the kernel can tell, and its process is found', () => {
  using guest = new GuestNamespace('nwt-raw')
  const fd = guest.namespace.enter(() => libc.socket(AF_INET, SOCK_RAW, IPPROTO_ICMP))
  const diag = NetlinkSocket.open(NetlinkProtocol.sockDiag, guest.namespace)
  const sockets = listInetSockets(diag, { family: 'ipv4', protocol: 'raw' })
  assert.deepEqual(
    sockets.map(({ state, local }) => ({ state, local })),
    [{ state: 'UNCONN', local: { address: '0.0.0.0', port: IPPROTO_ICMP } }],
  )
  const inode = sockets[0]?.inode ?? 0
  assert.deepEqual(
    socketOwners([inode])
      .owners.get(inode)
      ?.map(({ pid, fd }) => ({ pid, fd })),
    [{ pid: process.pid, fd }],
  )
  diag.close()
  libc.close(fd)
})
