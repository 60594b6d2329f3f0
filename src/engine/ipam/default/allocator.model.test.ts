/**
 * The allocator against a model that lists every address: sequences of requests, releases and restarts, after which the
 * allocator is a new one that was told what networks and endpoints hold.
 */
import fc from 'fast-check'
import { test } from 'vitest'
import { isEngineError } from '../../errors.ts'
import { DefaultIpam } from './index.ts'

/** A range in the model's world, of addresses PREFIX + number. */
interface Extent {
  readonly text: string
  readonly family: 4 | 6
  readonly numbers: readonly number[]
}

const TOP = 40

function extent(base: '10.0.0.' | 'fd00::', first: number, length: number): Extent {
  const family = base === '10.0.0.' ? 4 : 6
  const count = 2 ** ((family === 4 ? 32 : 128) - length)
  const zero = family === 6 && first === 0
  return {
    text: `${zero ? base : base + first.toString(family === 4 ? 10 : 16)}/${length}`,
    family,
    numbers: Array.from({ length: count }, (_, i) => first + i),
  }
}

const WHOLE: readonly Extent[] = [
  extent('10.0.0.', 0, 27),
  extent('10.0.0.', 0, 28),
  extent('10.0.0.', 16, 28),
  extent('10.0.0.', 8, 30),
  extent('10.0.0.', 4, 31),
  extent('10.0.0.', 20, 32),
  extent('fd00::', 0, 124),
  extent('fd00::', 8, 126),
]
const PARTS: readonly Extent[] = [
  extent('10.0.0.', 0, 29),
  extent('10.0.0.', 8, 29),
  extent('10.0.0.', 12, 30),
  extent('10.0.0.', 15, 32),
  extent('fd00::', 4, 126),
]

interface Share {
  readonly id: string
  readonly pool: Extent
  readonly part: Extent | undefined
}

/** What there must be: shares by id, and the numbers taken by pool. */
interface Model {
  readonly shares: Map<string, Share>
  readonly taken: Map<string, Set<number>>
}
interface Real {
  ipam: DefaultIpam
}
type Step = fc.AsyncCommand<Model, Real>

const addressOf = (family: 4 | 6, number: number): string =>
  family === 4 ? `10.0.0.${number}` : number === 0 ? 'fd00::' : `fd00::${number.toString(16)}`
const lengthOf = (pool: Extent): string => pool.text.split('/')[1]!
const meet = (one: Extent, other: Extent): boolean =>
  one.family === other.family && one.numbers.some((number) => other.numbers.includes(number))

/** Numbers that a pool never gives by itself. */
function reserved(pool: Extent): readonly (number | undefined)[] {
  if (pool.family === 6) return [pool.numbers[0]]
  return pool.numbers.length > 2 ? [pool.numbers[0], pool.numbers.at(-1)] : []
}

function free(model: Model, share: Share): number[] {
  const taken = model.taken.get(share.pool.text)!
  const within = (share.part ?? share.pool).numbers
  return within.filter((number) => !taken.has(number) && !reserved(share.pool).includes(number))
}

/** The outcome of a call: what it gave, or the code of its error. */
async function outcome(work: Promise<unknown>): Promise<unknown> {
  try {
    return (await work) ?? 'done'
  } catch (error) {
    if (isEngineError(error)) return error.code
    throw error
  }
}

function demand(what: string, actual: unknown, wanted: unknown): void {
  if (JSON.stringify(actual) !== JSON.stringify(wanted)) {
    throw new Error(`${what}: ${JSON.stringify(actual)} instead of ${JSON.stringify(wanted)}`)
  }
}

function requestPool(ipam: DefaultIpam, pool: Extent, part: Extent | undefined) {
  const wish = { addressSpace: 'LocalDefault', pool: pool.text, family: pool.family, options: {}, avoid: [] }
  return ipam.requestPool(part === undefined ? wish : { ...wish, subPool: part.text })
}

function step(text: string, run: (model: Model, real: Real) => Promise<void>): Step {
  return { check: () => true, run, toString: () => text }
}

/** A step that is done with one of the shares there are; with none it does nothing. */
function stepWith(
  text: string,
  index: number,
  run: (share: Share, model: Model, ipam: DefaultIpam) => Promise<void>,
): Step {
  return step(`${text} (share ${index})`, async (model, { ipam }) => {
    const shares = [...model.shares.values()]
    if (shares.length > 0) await run(shares[index % shares.length]!, model, ipam)
  })
}

function poolIsRequested(pool: Extent, part: Extent | undefined): Step {
  return step(`pool ${pool.text} ${part?.text ?? ''}`, async (model, { ipam }) => {
    // What parts may be is the subject of other tests.
    if (part !== undefined && (part.family !== pool.family || !part.numbers.every((n) => pool.numbers.includes(n))))
      return
    const id = `LocalDefault/${pool.text}${part === undefined ? '' : `/${part.text}`}`
    const overlap = [...model.shares.values()].some((other) => meet(other.pool, pool))
    const refused = part === undefined ? overlap : model.shares.has(id)
    const wanted = refused ? 'pool-overlap' : { poolId: id, pool: pool.text, data: {} }
    demand(`pool ${id}`, await outcome(requestPool(ipam, pool, part)), wanted)
    if (refused) return
    model.shares.set(id, { id, pool, part })
    if (!model.taken.has(pool.text)) model.taken.set(pool.text, new Set())
  })
}

