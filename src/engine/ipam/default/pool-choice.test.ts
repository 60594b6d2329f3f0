import { expect, test } from 'vitest'
import type { PoolWish } from '../ipam-driver.ts'
import { DefaultIpam } from './index.ts'
import { uniqueLocalPrefix } from './predefined-pools.ts'

const wish = (rest: Partial<PoolWish> = {}): PoolWish => ({
  addressSpace: 'LocalDefault',
  family: 4,
  options: {},
  avoid: [],
  ...rest,
})
const chosen = async (ipam: DefaultIpam, rest: Partial<PoolWish> = {}) => (await ipam.requestPool(wish(rest))).pool

/** Docker's local pools in its order. */
const LOCAL = [
  ...Array.from({ length: 15 }, (_, i) => `172.${17 + i}.0.0/16`),
  ...Array.from({ length: 16 }, (_, i) => `192.168.${16 * i}.0/20`),
]

test('networks of one host get the 31 predefined pools in order, and then none', async () => {
  const ipam = new DefaultIpam()
  for (const pool of LOCAL) {
    expect(await ipam.requestPool(wish())).toEqual({ poolId: `LocalDefault/${pool}`, pool, data: {} })
  }
  await expect(chosen(ipam)).rejects.toMatchObject({
    code: 'pools-exhausted',
    failure: 'unavailable',
    message: expect.stringMatching(/IPv4 pool of LocalDefault .*: name a pool/),
  })
  await ipam.releasePool('LocalDefault/172.20.0.0/16')
  expect(await chosen(ipam)).toBe('172.20.0.0/16')
})

test('networks of many hosts get the /24 of 10.0.0.0/8, all 65,536', async () => {
  const ipam = new DefaultIpam()
  const pools: string[] = []
  for (let i = 0; i < 65536; i++) pools.push(await chosen(ipam, { addressSpace: 'GlobalDefault' }))
  expect([pools[0], pools[1], pools[256], pools.at(-1)]).toEqual([
    '10.0.0.0/24',
    '10.0.1.0/24',
    '10.1.0.0/24',
    '10.255.255.0/24',
  ])
  expect(new Set(pools).size).toBe(65536)
  await expect(chosen(ipam, { addressSpace: 'GlobalDefault' })).rejects.toMatchObject({ code: 'pools-exhausted' })
})

test('IPv6 pools of one host are the /64 of a unique local prefix that is its own', async () => {
  const ipam = new DefaultIpam()
  const first = await chosen(ipam, { family: 6 })
  expect(first).toMatch(/^fd[0-9a-f:]+::\/64$/)
  expect(await chosen(ipam, { family: 6 })).toBe(first.replace('::/64', ':1::/64'))
  expect(await chosen(new DefaultIpam(), { family: 6 })).toBe(first)
  expect(uniqueLocalPrefix('one')).toMatch(/^fd[0-9a-f]{2}(:[0-9a-f]{1,4}){2}::\/48$/)
  expect(uniqueLocalPrefix('one')).not.toBe(uniqueLocalPrefix('other'))
})

test('for networks of many hosts IPv6 pools have to be named', async () => {
  await expect(chosen(new DefaultIpam(), { addressSpace: 'GlobalDefault', family: 6 })).rejects.toMatchObject({
    code: 'pools-exhausted',
  })
})

