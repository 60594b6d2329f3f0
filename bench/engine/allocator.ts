/** What an address of the default address manager costs, in time and memory. */
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { DefaultIpam } from '../../src/engine/ipam/index.ts'
import { type Spread, spread } from '../measure.ts'
import type { Figure } from '../report.ts'

const COUNT = 1_000_000
const SPARSE = 100_000
const ROUNDS = 5
/** Microseconds that an address may cost. */
const BUDGET = 5

/** Microseconds an address. */
interface Round {
  readonly lowest: number
  readonly serial: number
  readonly release: number
  readonly refill: number
}

/**
 * Takes a million addresses of 10.0.0.0/8, releases every second one of them in random order and takes as many again;
 * and a hundred thousand random ones of a /64. The calls are those that the controller makes, text in and text out.
 */
export async function allocatorFigures(): Promise<Figure[]> {
  await round(COUNT / 10)
  const rounds: Round[] = []
  for (let i = 0; i < ROUNDS; i++) rounds.push(await round(COUNT))
  const of = (key: keyof Round): Spread => spread(rounds.map((each) => each[key]))
  return [
    time(`allocator: each of ${COUNT.toLocaleString('en')} addresses, lowest first`, of('lowest')),
    time('allocator: the same, serial', of('serial')),
    time('allocator: release of every second one, in random order', of('release')),
    time('allocator: again, among the released', of('refill')),
    ...(await memoryFigures()),
  ]
}

async function round(count: number): Promise<Round> {
  const [ipam, other] = [new DefaultIpam(), new DefaultIpam()]
  const poolId = await tenSlashEight(ipam)
  const lowest = await takeMany(ipam, poolId, count, {})
  const half = shuffled(everySecond(count), generator(1))
  const release = await each(half, (address) => ipam.releaseAddress(poolId, address))
  const refill = await takeMany(ipam, poolId, count / 2, {})
  const serial = await takeMany(other, await tenSlashEight(other), count, { 'com.docker.network.ipam.serial': 'true' })
  return { lowest, serial, release, refill }
}

async function memoryFigures(): Promise<Figure[]> {
  const empty = await memoryInUse()
  const ipam = new DefaultIpam()
  const poolId = await tenSlashEight(ipam)
  await takeMany(ipam, poolId, COUNT, {})
  const full = (await memoryInUse()) - empty
  await each(everySecond(COUNT), (address) => ipam.releaseAddress(poolId, address))
  const half = (await memoryInUse()) - empty
  await scatter(ipam)
  const sparse = (await memoryInUse()) - empty - half
  await ipam.close()
  return [
    memory('allocator: memory of a million neighbouring addresses', full),
    memory('allocator: memory when every second one was released', half),
    memory(`allocator: memory of ${SPARSE.toLocaleString('en')} random addresses of a /64`, sparse),
  ]
}

const WISH = { addressSpace: 'LocalDefault', options: {}, avoid: [] }

async function tenSlashEight(ipam: DefaultIpam): Promise<string> {
  return (await ipam.requestPool({ ...WISH, pool: '10.0.0.0/8', family: 4 })).poolId
}

async function scatter(ipam: DefaultIpam): Promise<void> {
  const { poolId } = await ipam.requestPool({ ...WISH, pool: 'fd00::/64', family: 6 })
  const random = generator(2)
  const group = (): string => Math.floor(random() * 65536).toString(16)
  for (let i = 0; i < SPARSE; i++) {
    await ipam.requestAddress(poolId, `fd00::${group()}:${group()}:${group()}:${group()}`, {})
  }
}

async function takeMany(ipam: DefaultIpam, poolId: string, count: number, options: Record<string, string>) {
  const start = performance.now()
  for (let i = 0; i < count; i++) await ipam.requestAddress(poolId, undefined, options)
  return ((performance.now() - start) * 1000) / count
}

async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<number> {
  const start = performance.now()
  for (const item of items) await work(item)
  return ((performance.now() - start) * 1000) / items.length
}

function everySecond(count: number): string[] {
  return Array.from({ length: count / 2 }, (_, i) => {
    const host = 2 * i + 1
    return `10.${host >>> 16}.${(host >>> 8) & 255}.${host & 255}`
  })
}

/** Fisher and Yates. */
function shuffled<T>(items: T[], random: () => number): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1))
    ;[items[i], items[other]] = [items[other]!, items[i]!]
  }
  return items
}

/** The same numbers in every run, from 0 up to 1: a linear congruential generator (Numerical Recipes). */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** Bytes on the heap and in buffers that are still referred to. */
async function memoryInUse(): Promise<number> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  // Buffers of what the first collection finds go with the second.
  for (let i = 0; i < 2; i++) {
    await setImmediate()
    collect()
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

function time(what: string, { median, least, most }: Spread): Figure {
  return {
    what,
    value: `${median.toFixed(2)} µs (${least.toFixed(2)}–${most.toFixed(2)})`,
    against: `${BUDGET} µs`,
    ratio: BUDGET / median,
    bound: { kind: 'least', value: 1 },
  }
}

function memory(what: string, bytes: number): Figure {
  return { what, value: bytes < 2 ** 20 ? 'below 1 MiB' : `${(bytes / 2 ** 20).toFixed(1)} MiB` }
}
