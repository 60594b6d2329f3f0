import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildContainerHost } from '../gauntlet/container-host.ts'
import { World } from '../gauntlet/world.ts'
import { programWords, runProgram } from '../support/program.ts'
import { schemaFaults } from '../support/schema.ts'

describe('netwright trace', () => {
  let world: World
  let folder: string
  const target = (short: string): string => `ns:${world.name(short)}`
  const trace = (...words: string[]) => runProgram(['trace', ...words])

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'nwt-trace-'))
    world = new World('tracecli')
    buildContainerHost(world)
    world.inside(
      'cache',
      "nft add table inet guard; nft 'add chain inet guard entrance { type filter hook input priority 0 ; }'; nft add rule inet guard entrance tcp dport 6379 drop",
    )
  })
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true })
    await world.destroy()
  })

  test('says what was delivered, hop by hop, and ends with 0', () => {
    const { code, answer, remarks } = trace(target('web'), target('cache'))
    expect({ code, remarks }).toEqual({ code: 0, remarks: '' })
    expect(answer).toContain('delivered')
    expect(answer).toMatch(/^ {2}\S+-host$/m)
    expect(answer).toContain('and back')
  })

  test('says what stops a packet and how to mend that, and ends with 1', () => {
    const { code, answer } = trace(target('web'), target('cache'), '--tcp', '6379')
    expect(code).toBe(1)
    expect(answer).toContain('filtered')
    expect(answer).toMatch(
      new RegExp(`^ {2}ip netns exec ${world.name('cache')} nft delete rule inet guard entrance handle \\d+$`, 'm'),
    )
  })

  test('keeps to 80 columns, apart from commands, which are there to be copied', () => {
    for (const words of [
      [target('web'), target('far')],
      [target('web'), target('cache'), '--tcp', '6379'],
    ]) {
      const lines = trace(...words).answer.split('\n')
      const long = lines.filter((line) => [...line].length > 80 && !line.includes('nft delete rule'))
      expect(long).toEqual([])
    }
  })

  test('is plain ASCII where the locale is, and has no colour outside a terminal', () => {
    const { answer } = runProgram(['trace', target('web'), target('db')], { environment: { LC_ALL: 'C' } })
    expect(answer).toMatch(/^[\n -~]*$/)
    const coloured = runProgram(['trace', target('web'), target('db')], {
      environment: { NO_COLOR: '', FORCE_COLOR: '1' },
    })
    expect(coloured.answer).toContain('\x1b[')
  })

  test('gives one document with --json, as the schema says', () => {
    for (const words of [['--tcp', '6379'], ['--predict'], ['--udp', '9', '-6']]) {
      const { answer } = trace(target('web'), target('cache'), ...words, '--json')
      expect(schemaFaults('trace', JSON.parse(answer))).toEqual([])
    }
  })

  test('is an assertion with --expect', () => {
    const check = (...words: string[]) => trace(target('web'), target('cache'), ...words).code
    expect(check('--expect', 'delivered')).toBe(0)
    expect(check('--expect', 'dropped')).toBe(1)
    expect(check('--tcp', '6379', '--expect', 'dropped')).toBe(0)
    expect(check('--tcp', '9', '--expect', 'dropped')).toBe(0)
    expect(check('--tcp', '6379', '--expect', 'delivered')).toBe(1)
  })

  test('checks a table of expectations from a file or standard input', () => {
    const table = `# the shop\n${target('web')} ${target('db')} delivered\n${target('web')} ${target('cache')} --tcp 6379 dropped\n`
    const file = join(folder, 'expectations.txt')
    writeFileSync(file, table)
    const met = trace('--all', file)
    expect(met.code).toBe(0)
    expect(met.answer).toContain('all 2 met')
    const missed = runProgram(['trace', '--all', '-', '--json'], {
      input: `${table}${target('web')} ${target('cache')} dropped\n`,
    })
    expect(missed.code).toBe(1)
    const document = JSON.parse(missed.answer)
    expect(schemaFaults('expectations', document)).toEqual([])
    expect(document).toMatchObject({
      met: 2,
      missed: 1,
      results: [{ line: 2 }, { line: 3 }, { line: 4, met: false, verdict: 'delivered' }],
    })
  })

  test.each([
    [['--tcp', '80'], 2, 'FROM is missing'],
    [['host'], 2, 'TO is missing'],
    [['host', '127.0.0.1', '--tcp', 'http'], 2, '--tcp takes a number'],
    [['host', '127.0.0.1', '--tcp', '80', '--udp', '80'], 2, 'exclude each other'],
    [['host', '127.0.0.1', '-4', '-6'], 2, 'exclude each other'],
    [['host', '127.0.0.1', '--count', '1000'], 2, '--count takes a number from 1 to 30'],
    [['host', '127.0.0.1', '--timeout', '0'], 2, '--timeout'],
    [['host', '127.0.0.1', '--source', 'here'], 2, '--source takes an address'],
    [['host', '127.0.0.1', '-4', '--source', '::1'], 2, 'no address of IPv4'],
    [['host', '127.0.0.1', '--what-if', 'rm -rf /'], 2, 'cannot be supposed'],
    [['host', '--all', 'x'], 2, 'from the file'],
    [['--all', '/nwt/nothing'], 3, 'cannot be read'],
    [['ns:nwt-nobody', '127.0.0.1'], 3, 'nwt-nobody'],
  ] as const)('%j ends with %i', (words, code, remark) => {
    const run = trace(...words)
    expect(run).toMatchObject({ code, answer: '' })
    expect(run.remarks).toContain(remark)
    expect(run.remarks.trim().split('\n')).toHaveLength(1)
  })

  test('without the right to send says so in one line', () => {
    const run = runProgram(['trace', 'host', '127.0.0.1'], { uid: 65_534 })
    expect(run.code).toBe(3)
    expect(run.remarks.trim().split('\n')).toHaveLength(1)
  })

  test('shows names harmlessly', () => {
    const evil = '\x1b[31m\n\u202e'
    const run = trace(target('web'), `${evil}.invalid`)
    expect(`${run.answer}${run.remarks}`).not.toMatch(/\x1b|\u202e/)
  })

  test('has help with examples', () => {
    const { answer } = runProgram(['trace', '--help'])
    for (const part of ['--what-if', '--expect', 'netwright trace docker:web docker:db --tcp 5432'])
      expect(answer).toContain(part)
  })
})

