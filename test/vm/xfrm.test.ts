import assert from 'node:assert/strict'
import test from 'node:test'
import { NetlinkProtocol } from '../../src/kernel/netlink/channel.ts'
import { NetlinkSocket } from '../../src/kernel/netlink/socket.ts'
import {
  addXfrmPolicy,
  addXfrmState,
  deleteXfrmPolicy,
  deleteXfrmState,
  flushXfrmStates,
  listXfrmPolicies,
  listXfrmStates,
  type XfrmPolicySettings,
  type XfrmStateSettings,
} from '../../src/kernel/xfrm/index.ts'
import { GuestNamespace } from './guest-namespace.ts'

const tunnel: XfrmStateSettings = {
  source: '192.0.2.1',
  destination: '192.0.2.2',
  protocol: 'esp',
  spi: 0xbeef,
  mode: 'tunnel',
  requestId: 11,
  replayWindow: 32,
  encryption: { name: 'cbc(aes)', keyBits: 128, key: '000102030405060708090a0b0c0d0e0f' },
  authentication: { name: 'hmac(sha256)', keyBits: 256, checkBits: 128, key: 'ab'.repeat(32) },
  mark: { value: 5, mask: 0xff },
}

test('an ESP state is as ip xfrm shows it, and is removed', () => {
  using guest = new GuestNamespace('nwt-xfrm')
  const socket = NetlinkSocket.open(NetlinkProtocol.xfrm, guest.namespace)
  addXfrmState(socket, tunnel)
  const shown = guest.run('ip', ['xfrm', 'state'])
  assert.match(shown, /src 192\.0\.2\.1 dst 192\.0\.2\.2\n\tproto esp spi 0x0000beef reqid 11 mode tunnel/)
  assert.match(shown, /replay-window 32/)
  assert.match(shown, /mark 0x5\/0xff/)
  assert.match(shown, /auth-trunc hmac\(sha256\) 0x(ab){32} 128/)
  assert.match(shown, /enc cbc\(aes\) 0x000102030405060708090a0b0c0d0e0f/)
  assert.throws(() => addXfrmState(socket, tunnel), { code: 'EEXIST' })
  const { destination, protocol, spi, mark } = tunnel
  deleteXfrmState(socket, { destination, protocol, spi, ...(mark === undefined ? {} : { mark }) })
  assert.deepEqual(listXfrmStates(socket), [])
  socket.close()
})

test('what ip xfrm makes is read as it was made, keys only on request', () => {
  using guest = new GuestNamespace('nwt-xfrm')
  const key = `0x${'5c'.repeat(20)}`
  const words = 'xfrm state add src 2001:db8::1 dst 2001:db8::2 proto esp spi 0x100 reqid 3 mode transport'
  guest.run('ip', `${words} aead rfc4106(gcm(aes)) ${key} 96`.split(' '))
  const socket = NetlinkSocket.open(NetlinkProtocol.xfrm, guest.namespace)
  const [state] = listXfrmStates(socket)
  assert.deepEqual(
    {
      source: state?.source,
      destination: state?.destination,
      spi: state?.spi,
      mode: state?.mode,
      requestId: state?.requestId,
    },
    { source: '2001:db8::1', destination: '2001:db8::2', spi: 0x100, mode: 'transport', requestId: 3 },
  )
  assert.deepEqual(state?.aead, { name: 'rfc4106(gcm(aes))', keyBits: 160, checkBits: 96 })
  const [open] = listXfrmStates(socket, { secrets: true })
  assert.equal(open?.aead?.key, '5c'.repeat(20))
  flushXfrmStates(socket, 'ah')
  assert.equal(listXfrmStates(socket).length, 1)
  flushXfrmStates(socket)
  assert.equal(listXfrmStates(socket).length, 0)
  socket.close()
})

test('a policy with its template is as ip xfrm shows it', () => {
  using guest = new GuestNamespace('nwt-xfrm')
  const socket = NetlinkSocket.open(NetlinkProtocol.xfrm, guest.namespace)
  const policy: XfrmPolicySettings = {
    direction: 'out',
    selector: { source: '10.1.0.0/16', destination: '10.2.0.0/16', protocol: 17, destinationPort: 4789 },
    action: 'allow',
    priority: 100,
    templates: [{ source: '192.0.2.1', destination: '192.0.2.2', protocol: 'esp', mode: 'tunnel', requestId: 11 }],
  }
  addXfrmPolicy(socket, policy)
  const shown = guest.run('ip', ['xfrm', 'policy'])
  assert.match(shown, /src 10\.1\.0\.0\/16 dst 10\.2\.0\.0\/16 proto udp dport 4789/)
  assert.match(shown, /dir out priority 100/)
  assert.match(shown, /tmpl src 192\.0\.2\.1 dst 192\.0\.2\.2\n\t\tproto esp reqid 11 mode tunnel/)
  const [read] = listXfrmPolicies(socket)
  assert.deepEqual(read?.selector, policy.selector)
  assert.deepEqual(read?.templates, [{ ...policy.templates[0], spi: 0, optional: false }])
  deleteXfrmPolicy(socket, policy)
  assert.deepEqual(listXfrmPolicies(socket), [])
  socket.close()
})