function poolIsReleased(index: number): Step {
  return stepWith('pool released', index, async ({ id, pool }, model, ipam) => {
    demand(`release of ${id}`, await outcome(ipam.releasePool(id)), 'done')
    demand(`second release of ${id}`, await outcome(ipam.releasePool(id)), 'pool-unknown')
    model.shares.delete(id)
    const left = [...model.shares.values()].some((other) => other.pool.text === pool.text)
    if (!left) model.taken.delete(pool.text)
  })
}

async function requestAny(share: Share, model: Model, ipam: DefaultIpam, serial: boolean): Promise<void> {
  const candidates = free(model, share)
  const options: Record<string, string> = serial ? { 'com.docker.network.ipam.serial': 'true' } : {}
  const given = await outcome(ipam.requestAddress(share.id, undefined, options))
  if (candidates.length === 0) return demand(`full ${share.id}`, given, 'addresses-exhausted')
  const possible = (serial ? candidates : candidates.slice(0, 1)).map((number) => ({
    address: `${addressOf(share.pool.family, number)}/${lengthOf(share.pool)}`,
    data: {},
  }))
  const at = possible.findIndex((each) => JSON.stringify(each) === JSON.stringify(given))
  if (at < 0) throw new Error(`${share.id} gave ${JSON.stringify(given)}, not of ${JSON.stringify(possible)}`)
  model.taken.get(share.pool.text)!.add(candidates[at]!)
}

function anyAreRequested(index: number, count: number, serial: boolean): Step {
  return stepWith(`${count} of any${serial ? ', serial' : ''}`, index, async (share, model, ipam) => {
    for (let i = 0; i < count; i++) await requestAny(share, model, ipam, serial)
  })
}

function thisIsRequested(index: number, number: number): Step {
  return stepWith(`${number} requested`, index, async ({ id, pool }, model, ipam) => {
    const taken = model.taken.get(pool.text)!
    const address = addressOf(pool.family, number)
    const given = await outcome(ipam.requestAddress(id, address, {}))
    if (!pool.numbers.includes(number)) return demand(`${address} of ${id}`, given, 'address-out-of-range')
    const refused = taken.has(number) || reserved(pool).includes(number)
    const wanted = refused ? 'address-taken' : { address: `${address}/${lengthOf(pool)}`, data: {} }
    demand(`${address} of ${id}`, given, wanted)
    if (!refused) taken.add(number)
  })
}

function addressIsReleased(index: number, number: number): Step {
  return stepWith(`${number} released`, index, async ({ id, pool }, model, ipam) => {
    const address = addressOf(pool.family, number)
    const wanted = pool.numbers.includes(number) ? 'done' : 'address-out-of-range'
    demand(`release of ${address}`, await outcome(ipam.releaseAddress(id, address)), wanted)
    model.taken.get(pool.text)!.delete(number)
  })
}

/** The process dies; the next one asks for everything that the records say, pools in the order in which they were had. */
function restart(): Step {
  return step('restart', async (model, real) => {
    real.ipam = new DefaultIpam()
    const shares = [...model.shares.values()]
    for (const { pool, part } of shares) await requestPool(real.ipam, pool, part)
    for (const [text, numbers] of model.taken) {
      const { id, pool } = shares.find((each) => each.pool.text === text)!
      for (const number of numbers) await real.ipam.requestAddress(id, addressOf(pool.family, number), {})
    }
  })
}

test('gives what the model says, whatever was asked before, and after every restart', async () => {
  const index = fc.nat(6)
  const number = fc.nat(TOP)
  const pool = fc.constantFrom(...WHOLE)
  const steps = fc.commands(
    [
      fc.tuple(pool, fc.constantFrom(undefined, ...PARTS)).map(([whole, part]) => poolIsRequested(whole, part)),
      pool.map((whole) => poolIsRequested(whole, undefined)),
      index.map(poolIsReleased),
      fc.tuple(index, fc.nat(TOP), fc.boolean()).map(([share, count, serial]) => anyAreRequested(share, count, serial)),
      fc.tuple(index, fc.boolean()).map(([share, serial]) => anyAreRequested(share, 1, serial)),
      fc.tuple(index, number).map(([share, wanted]) => thisIsRequested(share, wanted)),
      fc.tuple(index, number).map(([share, given]) => addressIsReleased(share, given)),
      fc.constant(restart()),
    ],
    { maxCommands: 60, size: 'max' },
  )
  const setUp = () => ({
    model: { shares: new Map<string, Share>(), taken: new Map<string, Set<number>>() },
    real: { ipam: new DefaultIpam() },
  })
  await fc.assert(
    fc.asyncProperty(steps, (run) => fc.asyncModelRun(setUp, run)),
    { numRuns: 300 },
  )
})
