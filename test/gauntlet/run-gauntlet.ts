/** Runs a gauntlet against the built program: every healthy question is delivered without alarm, every fault is named. */
import { execFileSync } from 'node:child_process'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runProgram } from '../support/program.ts'
import type { Fault, Gauntlet, Question } from './fault.ts'
import { World } from './world.ts'

interface Answer {
  readonly verdict: string
  readonly cause: {
    readonly code: string
    readonly where: { readonly namespace: string; readonly rule?: unknown }
  } | null
  readonly fix: { readonly commands: readonly string[] } | null
}
interface Finding {
  readonly code: string
  readonly severity: string
  readonly subject: { readonly namespace: string | null; readonly names: readonly string[] }
  readonly fix: { readonly commands: readonly string[] } | null
}

function answer<T>(words: readonly string[]): T {
  const run = runProgram([...words, '--json'])
  try {
    return JSON.parse(run.answer)
  } catch {
    throw new Error(`netwright ${words.join(' ')}: exit ${run.code}: ${run.remarks || run.answer}`)
  }
}

function trace(world: World, { from, to, flags = [] }: Question): Answer {
  const target = /[.:]/.test(to) ? to : `ns:${world.name(to)}`
  return answer<Answer>(['trace', `ns:${world.name(from)}`, target, ...flags])
}

function findings(world: World): Finding[] {
  const own = world.inodes()
  return answer<{ findings: Finding[] }>(['doctor']).findings.filter(
    ({ subject }) =>
      (subject.namespace !== null && own.has(subject.namespace)) || subject.names.some((name) => world.owns(name)),
  )
}

/** Makes the tests of a gauntlet. */
export function runGauntlet(gauntlet: Gauntlet): void {
  describe(gauntlet.name, () => {
    let world: World
    beforeEach(async () => {
      world = new World(gauntlet.name.replaceAll(' ', ''))
      await gauntlet.build(world)
    })
    afterEach(() => world.destroy())

    for (const question of gauntlet.healthy) {
      test(`healthy: ${question.from} reaches ${question.to} ${question.flags?.join(' ') ?? ''}`.trim(), async () => {
        await question.prepare?.(world)
        expect(trace(world, question)).toMatchObject({ verdict: 'delivered', cause: null })
        const alarms = findings(world).filter(({ severity }) => severity === 'error')
        expect(alarms.map(({ code, subject }) => [code, subject.names])).toEqual([])
      })
    }
    for (const fault of gauntlet.faults) test(`fault: ${fault.name}`, () => judge(world, fault))
  })
}

async function judge(world: World, fault: Fault): Promise<void> {
  await fault.prepare?.(world)
  if (fault.mended !== undefined) expect(world.succeeds(...fault.mended), 'works before it is broken').toBe(true)
  // What the check has left in the caches would hide the fault for a while.
  world.forgetNeighbours()
  await fault.break(world)
  if (fault.mended !== undefined) expect(world.succeeds(...fault.mended), 'is broken').toBe(false)
  const commands = fault.trace === undefined ? judgeDoctor(world, fault) : judgeTrace(world, fault)
  if (fault.mended === undefined) return
  for (const command of commands) execFileSync('bash', ['-c', command], { stdio: 'pipe' })
  expect(await world.soonSucceeds(...fault.mended), `mended by ${JSON.stringify(commands)}`).toBe(true)
}

function judgeTrace(world: World, { trace: expected }: Fault): readonly string[] {
  const { codes, at, rule, ...question } = expected!
  const said = trace(world, question)
  expect(said.verdict, JSON.stringify(said.cause)).not.toBe('delivered')
  expect(codes, JSON.stringify(said.cause)).toContain(said.cause?.code)
  expect(
    at.map((short) => world.inode(short)),
    JSON.stringify(said.cause),
  ).toContain(said.cause?.where.namespace)
  if (rule !== undefined) expect(JSON.stringify(said.cause?.where.rule)).toMatch(rule)
  return said.fix?.commands ?? []
}

function judgeDoctor(world: World, { doctor: expected }: Fault): readonly string[] {
  const { codes, at, called } = expected!
  const all = findings(world)
  const places = at.map((short) => world.inode(short))
  const hit = all.find(
    ({ code, subject }) =>
      codes.includes(code) &&
      (called === undefined
        ? places.includes(String(subject.namespace))
        : subject.names.some((name) => name.includes(called))),
  )
  expect(hit, `found ${JSON.stringify(all.map(({ code, subject }) => [code, subject.names]))}`).toBeDefined()
  return hit?.fix?.commands ?? []
}
