import assert from 'node:assert/strict'
import test from 'node:test'
import { Wireguard } from '../../src/kernel/genetlink/index.ts'
import { NetlinkProtocol } from '../../src/kernel/netlink/channel.ts'
import { NetlinkSocket } from '../../src/kernel/netlink/socket.ts'
import { addLink, listLinks } from '../../src/kernel/rtnetlink/index.ts'
import { GuestNamespace } from './guest-namespace.ts'

function wireguardLink(guest: GuestNamespace): Wireguard {
  const route = NetlinkSocket.open(NetlinkProtocol.route, guest.namespace)
  addLink(route, { name: 'wg0', info: { kind: 'wireguard' } })
  assert.equal(listLinks(route).find((link) => link.name === 'wg0')?.info?.kind, 'wireguard')
  route.close()
  return Wireguard.open(guest.namespace, { load: true })
}

const key = (byte: number): string => Buffer.alloc(32, byte).toString('base64')

test('a device and its peers are as wg shows them', () => {
  using guest = new GuestNamespace('nwt-wg')
  const wireguard = wireguardLink(guest)
  wireguard.configure('wg0', {
    privateKey: key(8),
    listenPort: 51820,
    firewallMark: 7,
    peers: [
      {
        publicKey: key(1),
        presharedKey: key(3),
        endpoint: { address: '192.0.2.1', port: 4500 },
        allowedIps: ['10.1.0.0/16', 'fd01::/64'],
        keepaliveInterval: 25,
      },
      { publicKey: key(2), endpoint: { address: '2001:db8::2', port: 51821 }, allowedIps: ['10.2.0.2'] },
    ],
  })
  const [device, ...peers] = guest
    .run('wg', ['show', 'wg0', 'dump'])
    .trim()
    .split('\n')
    .map((line) => line.split('\t'))
  const seen = wireguard.device('wg0', { secrets: true })
  assert.deepEqual(
    [seen.privateKey, seen.publicKey, String(seen.listenPort), `0x${seen.firewallMark.toString(16)}`],
    device,
  )
  assert.deepEqual(
    seen.peers.map((peer) => [
      peer.publicKey,
      peer.presharedKey ?? '(none)',
      peer.allowedIps.join(','),
      peer.lastHandshake,
    ]),
    peers.map((peer) => [peer[0], peer[1], peer[3], undefined]),
  )
  assert.deepEqual(
    seen.peers.map((peer) => peer.endpoint),
    [
      { address: '192.0.2.1', port: 4500 },
      { address: '2001:db8::2', port: 51821 },
    ],
  )
  assert.equal(seen.peers[0]?.keepaliveInterval, 25)
  wireguard.close()
})

test('nothing of a secret is in what is read by default', () => {
  using guest = new GuestNamespace('nwt-wg')
  const wireguard = wireguardLink(guest)
  wireguard.configure('wg0', {
    privateKey: key(8),
    peers: [{ publicKey: key(1), presharedKey: key(3), allowedIps: ['10.1.0.0/16'] }],
  })
  const device = wireguard.device('wg0')
  const everything = JSON.stringify(device, (_, value) => (typeof value === 'bigint' ? String(value) : value))
  const privateKey = guest.run('wg', ['show', 'wg0', 'private-key']).trim()
  assert.equal(everything.includes(privateKey), false)
  assert.equal(everything.includes(key(3)), false)
  assert.equal(device.peers.length, 1)
  wireguard.close()
})

test('a device whose peers need many messages comes whole', () => {
  using guest = new GuestNamespace('nwt-wg')
  const wireguard = wireguardLink(guest)
  const allowedIps = Array.from({ length: 1500 }, (_, i) => `10.3.${i >> 8}.${i & 255}/32`)
  wireguard.configure('wg0', {
    peers: [
      { publicKey: key(1), allowedIps },
      ...[2, 3, 4].map((byte) => ({ publicKey: key(byte), allowedIps: [`10.4.0.${byte}/32`] })),
    ],
  })
  const { peers } = wireguard.device('wg0')
  assert.equal(peers.length, 4)
  const large = peers.find((peer) => peer.publicKey === key(1))
  assert.deepEqual(new Set(large?.allowedIps), new Set(allowedIps))
  wireguard.close()
})

test('a peer is removed, and a link of another kind is refused', () => {
  using guest = new GuestNamespace('nwt-wg')
  const wireguard = wireguardLink(guest)
  wireguard.configure('wg0', { peers: [{ publicKey: key(1) }, { publicKey: key(2) }] })
  wireguard.configure('wg0', { peers: [{ publicKey: key(1), remove: true }] })
  assert.deepEqual(
    wireguard.device('wg0').peers.map((peer) => peer.publicKey),
    [key(2)],
  )
  assert.throws(() => wireguard.device('lo'), { code: 'EOPNOTSUPP' })
  assert.throws(() => wireguard.configure('wg0', { privateKey: 'short' }), RangeError)
  wireguard.close()
})
