import { beforeEach, expect, test } from 'vitest'
import { DefaultIpam } from './index.ts'

const SERIAL = { 'com.docker.network.ipam.serial': 'true' }
const FOR_GATEWAY = { RequestAddressType: 'com.docker.network.gateway' }

let ipam: DefaultIpam
beforeEach(() => {
  ipam = new DefaultIpam()
})

const pool = async (text: string, subPool?: string): Promise<string> => {
  const { poolId } = await ipam.requestPool({
    addressSpace: 'LocalDefault',
    pool: text,
    ...(subPool === undefined ? {} : { subPool }),
    family: text.includes(':') ? 6 : 4,
    options: {},
    avoid: [],
  })
  return poolId
}
const take = async (id: string, preferred?: string, options = {}) =>
  (await ipam.requestAddress(id, preferred, options)).address
const release = (id: string, address: string) => ipam.releaseAddress(id, address)

/** All addresses that a pool gives before it says that there are no more. */
async function all(id: string): Promise<string[]> {
  const out: string[] = []
  for (;;) {
    try {
      out.push(await take(id))
    } catch (error) {
      expect(error).toMatchObject({ code: 'addresses-exhausted', failure: 'unavailable' })
      return out
    }
  }
}

test.each([
  ['10.0.0.0/29', 6, '10.0.0.1/29', '10.0.0.6/29'],
  ['10.0.0.0/30', 2, '10.0.0.1/30', '10.0.0.2/30'],
  ['10.0.0.0/31', 2, '10.0.0.0/31', '10.0.0.1/31'],
  ['10.0.0.7/32', 1, '10.0.0.7/32', '10.0.0.7/32'],
  ['255.255.255.252/30', 2, '255.255.255.253/30', '255.255.255.254/30'],
  ['10.0.0.0/21', 2046, '10.0.0.1/21', '10.0.7.254/21'],
  ['fd00::/126', 3, 'fd00::1/126', 'fd00::3/126'],
  ['fd00::/127', 1, 'fd00::1/127', 'fd00::1/127'],
  [
    'ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff8/125',
    7,
    'ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff9/125',
    'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/125',
  ],
])('%s gives %i addresses, from %s to %s', async (text, count, first, last) => {
  const given = await all(await pool(text))
  expect([given.length, given[0], given.at(-1)]).toEqual([count, first, last])
  expect(new Set(given).size).toBe(count)
})

test('a full pool is named with what to do', async () => {
  const id = await pool('10.0.0.0/30')
  await all(id)
  await expect(take(id)).rejects.toThrow(
    'no address is free in pool 10.0.0.0/30: remove endpoints, or take a wider pool',
  )
  const part = await pool('10.9.0.0/16', '10.9.1.1/32')
  await all(part)
  await expect(take(part)).rejects.toThrow('no address is free in part 10.9.1.1/32 of pool 10.9.0.0/16')
})

test('a preferred address is given when it is free', async () => {
  const id = await pool('10.0.0.0/24')
  expect(await take(id, '10.0.0.77')).toBe('10.0.0.77/24')
  await expect(take(id, '10.0.0.77')).rejects.toMatchObject({
    code: 'address-taken',
    failure: 'conflict',
    message: '10.0.0.77 is already taken in pool 10.0.0.0/24',
  })
  await release(id, '10.0.0.77')
  expect(await take(id, '10.0.0.77')).toBe('10.0.0.77/24')
})

