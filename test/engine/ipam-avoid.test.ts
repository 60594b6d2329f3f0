/** What pools keep clear of, read from a host that has all sorts of routes. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DefaultIpam, prefixesToAvoid } from '../../src/engine/ipam/index.ts'
import { Namespace } from '../../src/kernel/index.ts'
import { ipBatch, NamedNamespaces } from '../support/iproute.ts'

const names = new NamedNamespaces('ipam')
let host: Namespace

beforeAll(() => {
  const name = names.add('host')
  ipBatch(
    [
      'link set lo up',
      'link add u0 type veth peer name u1',
      'link set u0 up',
      'link set u1 up',
      'addr add 172.17.0.1/16 dev u0',
      'addr add 192.0.2.9/32 dev lo',
      'route add default via 172.17.0.2',
      'route add 0.0.0.0/1 via 172.17.0.2',
      'route add 128.0.0.0/1 via 172.17.0.2',
      'route add 10.0.0.0/8 via 172.17.0.2',
      'route add 172.18.128.0/17 via 172.17.0.2 table 1234',
      'route add blackhole 172.19.7.0/24',
      'addr add fd12:3456::1/64 dev u0 nodad',
      'route add default via fd12:3456::2',
      'route add 2000::/3 via fd12:3456::2',
      'route add fd00:7::/48 via fd12:3456::2 table 77',
    ],
    { inside: name },
  )
  host = Namespace.open({ name })
})

afterAll(() => {
  host?.close()
  names.close()
})

test('routes of every table, local addresses and nameservers are avoided; routes to everywhere are not', () => {
  const avoid = prefixesToAvoid(host, 'nameserver 172.20.5.5\nnameserver fd00:53::1\n')
  const wanted = [
    '172.17.0.0/16',
    '172.17.0.1/32',
    '192.0.2.9/32',
    '127.0.0.0/8',
    '10.0.0.0/8',
    '172.18.128.0/17',
    '172.19.7.0/24',
    'fd12:3456::/64',
    'fd00:7::/48',
    '172.20.5.5/32',
    'fd00:53::1/128',
  ]
  expect(avoid).toEqual(expect.arrayContaining(wanted))
  for (const wide of ['0.0.0.0/0', '0.0.0.0/1', '128.0.0.0/1', '::/0', '2000::/3']) expect(avoid).not.toContain(wide)
  expect(new Set(avoid).size).toBe(avoid.length)
})

test('the pool that is chosen on such a host is the first that nothing leads to', async () => {
  const ipam = new DefaultIpam()
  const avoid = prefixesToAvoid(host, 'nameserver 172.20.5.5\n')
  const wish = { addressSpace: 'LocalDefault', options: {}, avoid }
  expect((await ipam.requestPool({ ...wish, family: 4 })).pool).toBe('172.21.0.0/16')
  expect((await ipam.requestPool({ ...wish, family: 4, pool: '0.0.0.0/24' })).pool).toBe('172.18.0.0/24')
})

test('a host without routes has nothing to avoid', () => {
  const bare = Namespace.create('bare host')
  try {
    expect(prefixesToAvoid(bare, '')).toEqual([])
  } finally {
    bare.close()
  }
})
