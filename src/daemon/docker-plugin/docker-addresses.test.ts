import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { defaultIpamDrivers, type IpamDriver, KeyedLock, MemoryStore, type Surroundings } from '../../engine/index.ts'
import { DockerAddresses } from './docker-addresses.ts'
import { Register } from './register.ts'

const POOL = { AddressSpace: 'LocalDefault', Pool: '10.1.0.0/24', SubPool: '', Options: {}, V6: false }
const GATEWAY = { RequestAddressType: 'com.docker.network.gateway' }
let store: MemoryStore
let addresses: DockerAddresses

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  store = new MemoryStore()
  addresses = await started()
})
afterEach(() => vi.useRealTimers())

/** What a new process has: the store, and an allocator that has forgotten everything. */
async function started(): Promise<DockerAddresses> {
  // The default allocator needs nothing of its surroundings.
  const ipam: IpamDriver = await defaultIpamDrivers.get('default')!({ store } as unknown as Surroundings)
  const made = new DockerAddresses({ ipam, register: new Register(store), locks: new KeyedLock() })
  await made.restore()
  return made
}

test('what was given stays given after a restart', async () => {
  const { id } = await addresses.requestPool(POOL)
  const first = await addresses.requestAddress(id, '', {})
  addresses = await started()
  await expect(addresses.requestPool(POOL)).rejects.toThrow('overlap')
  await expect(addresses.requestAddress(id, first.split('/')[0]!, {})).rejects.toMatchObject({ code: 'address-taken' })
  expect(await addresses.requestAddress(id, '', {})).not.toBe(first)
})

test('giving back is content with what was given back before', async () => {
  const { id } = await addresses.requestPool(POOL)
  const address = (await addresses.requestAddress(id, '', {})).split('/')[0]!
  for (let time = 0; time < 2; time++) await addresses.releaseAddress(id, address)
  for (let time = 0; time < 2; time++) await addresses.releasePool(id)
  await addresses.releaseAddress(id, address)
  expect((await addresses.requestPool(POOL)).pool).toBe('10.1.0.0/24')
})

test('the gateway of a pool may be asked for twice, another address may not', async () => {
  const { id } = await addresses.requestPool(POOL)
  expect(await addresses.requestAddress(id, '10.1.0.1', GATEWAY)).toBe('10.1.0.1/24')
  expect(await addresses.requestAddress(id, '10.1.0.1', GATEWAY)).toBe('10.1.0.1/24')
  await expect(addresses.requestAddress(id, '10.1.0.1', {})).rejects.toMatchObject({ code: 'address-taken' })
})

test('a pool that nobody used is free again after two minutes, one with an address is not', async () => {
  const { id } = await addresses.requestPool(POOL)
  await expect(addresses.requestPool(POOL)).rejects.toThrow('overlap')
  vi.setSystemTime(Date.now() + 121_000)
  expect((await addresses.requestPool(POOL)).pool).toBe('10.1.0.0/24')
  await addresses.requestAddress(id, '', {})
  vi.setSystemTime(Date.now() + 121_000)
  await expect(addresses.requestPool(POOL)).rejects.toThrow('overlap')
})

test('a pool that is unknown is told as such', async () => {
  await expect(addresses.requestAddress('LocalDefault/10.9.0.0/24', '', {})).rejects.toMatchObject({
    code: 'pool-unknown',
  })
})
