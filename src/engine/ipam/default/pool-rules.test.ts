import { beforeEach, expect, test } from 'vitest'
import type { PoolWish } from '../ipam-driver.ts'
import { DefaultIpam } from './index.ts'

let ipam: DefaultIpam
beforeEach(() => {
  ipam = new DefaultIpam()
})

const request = (pool?: string, subPool?: string, rest: Partial<PoolWish> = {}) =>
  ipam.requestPool({
    addressSpace: 'LocalDefault',
    family: pool?.includes(':') ? 6 : 4,
    options: {},
    avoid: [],
    ...(pool === undefined ? {} : { pool }),
    ...(subPool === undefined ? {} : { subPool }),
    ...rest,
  })

test('there are two address spaces, and no third', async () => {
  expect(await ipam.defaultAddressSpaces()).toEqual({ local: 'LocalDefault', global: 'GlobalDefault' })
  expect(await ipam.capabilities()).toEqual({ requiresMacAddress: false, requiresReplay: true })
  for (const addressSpace of ['', 'Blue', 'localdefault']) {
    await expect(request('10.0.0.0/8', undefined, { addressSpace })).rejects.toMatchObject({
      code: 'address-space-invalid',
    })
  }
})

test('a pool is named by address space, range and part', async () => {
  expect(await request('10.0.0.0/8')).toEqual({ poolId: 'LocalDefault/10.0.0.0/8', pool: '10.0.0.0/8', data: {} })
  expect(await request('10.0.0.0/8', '10.1.0.0/16')).toEqual({
    poolId: 'LocalDefault/10.0.0.0/8/10.1.0.0/16',
    pool: '10.0.0.0/8',
    data: {},
  })
  expect((await request('fd00:A::/64', 'fd00:a::8000:0:0:0/65')).poolId).toBe(
    'LocalDefault/fd00:a::/64/fd00:a:0:0:8000::/65',
  )
})

test('host bits of pool and part are dropped', async () => {
  expect((await request('10.1.2.3/8', '10.7.8.9/16')).poolId).toBe('LocalDefault/10.0.0.0/8/10.7.0.0/16')
})

test('a part that is wider than its pool is all of the pool', async () => {
  expect((await request('10.1.0.0/16', '10.0.0.0/8')).poolId).toBe('LocalDefault/10.1.0.0/16/10.1.0.0/16')
})

test.each([
  ['10.0.0.0', undefined],
  ['10.0.0.0/33', undefined],
  ['010.0.0.0/8', undefined],
  ['house', undefined],
  ['10.0.0.0/8', 'room'],
  ['10.0.0.0/8', '11.0.0.0/16'],
  ['10.0.0.0/16', '11.0.0.0/8'],
  ['10.0.0.0/8', 'fd00::/64'],
  [undefined, '10.1.0.0/16'],
  ['', '10.1.0.0/16'],
  ['0.0.0.0/8', '10.1.0.0/16'],
])('pool %s with part %s is refused', async (pool, part) => {
  await expect(request(pool, part)).rejects.toMatchObject({ code: 'pool-invalid', failure: 'bad-request' })
})

test('a pool of the other family is refused', async () => {
  await expect(request('10.0.0.0/8', undefined, { family: 6 })).rejects.toMatchObject({
    code: 'pool-invalid',
    message: 'pool 10.0.0.0/8 is not an IPv6 one',
  })
  await expect(request('fd00::/64', undefined, { family: 4 })).rejects.toMatchObject({ code: 'pool-invalid' })
  await expect(request('::/0', undefined, { family: 4 })).rejects.toMatchObject({ code: 'pool-invalid' })
})

test('an endless pool is shown in short', async () => {
  await expect(request('1'.repeat(1e6))).rejects.toSatisfy((error: Error) => error.message.length < 200)
})