/** What is allocated or avoided, the size that is asked for, and what is chosen from 10.0.0.0/16→/24, 10.9.0.0/22→/24. */
const CHOICES: readonly {
  readonly held?: readonly string[]
  readonly avoid?: readonly string[]
  readonly pool?: string
  readonly chosen: string
}[] = [
  { chosen: '10.0.0.0/24' },
  { held: ['10.0.0.0/24'], chosen: '10.0.1.0/24' },
  { held: ['10.0.0.0/25'], chosen: '10.0.1.0/24' },
  { held: ['10.0.0.128/25', '10.0.1.255/32'], chosen: '10.0.2.0/24' },
  { held: ['10.0.0.0/23', '10.0.3.0/24'], chosen: '10.0.2.0/24' },
  { held: ['10.0.1.0/24'], chosen: '10.0.0.0/24' },
  { held: ['10.0.0.0/16'], chosen: '10.9.0.0/24' },
  { held: ['10.0.0.0/8'], chosen: 'none' },
  { held: ['10.0.0.0/17', '10.0.128.0/18'], chosen: '10.0.192.0/24' },
  { held: ['9.0.0.0/8', '11.0.0.0/8'], chosen: '10.0.0.0/24' },
  { held: ['fd00::/64'], chosen: '10.0.0.0/24' },
  { avoid: ['10.0.0.0/24'], chosen: '10.0.1.0/24' },
  { avoid: ['10.0.0.7/32'], chosen: '10.0.1.0/24' },
  { avoid: ['10.0.0.7/8'], chosen: 'none' },
  { avoid: ['10.0.0.0/16', '10.9.0.0/23'], chosen: '10.9.2.0/24' },
  { avoid: ['fd00::/8', '::/0'], chosen: '10.0.0.0/24' },
  { held: ['10.0.0.0/24'], avoid: ['10.0.1.0/24', '10.0.1.128/25'], chosen: '10.0.2.0/24' },
  { held: ['10.0.1.0/24'], avoid: ['10.0.0.0/24'], chosen: '10.0.2.0/24' },
  { pool: '0.0.0.0/0', chosen: '10.0.0.0/24' },
  { pool: '0.0.0.0/16', chosen: '10.0.0.0/16' },
  { pool: '0.0.0.0/16', held: ['10.0.77.0/24'], chosen: 'none' },
  { pool: '0.0.0.0/17', held: ['10.0.77.0/24'], chosen: '10.0.128.0/17' },
  { pool: '0.0.0.0/22', held: ['10.0.0.0/16'], chosen: '10.9.0.0/22' },
  { pool: '0.0.0.0/21', held: ['10.0.0.0/16'], chosen: 'none' },
  { pool: '0.0.0.0/28', held: ['10.0.0.0/28'], chosen: '10.0.0.16/28' },
  { pool: '0.0.0.0/28', held: ['10.0.0.0/28'], avoid: ['10.0.0.17/32'], chosen: '10.0.0.32/28' },
  { pool: '0.0.0.0/32', chosen: '10.0.0.0/32' },
  { pool: '0.0.0.0/15', chosen: 'pool-invalid' },
  { pool: '0.0.0.0/1', chosen: 'pool-invalid' },
]

test.each(CHOICES)(
  'held $held, avoided $avoid, any of $pool: $chosen',
  async ({ held, avoid, pool, chosen: wanted }) => {
    const ipam = new DefaultIpam({
      local: [
        { base: '10.0.0.0/16', size: 24 },
        { base: '10.9.0.0/22', size: 24 },
      ],
    })
    for (const each of held ?? []) await ipam.requestPool(wish({ pool: each, family: each.includes(':') ? 6 : 4 }))
    const choice = chosen(ipam, { avoid: avoid ?? [], ...(pool === undefined ? {} : { pool }) })
    if (wanted.includes('/')) expect(await choice).toBe(wanted)
    else await expect(choice).rejects.toMatchObject({ code: wanted === 'none' ? 'pools-exhausted' : wanted })
  },
)

test('any IPv6 pool of a size', async () => {
  const ipam = new DefaultIpam({ local: [{ base: 'fd00:1::/32', size: 48 }] })
  expect(await chosen(ipam, { family: 6, pool: '::/0' })).toBe('fd00:1::/48')
  expect(await chosen(ipam, { family: 6, pool: '::/64' })).toBe('fd00:1:1::/64')
  expect(await chosen(ipam, { family: 6, pool: '::/33' })).toBe('fd00:1:8000::/33')
  await expect(chosen(ipam, { family: 6, pool: '::/31' })).rejects.toMatchObject({ code: 'pool-invalid' })
})

test('what is avoided does not stand in the way of a pool that is named', async () => {
  expect(await chosen(new DefaultIpam(), { pool: '172.17.0.0/16', avoid: ['172.17.0.0/16'] })).toBe('172.17.0.0/16')
})

test('the address spaces do not know of each other', async () => {
  const ipam = new DefaultIpam()
  expect(await chosen(ipam, { pool: '10.0.0.0/24' })).toBe('10.0.0.0/24')
  expect(await chosen(ipam, { addressSpace: 'GlobalDefault' })).toBe('10.0.0.0/24')
})

test('what lies in pools that overlap is free when the last of them is', async () => {
  const ipam = new DefaultIpam({ local: [{ base: '10.0.0.0/16', size: 24 }] })
  await ipam.requestPool(wish({ pool: '10.0.0.0/20', subPool: '10.0.0.0/24' }))
  await ipam.requestPool(wish({ pool: '10.0.0.0/22', subPool: '10.0.1.0/24' }))
  await ipam.releasePool('LocalDefault/10.0.0.0/20/10.0.0.0/24')
  expect(await chosen(ipam)).toBe('10.0.4.0/24')
  await ipam.releasePool('LocalDefault/10.0.0.0/22/10.0.1.0/24')
  expect(await chosen(ipam)).toBe('10.0.0.0/24')
})

test.each([
  { base: '10.0.0.0/8', size: 7 },
  { base: '10.0.0.0/8', size: 33 },
  { base: '10.0.0.0/8', size: 8.5 },
  { base: '10.0.0.0', size: 24 },
  { base: 'everything', size: 24 },
])('predefined pools of $base and size $size are refused', ({ base, size }) => {
  expect(() => new DefaultIpam({ local: [{ base, size }] })).toThrow(expect.objectContaining({ code: 'pool-invalid' }))
})