test.each([
  ['10.0.0.0/24', '10.0.1.0', 'address-out-of-range', '10.0.1.0 lies outside pool 10.0.0.0/24'],
  ['10.0.0.0/24', '9.255.255.255', 'address-out-of-range', '9.255.255.255 lies outside pool 10.0.0.0/24'],
  ['10.0.0.0/24', 'fd00::1', 'address-out-of-range', 'fd00::1 lies outside pool 10.0.0.0/24'],
  ['10.0.0.0/24', '10.0.0.0', 'address-taken', '10.0.0.0 is the network address of pool 10.0.0.0/24'],
  ['10.0.0.0/24', '10.0.0.255', 'address-taken', '10.0.0.255 is the broadcast address of pool 10.0.0.0/24'],
  ['fd00::/64', 'fd00::', 'address-taken', 'fd00:: is the network address of pool fd00::/64'],
  ['10.0.0.0/24', '10.0.0.1/24', 'address-invalid', '"10.0.0.1/24" is not an IP address'],
  ['10.0.0.0/24', '10.0.0.01', 'address-invalid', '"10.0.0.01" is not an IP address'],
  ['10.0.0.0/24', '', 'address-invalid', '"" is not an IP address'],
])('of %s, %j is refused: %s', async (text, address, code, message) => {
  await expect(take(await pool(text), address)).rejects.toMatchObject({ code, message })
})

test('what lies at the ends of small pools and of IPv6 may be asked for', async () => {
  expect(await take(await pool('10.0.0.0/31'), '10.0.0.0')).toBe('10.0.0.0/31')
  expect(await take(await pool('fd00::/64'), 'fd00::ffff:ffff:ffff:ffff')).toBe('fd00::ffff:ffff:ffff:ffff/64')
})

test('the lowest free address comes first', async () => {
  const id = await pool('10.0.0.0/24')
  for (let i = 1; i <= 5; i++) expect(await take(id)).toBe(`10.0.0.${i}/24`)
  await release(id, '10.0.0.4')
  await release(id, '10.0.0.2')
  expect([await take(id), await take(id), await take(id)]).toEqual(['10.0.0.2/24', '10.0.0.4/24', '10.0.0.6/24'])
})

test('serial: after the one that was handed out last, and from the beginning again', async () => {
  const id = await pool('10.0.0.0/29')
  const serial = () => take(id, undefined, SERIAL)
  expect([await serial(), await serial()]).toEqual(['10.0.0.1/29', '10.0.0.2/29'])
  await release(id, '10.0.0.1')
  await release(id, '10.0.0.2')
  await take(id, '10.0.0.4')
  expect([await serial(), await serial(), await serial()]).toEqual(['10.0.0.3/29', '10.0.0.5/29', '10.0.0.6/29'])
  expect([await serial(), await serial()]).toEqual(['10.0.0.1/29', '10.0.0.2/29'])
  await expect(serial()).rejects.toMatchObject({ code: 'addresses-exhausted' })
  await release(id, '10.0.0.4')
  expect(await serial()).toBe('10.0.0.4/29')
})

test('an address that was just released is the last to come again in serial order', async () => {
  const id = await pool('10.0.0.0/24')
  const seen: string[] = []
  for (let i = 0; i < 254; i++) {
    const address = await take(id, undefined, SERIAL)
    seen.push(address)
    await release(id, address.split('/')[0]!)
  }
  expect(new Set(seen).size).toBe(254)
  expect(await take(id, undefined, SERIAL)).toBe(seen[0])
})

test('a value of the option other than true means lowest first', async () => {
  const id = await pool('10.0.0.0/24')
  await release(id, (await take(id)).split('/')[0]!)
  expect(await take(id, undefined, { 'com.docker.network.ipam.serial': 'false' })).toBe('10.0.0.1/24')
})

test('a gateway is the lowest free address, in serial pools too', async () => {
  const id = await pool('10.0.0.0/24')
  expect(await take(id, undefined, { ...SERIAL, ...FOR_GATEWAY })).toBe('10.0.0.1/24')
  for (const host of [2, 3, 4]) expect(await take(id, undefined, SERIAL)).toBe(`10.0.0.${host}/24`)
  await release(id, '10.0.0.2')
  expect(await take(id, undefined, { ...SERIAL, ...FOR_GATEWAY })).toBe('10.0.0.2/24')
  expect(await take(id, '10.0.0.200', FOR_GATEWAY)).toBe('10.0.0.200/24')
})

