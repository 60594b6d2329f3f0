/** `netwright watch` as a program. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterEach, expect, test } from 'vitest'
import { end, until } from '../support/holder.ts'
import { ip, ipBatch, NamedNamespaces } from '../support/iproute.ts'
import { programWords } from '../support/program.ts'

const namespaces = new NamedNamespaces('watchcli')
const started: ChildProcess[] = []

afterEach(async () => {
  for (const child of started.splice(0)) await end(child)
  namespaces.close()
})

/** A running `netwright watch`, and what it has printed. */
interface Run {
  readonly child: ChildProcess & { readonly pid: number }
  readonly lines: string[]
}

/** Starts it, and waits until it hears: until a namespace that is made for that has been told. */
async function watch(...words: readonly string[]): Promise<Run> {
  const [node, ...rest] = programWords(['watch', ...words])
  const child = spawn(node, rest, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NO_COLOR: '1' } })
  started.push(child)
  const lines: string[] = []
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part
    lines.push(...text.split('\n').slice(0, -1))
    text = text.slice(text.lastIndexOf('\n') + 1)
  })
  return { child: child as Run['child'], lines }
}

/** Makes and unmakes something in a namespace until the watch has told of it. */
async function untilHeard(run: Run, name: string): Promise<void> {
  for (let turn = 0; !run.lines.some((line) => line.includes('ready')); turn++) {
    if (turn > 100) throw new Error('nothing was ever heard')
    ipBatch(['link add ready type ifb', 'link del ready'], { inside: name })
    await sleep(100)
  }
}

async function exit(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null) await once(child, 'exit')
  return child.exitCode
}

test('--json prints documents of the schema; SIGINT ends it well', async () => {
  const ajv = new Ajv2020({ strict: true, formats: { 'date-time': true } })
  const schema = ajv.compile(JSON.parse(readFileSync(join(import.meta.dirname, '../../schemas/event.v1.json'), 'utf8')))
  const name = namespaces.add('json')
  const run = await watch('--json')
  await untilHeard(run, name)
  ipBatch(
    ['link add a0 type ifb', 'link set a0 up', 'addr add 10.9.0.1/24 dev a0', 'rule add from 10.1.0.0/16 table 7'],
    {
      inside: name,
    },
  )
  ip(`netns del ${name}`)
  await until(() => run.lines.some((line) => line.includes('"namespace","action":"removed"') && line.includes(name)))
  run.child.kill('SIGINT')
  expect(await exit(run.child)).toBe(0)
  const documents = run.lines.map((line) => JSON.parse(line))
  for (const document of documents) expect(schema(document), JSON.stringify(schema.errors)).toBe(true)
  const kinds = new Set(documents.map(({ object }) => object))
  expect(kinds).toEqual(new Set([...kinds, 'namespace', 'link', 'address', 'route', 'rule']))
})

test('a TARGET and --only leave everything else out, also after the name was given to a new namespace', async () => {
  const [mine, other] = [namespaces.add('mine'), namespaces.add('other')]
  const run = await watch(`ns:${mine}`, '--only', 'link', '--only', 'namespace')
  await untilHeard(run, mine)
  run.lines.length = 0
  ipBatch(['link add unseen type ifb'], { inside: other })
  ipBatch(['link add seen1 type ifb', 'rule add from 10.1.0.0/16 table 7'], { inside: mine })
  ip(`netns del ${mine}`)
  await until(() => run.lines.some((line) => line.includes(`- namespace  ${mine}`)))
  ip(`netns add ${mine}`)
  await until(() => run.lines.some((line) => line.includes(`+ namespace  ${mine}`)))
  ipBatch(['link add seen2 type ifb'], { inside: mine })
  await until(() => run.lines.some((line) => line.includes('seen2')))
  const text = run.lines.join('\n')
  expect(text).toContain('+ link       seen1')
  expect(text).not.toContain('unseen')
  expect(text).not.toContain(' rule ')
})

test('names cannot reach the terminal as commands', async () => {
  const name = namespaces.add('hostile')
  const run = await watch()
  await untilHeard(run, name)
  execFileSync('ip', ['-n', name, 'link', 'add', 'a\u001b[31mb', 'type', 'ifb'])
  await until(() => run.lines.some((line) => line.includes('a\\x1b[31mb')))
  expect(run.lines.join('\n')).not.toContain('\u001b')
})

test('it ends quietly when nobody reads any more', async () => {
  const name = namespaces.add('head')
  const [node, ...rest] = programWords(['watch', '--json'])
  const shell = spawn('sh', ['-c', '"$0" "$@" | head -1', node, ...rest], { stdio: ['ignore', 'pipe', 'pipe'] })
  started.push(shell)
  let remarks = ''
  shell.stderr.on('data', (part) => {
    remarks += part
  })
  for (let turn = 0; shell.exitCode === null && turn < 100; turn++) {
    ipBatch(['link add a0 type ifb', 'link del a0'], { inside: name })
    await sleep(100)
  }
  expect([shell.exitCode, remarks]).toEqual([0, ''])
})

test('as an ordinary user it says in one sentence what is needed', () => {
  const words = ['--reuid=65534', '--clear-groups', ...programWords(['watch'])]
  try {
    execFileSync('setpriv', words, { stdio: 'pipe', encoding: 'utf8' })
    expect.unreachable()
  } catch (error) {
    const { status, stderr, stdout } = error as { status: number; stderr: string; stdout: string }
    expect([status, stdout]).toEqual([3, ''])
    expect(stderr).toMatch(/^netwright watch: .*sudo.*\n$/)
  }
})

test('it uses next to nothing when nothing happens', { timeout: 60_000 }, async () => {
  const name = namespaces.add('idle')
  const run = await watch('--json')
  await untilHeard(run, name)
  // Something may happen on the host that is none of this test's doing: the quietest of a few spells counts. Below 2 % on a
  // machine that does nothing else (npm run bench).
  const shares: number[] = []
  while (shares.length < 8 && !shares.some((share) => share < 0.05)) {
    const before = processorTime(run.child.pid)
    await sleep(4000)
    shares.push((processorTime(run.child.pid) - before) / 4)
  }
  expect(Math.min(...shares)).toBeLessThan(0.05)
})

/** Seconds of processor time, from /proc/PID/stat (proc(5)) in ticks of 10 ms. */
function processorTime(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}