/** Pools that are there, the pool that is asked for, and whether it may be had. */
const OVERLAPS: readonly [held: string, wanted: string, outcome: 'granted' | 'refused'][] = [
  ['10.0.0.0/8', '10.0.0.0/8', 'refused'],
  ['10.0.0.0/8', '10.0.0.0/16', 'refused'],
  ['10.0.0.0/16', '10.0.0.0/8', 'refused'],
  ['10.0.0.0/16', '10.1.0.0/16', 'granted'],
  ['10.0.0.0/24', '10.0.0.255/32', 'refused'],
  ['10.0.0.0/24', '10.0.1.0/32', 'granted'],
  ['10.0.0.0/31', '10.0.0.2/31', 'granted'],
  ['fd00::/64', 'fd00::/48', 'refused'],
  ['fd00::/64', 'fd00:0:0:1::/64', 'granted'],
  ['fd00::/64', '10.0.0.0/8', 'granted'],
  // Parts: of the same pool, as often as they differ.
  ['10.0.0.0/8', '10.0.0.0/8 10.1.0.0/16', 'granted'],
  ['10.0.0.0/8 10.1.0.0/16', '10.0.0.0/8 10.1.0.0/16', 'refused'],
  ['10.0.0.0/8 10.1.0.0/16', '10.0.0.0/8 10.2.0.0/16', 'granted'],
  ['10.0.0.0/8 10.1.0.0/16', '10.0.0.0/8 10.1.1.0/24', 'granted'],
  ['10.0.0.0/8 10.0.0.0/8', '10.0.0.0/8 10.0.0.0/7', 'refused'],
  // All of a pool of which a part is held.
  ['10.0.0.0/8 10.1.0.0/16', '10.0.0.0/8', 'refused'],
  ['10.0.0.0/8 10.1.0.0/16', '10.2.0.0/16', 'refused'],
  // A part of a pool that overlaps with another pool.
  ['10.0.0.0/8', '10.1.0.0/16 10.1.1.0/24', 'granted'],
  ['10.1.0.0/16', '10.0.0.0/8 10.1.0.0/24', 'granted'],
  ['10.0.0.0/8 10.1.0.0/16', '10.1.0.0/16 10.1.0.0/24', 'granted'],
]

test.each(OVERLAPS)('beside %s, %s is %s', async (held, wanted, outcome) => {
  await request(...(held.split(' ') as [string, string?]))
  const answer = request(...(wanted.split(' ') as [string, string?]))
  if (outcome === 'granted') expect((await answer).pool).toBe(wanted.split(' ')[0])
  else await expect(answer).rejects.toMatchObject({ code: 'pool-overlap', failure: 'conflict' })
})

test('the refusal names both pools', async () => {
  await request('10.1.0.0/16')
  await request('10.2.0.0/16')
  await expect(request('10.2.3.0/24')).rejects.toThrow(
    'pool 10.2.3.0/24 overlaps with 10.2.0.0/16 in address space LocalDefault',
  )
  await request('10.3.0.0/16', '10.3.1.0/24')
  await expect(request('10.3.0.0/16', '10.3.1.0/24')).rejects.toThrow('10.3.1.0/24 of 10.3.0.0/16')
})

test('a pool that was refused leaves nothing behind', async () => {
  await request('10.0.0.0/8', '10.1.0.0/16')
  await expect(request('10.0.0.0/8')).rejects.toThrow()
  await ipam.releasePool('LocalDefault/10.0.0.0/8/10.1.0.0/16')
  await expect(ipam.releasePool('LocalDefault/10.0.0.0/8')).rejects.toMatchObject({ code: 'pool-unknown' })
  expect((await request('10.0.0.0/8')).pool).toBe('10.0.0.0/8')
})

test('a pool is released once', async () => {
  const { poolId } = await request('10.0.0.0/8')
  await ipam.releasePool(poolId)
  await expect(ipam.releasePool(poolId)).rejects.toMatchObject({
    code: 'pool-unknown',
    message: 'there is no pool "LocalDefault/10.0.0.0/8"',
  })
})

test.each([
  ['the whole first', ['LocalDefault/10.0.0.0/8', 'LocalDefault/10.0.0.0/8/10.1.0.0/16']],
  ['the part first', ['LocalDefault/10.0.0.0/8/10.1.0.0/16', 'LocalDefault/10.0.0.0/8']],
])('a pool is free when the whole and all parts were released: %s', async (_, [first, second]) => {
  await request('10.0.0.0/8')
  await request('10.0.0.0/8', '10.1.0.0/16')
  await ipam.releasePool(first!)
  await expect(request('10.0.0.0/8')).rejects.toMatchObject({ code: 'pool-overlap' })
  await ipam.releasePool(second!)
  expect((await request('10.0.0.0/8')).pool).toBe('10.0.0.0/8')
})

test('a released pool has forgotten its addresses', async () => {
  const { poolId } = await request('10.0.0.0/30')
  await ipam.requestAddress(poolId, undefined, {})
  await ipam.releasePool(poolId)
  await expect(ipam.requestAddress(poolId, undefined, {})).rejects.toMatchObject({ code: 'pool-unknown' })
  await request('10.0.0.0/30')
  expect((await ipam.requestAddress(poolId, undefined, {})).address).toBe('10.0.0.1/30')
})
