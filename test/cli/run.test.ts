/** `netwright run`: programs in sandboxes of their own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SandboxView } from '../../src/daemon/index.ts'
import { DaemonWorld } from '../daemon/daemon-world.ts'
import { programWords } from '../support/program.ts'

const world = new DaemonWorld('cli-run')
beforeAll(async () => {
  await world.startDaemon()
  world.netwright('network', 'create', '--subnet', '10.75.0.0/24', 'blue')
})
afterAll(() => world.close())

const run = (...words: string[]) => world.netwright('run', '--network', 'blue', ...words)
const sandboxes = async () => (await world.ask('/v1/sandboxes')).json<{ sandboxes: SandboxView[] }>().sandboxes

/** Starts a program that says something when it is ready. */
async function start(...words: string[]): Promise<ChildProcess> {
  const [file, ...rest] = world.inside(...programWords(['run', '--network', 'blue', ...words]))
  const child = spawn(file, rest, {
    env: { ...process.env, ...world.environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout!, 'data')
  return child
}

test('two of them reach each other by address, by name and by alias', async () => {
  const web = await start(
    '--name',
    'web',
    '--alias',
    'www',
    '--ip',
    '10.75.0.80',
    '--',
    'sh',
    '-c',
    'echo on; sleep 60',
  )
  for (const word of ['10.75.0.80', 'web', 'www']) {
    const { code, answer } = run('--', 'busybox', 'ping', '-c', '1', '-W', '2', word)
    expect(answer, word).toContain('1 packets received')
    expect(code).toBe(0)
  }
  web.kill()
  expect(await once(web, 'exit')).toEqual([null, 'SIGTERM'])
})

test('the program sees its own interfaces, name, name server and hosts', () => {
  const script = 'ip -4 -o addr show eth0; hostname; cat /etc/resolv.conf /etc/hosts; ls /sys/class/net'
  const { answer } = run(
    '--hostname',
    'shop',
    '--ip',
    '10.75.0.9',
    '--add-host',
    'far:192.0.2.7',
    '--',
    'sh',
    '-c',
    script,
  )
  for (const words of ['10.75.0.9/24', '\nshop\n', 'nameserver 127.0.0.11', '192.0.2.7\tfar', 'eth0\nlo']) {
    expect(answer).toContain(words)
  }
})

test('a published port answers on the host', async () => {
  const server = ['busybox', 'nc', '-ll', '-p', '80', '-e', 'echo', 'hello']
  const web = await start('-p', '127.0.0.1:8075:80', '--', 'sh', '-c', `echo on; exec ${server.join(' ')}`)
  await sleep(200)
  const [file, ...words] = world.inside('busybox', 'nc', '-w', '2', '127.0.0.1', '8075')
  const client = spawn(file, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [bytes] = await once(client.stdout, 'data')
  expect(String(bytes)).toBe('hello\n')
  client.kill()
  web.kill()
  await once(web, 'exit')
})

test('its exit code is passed on, and nothing is left of the sandbox', async () => {
  expect(run('--', 'sh', '-c', 'exit 42').code).toBe(42)
  expect(await sandboxes()).toEqual([])
})

test.each(['SIGTERM', 'SIGKILL', 'SIGABRT'] as const)('it ends by %s as the program did', async (signal) => {
  expect(run('--', 'sh', '-c', `kill -${signal.slice(3)} $$`).signal).toBe(signal)
  expect(await sandboxes()).toEqual([])
})

test('a signal reaches the program, which decides what becomes of it', async () => {
  const child = await start('--', 'sh', '-c', 'trap "exit 7" USR1; trap "" INT; echo on; while :; do sleep 0.1; done')
  child.kill('SIGINT')
  await sleep(200)
  expect(child.exitCode).toBeNull()
  child.kill('SIGUSR1')
  expect(await once(child, 'exit')).toEqual([7, null])
  expect(await sandboxes()).toEqual([])
})

test('a program that is not there gives 127, one that may not be run 126', async () => {
  expect(run('--', 'no-such-program-here')).toMatchObject({
    code: 127,
    remarks: 'netwright run: no-such-program-here: there is no such program on this host\n',
  })
  expect(run('--', '/proc/version').code).toBe(126)
  expect(await sandboxes()).toEqual([])
})

test('standard input and output are its own', () => {
  const [file, ...rest] = world.inside(...programWords(['run', '--', 'cat']))
  const text = 'x'.repeat(200_000)
  const child = spawn(file, rest, { env: { ...process.env, ...world.environment }, stdio: ['pipe', 'pipe', 'inherit'] })
  let read = ''
  child.stdout.on('data', (bytes) => (read += String(bytes)))
  child.stdin.end(text)
  return once(child, 'close').then(() => expect(read).toBe(text))
})

test('with --keep the sandbox stays, and can be run in again', async () => {
  expect(run('--name', 'kept', '--keep', '--', 'true').code).toBe(0)
  expect((await sandboxes()).map(({ containerId }) => containerId)).toEqual(['kept'])
  expect(world.netwright('sandbox', 'remove', 'kept').code).toBe(0)
})

test.each([
  [['--network', 'nosuch', '--', 'true'], 'there is no network "nosuch"'],
  [['--network', 'blue', '--ip', '10.99.0.1', '--', 'true'], '10.99.0.1'],
])('when a network does not take it, the program is not started: %j', async (words, sentence) => {
  const { code, remarks } = world.netwright('run', ...words)
  expect(code).toBe(3)
  expect(remarks).toContain(sentence)
  expect(await sandboxes()).toEqual([])
})

test('without a daemon it looks after the sandbox itself, and names are answered while it runs', async () => {
  const own = new DaemonWorld('cli-run-own')
  try {
    own.netwright('network', 'create', 'blue')
    const { code, answer } = own.netwright('run', '--network', 'blue', '--name', 'me', '--', 'getent', 'hosts', 'me')
    expect({ code, answer }).toEqual({ code: 0, answer: expect.stringMatching(/ me$/m) })
    expect(own.netwright('sandbox', 'list', '--quiet').answer).toBe('')
  } finally {
    await own.close()
  }
})

test('the daemon may be killed and started again meanwhile', async () => {
  const other = new DaemonWorld('cli-run-kill')
  try {
    const daemon = await other.startDaemon()
    other.netwright('network', 'create', 'blue')
    const [file, ...rest] = other.inside(
      ...programWords(['run', '--network', 'blue', '--', 'sh', '-c', 'echo on; read x; exit 5']),
    )
    const child = spawn(file, rest, {
      env: { ...process.env, ...other.environment },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    await daemon.kill()
    await other.startDaemon()
    child.stdin.end('go on\n')
    expect(await once(child, 'exit')).toEqual([5, null])
    expect(other.netwright('sandbox', 'list', '--quiet').answer).toBe('')
  } finally {
    await other.close()
  }
})

/** Starts a `run` whose program waits for a file, and kills it. @returns what makes the file */
async function startAndKill(host: DaemonWorld): Promise<() => void> {
  const file = join(host.directory, 'go-on')
  const script = `echo on; until [ -e ${file} ]; do sleep 0.1; done`
  const [program, ...rest] = host.inside(
    ...programWords(['run', '--network', 'blue', '--name', 'left', '--', 'sh', '-c', script]),
  )
  const environment = { ...process.env, ...host.environment }
  const child = spawn(program, rest, { env: environment, stdio: ['ignore', 'pipe', 'ignore'] })
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
  child.stdout.destroy()
  return () => writeFileSync(file, '')
}

test.each(['with a daemon', 'without'])(
  'killed, its sandbox goes once its program has ended: %s',
  async (how) => {
    const host = new DaemonWorld(how === 'without' ? 'cli-run-left' : 'cli-run-leftd')
    let goOn = (): void => {}
    try {
      if (how !== 'without') await host.startDaemon()
      host.netwright('network', 'create', 'blue')
      goOn = await startAndKill(host)
      const list = (): string => host.netwright('sandbox', 'list', '--json').answer
      expect(list(), 'its program lives on in it').toContain('left')
      goOn()
      await expect.poll(list, { timeout: 20_000, interval: 300 }).not.toContain('left')
      expect(host.netwright('network', 'remove', 'blue')).toMatchObject({ code: 0 })
    } finally {
      goOn()
      await host.close()
    }
  },
  40_000,
)
