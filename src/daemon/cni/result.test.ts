import { expect, test } from 'vitest'
import { resultDocument } from './result.ts'

const RESULT = {
  interfaces: [{ name: 'br0' }, { name: 'eth0', mac: '02:00:00:00:00:02', mtu: 1500, sandbox: '/run/netns/c1' }],
  ips: [{ address: '10.1.0.2/24', gateway: '10.1.0.1', interface: 1 }],
  routes: [{ dst: '0.0.0.0/0', gw: '10.1.0.1' }],
  dns: {},
}

test('a result of 1.1.0 tells the MTU', () => {
  expect(resultDocument(RESULT, '1.1.0')).toEqual({ cniVersion: '1.1.0', ...RESULT })
})

test('before 1.1.0 there is no MTU, before 1.0.0 an address has a version', () => {
  const withoutMtu = [RESULT.interfaces[0], { name: 'eth0', mac: '02:00:00:00:00:02', sandbox: '/run/netns/c1' }]
  expect(resultDocument(RESULT, '1.0.0')).toMatchObject({ interfaces: withoutMtu, ips: RESULT.ips })
  expect(resultDocument(RESULT, '0.4.0')).toMatchObject({
    interfaces: withoutMtu,
    ips: [{ version: '4', interface: 1 }],
  })
})

test('what earlier plugins of the chain made comes first, and interfaces are counted on', () => {
  const before = { interfaces: [{ name: 'lo' }], ips: [{ address: '127.0.0.1/8', interface: 0 }], routes: [] }
  const document = resultDocument(RESULT, '1.0.0', (name) => before[name])
  expect(document).toMatchObject({
    interfaces: [{ name: 'lo' }, { name: 'br0' }, { name: 'eth0' }],
    ips: [{ interface: 0 }, { address: '10.1.0.2/24', interface: 2 }],
  })
})