describe('killed at any instant', () => {
  let world: World
  const shorts = ['web', 'host', 'cache']
  const rules = () => shorts.map((short) => world.inside(short, 'nft list ruleset')).join('\n')
  // Addresses of sockets in the kernel differ from run to run; how many there are does not.
  const sockets = () =>
    shorts.map((short) =>
      world.inside(short, 'ss -Hanptuw; for f in packet raw raw6 netlink; do wc -l < /proc/net/$f; done'),
    )
  const words = () =>
    programWords(['trace', `ns:${world.name('web')}`, `ns:${world.name('cache')}`, '--timeout', '8', '--json'])

  beforeAll(() => {
    world = new World('tracekill')
    buildContainerHost(world)
    for (const short of ['host', 'cache']) {
      world.inside(
        short,
        "nft add table inet guard; nft 'add chain inet guard c { type filter hook input priority 0 ; }'",
      )
    }
    // Nothing that is in a rule set: it is looked for until the time is over.
    world.inside('host', 'tc qdisc add dev vcache root blackhole')
  })
  afterAll(() => world.destroy())

  test('it leaves no table, no socket and no process', async () => {
    const before = { rules: rules(), sockets: sockets() }
    const [node, ...rest] = words()
    for (let i = 0; i < 8; i++) spawnSync(node, rest, { stdio: 'ignore', timeout: 60 + i * 90, killSignal: 'SIGKILL' })
    // Packet sockets that the dead left are closed by the kernel after a grace period.
    await expect.poll(() => ({ rules: rules(), sockets: sockets() }), { timeout: 5000 }).toEqual(before)
  })

  test('it leaves nothing while its tables are in the rule sets', async () => {
    const before = { rules: rules(), sockets: sockets() }
    const [node, ...rest] = words()
    const child = spawn(node, rest, { stdio: 'ignore' })
    await expect.poll(rules, { timeout: 10_000 }).toContain('netwright-trace')
    child.kill('SIGKILL')
    await once(child, 'exit')
    await expect.poll(() => ({ rules: rules(), sockets: sockets() }), { timeout: 5000 }).toEqual(before)
  })
})
