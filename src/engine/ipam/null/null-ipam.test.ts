import { expect, test } from 'vitest'
import { NullIpam } from './null-ipam.ts'

const ipam = new NullIpam()
const wish = { addressSpace: 'null', family: 4 as const, options: {}, avoid: [] }
const POOL_ID = 'null/0.0.0.0/0'

test('has one address space and one pool, which everyone gets', async () => {
  expect(await ipam.defaultAddressSpaces()).toEqual({ local: 'null', global: 'null' })
  expect(await ipam.capabilities()).toEqual({ requiresMacAddress: false, requiresReplay: false })
  for (const pool of [{}, { pool: '' }, { pool: '0.0.0.0/0' }]) {
    expect(await ipam.requestPool({ ...wish, ...pool })).toEqual({ poolId: POOL_ID, pool: '0.0.0.0/0', data: {} })
  }
  await ipam.releasePool(POOL_ID)
})

test('gives no addresses', async () => {
  expect(await ipam.requestAddress(POOL_ID)).toEqual({ address: '', data: {} })
  await ipam.releaseAddress(POOL_ID)
})

test.each([
  [{ addressSpace: 'LocalDefault' }, 'address-space-invalid'],
  [{ pool: '10.0.0.0/8' }, 'pool-invalid'],
  [{ subPool: '10.0.0.0/8' }, 'pool-invalid'],
  [{ pool: '0.0.0.0/0', subPool: '10.0.0.0/8' }, 'pool-invalid'],
  [{ family: 6 as const }, 'pool-invalid'],
])('a request for %j is refused: %s', async (asked, code) => {
  await expect(ipam.requestPool({ ...wish, ...asked })).rejects.toMatchObject({ code })
})

test('knows no other pool', async () => {
  const other = 'LocalDefault/0.0.0.0/0'
  for (const call of [ipam.releasePool(other), ipam.requestAddress(other), ipam.releaseAddress(other)]) {
    await expect(call).rejects.toMatchObject({ code: 'pool-unknown' })
  }
})
