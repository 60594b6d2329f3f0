import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { DefaultIpam } from '../../src/engine/ipam/index.ts'

const MILLION = 1_000_000
/** So much more than it takes that only another order of growth goes beyond it. */
const GENEROUS = { timeout: 120_000 }

const request = async (ipam: DefaultIpam, pool: string): Promise<string> => {
  const family = pool.includes(':') ? (6 as const) : (4 as const)
  return (await ipam.requestPool({ addressSpace: 'LocalDefault', pool, family, options: {}, avoid: [] })).poolId
}
const hostOf = (address: string): number =>
  address
    .split(/[./]/)
    .slice(1, 4)
    .reduce((sum, octet) => sum * 256 + +octet, 0)
const textOf = (host: number): string => `10.${host >>> 16}.${(host >>> 8) & 255}.${host & 255}`

/** Bytes on the heap and in buffers that are still referred to. */
async function memoryInUse(): Promise<number> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  for (let i = 0; i < 2; i++) {
    await setImmediate()
    collect()
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

test('a million addresses of 10.0.0.0/8, and half of them again', GENEROUS, async () => {
  const ipam = new DefaultIpam()
  const id = await request(ipam, '10.0.0.0/8')
  const start = performance.now()
  for (let host = 1; host <= MILLION; host++) {
    const { address } = await ipam.requestAddress(id, undefined, {})
    if (hostOf(address) !== host) expect(address).toBe(`${textOf(host)}/8`)
  }
  const each = ((performance.now() - start) * 1000) / MILLION
  console.log(`${each.toFixed(2)} µs an address`)
  // 700,001 and a million have no factor in common: no host comes twice, and they come in no order to speak of.
  const released = new Set<number>()
  for (let i = 0; i < MILLION / 2; i++) released.add(((i * 700_001) % MILLION) + 1)
  for (const host of released) await ipam.releaseAddress(id, textOf(host))
  for (let i = 0; i < MILLION / 2; i++) {
    const host = hostOf((await ipam.requestAddress(id, undefined, {})).address)
    if (!released.delete(host)) expect.fail(`${textOf(host)} was not free`)
  }
  expect(released.size).toBe(0)
  expect((await ipam.requestAddress(id, undefined, {})).address).toBe(`${textOf(MILLION + 1)}/8`)
})

test('a pool costs memory for what is taken of it, not for what there is', GENEROUS, async () => {
  const ipam = new DefaultIpam()
  const empty = await memoryInUse()
  for (let i = 0; i < 100; i++) {
    const short = await request(ipam, `fd00:${i.toString(16)}::/48`)
    const id = await request(ipam, `fd01:0:0:${i.toString(16)}::/64`)
    const last = `fd01::${i.toString(16)}:ffff:ffff:ffff:ffff`
    await ipam.requestAddress(id, last, {})
    expect((await ipam.requestAddress(id, undefined, {})).address).toBe(
      `${i === 0 ? 'fd01::1' : `fd01:0:0:${i.toString(16)}::1`}/64`,
    )
    expect((await ipam.requestAddress(short, undefined, {})).address).toMatch(/::1\/48$/)
  }
  expect((await memoryInUse()) - empty).toBeLessThan(2 ** 20)
})

test('neighbouring addresses take next to no memory', GENEROUS, async () => {
  const ipam = new DefaultIpam()
  const empty = await memoryInUse()
  const id = await request(ipam, 'fd00::/64')
  for (let i = 0; i < MILLION / 4; i++) await ipam.requestAddress(id, undefined, {})
  expect((await memoryInUse()) - empty).toBeLessThan(2 ** 20)
  expect((await ipam.requestAddress(id, undefined, {})).address).toBe('fd00::3:d091/64')
})