test('a part of a pool gives its own addresses with the length of the pool', async () => {
  const id = await pool('10.0.0.0/16', '10.0.5.0/30')
  expect(await all(id)).toEqual(['10.0.5.0/16', '10.0.5.1/16', '10.0.5.2/16', '10.0.5.3/16'])
})

test('parts at the ends of a pool lack the ends', async () => {
  expect(await all(await pool('10.0.0.0/24', '10.0.0.0/30'))).toEqual(['10.0.0.1/24', '10.0.0.2/24', '10.0.0.3/24'])
  expect(await all(await pool('10.0.0.0/24', '10.0.0.252/30'))).toEqual([
    '10.0.0.252/24',
    '10.0.0.253/24',
    '10.0.0.254/24',
  ])
  expect(await all(await pool('10.0.0.0/24', '10.0.0.255/32'))).toEqual([])
})

test('a preferred address need only lie in the pool, not in the part', async () => {
  const id = await pool('10.0.0.0/16', '10.0.5.0/24')
  expect(await take(id, '10.0.9.9')).toBe('10.0.9.9/16')
  await release(id, '10.0.9.9')
  await expect(take(id, '10.1.0.0')).rejects.toMatchObject({ code: 'address-out-of-range' })
})

test('parts of a pool, and the whole, never give the same address', async () => {
  const [whole, part, inner] = [
    await pool('10.0.0.0/24'),
    await pool('10.0.0.0/24', '10.0.0.0/29'),
    await pool('10.0.0.0/24', '10.0.0.4/30'),
  ]
  expect([await take(whole), await take(part), await take(inner), await take(part)]).toEqual([
    '10.0.0.1/24',
    '10.0.0.2/24',
    '10.0.0.4/24',
    '10.0.0.3/24',
  ])
  await expect(take(whole, '10.0.0.4')).rejects.toMatchObject({ code: 'address-taken' })
  expect(await take(whole)).toBe('10.0.0.5/24')
})

test('each part goes on by itself in serial order', async () => {
  const low = await pool('10.0.0.0/16', '10.0.1.0/24')
  const high = await pool('10.0.0.0/16', '10.0.9.0/24')
  const serial = (id: string) => take(id, undefined, SERIAL)
  expect([await serial(low), await serial(high), await serial(low), await serial(high)]).toEqual([
    '10.0.1.0/16',
    '10.0.9.0/16',
    '10.0.1.1/16',
    '10.0.9.1/16',
  ])
})

test('releasing what is free or reserved does nothing', async () => {
  const id = await pool('10.0.0.0/29')
  const given = await all(id)
  await release(id, '10.0.0.3')
  await release(id, '10.0.0.3')
  await release(id, '10.0.0.0')
  await release(id, '10.0.0.7')
  expect(given).toHaveLength(6)
  expect(await all(id)).toEqual(['10.0.0.3/29'])
})

test.each([
  ['10.0.1.0', 'address-out-of-range'],
  ['fd00::1', 'address-out-of-range'],
  ['10.0.0', 'address-invalid'],
])('releasing %s fails: %s', async (address, code) => {
  await expect(release(await pool('10.0.0.0/24'), address)).rejects.toMatchObject({ code })
})

test('addresses of pools that are not there are not known', async () => {
  await pool('10.0.0.0/8', '10.1.0.0/16')
  for (const id of [
    'LocalDefault/10.0.0.0/8',
    'LocalDefault/10.0.0.0/8/10.2.0.0/16',
    'LocalDefault',
    '',
    '__proto__',
  ]) {
    await expect(take(id)).rejects.toMatchObject({ code: 'pool-unknown', failure: 'not-found' })
    await expect(release(id, '10.0.0.1')).rejects.toMatchObject({ code: 'pool-unknown' })
  }
})
