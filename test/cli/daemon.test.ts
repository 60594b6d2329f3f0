/** `netwright daemon` as a command: how it begins, what it writes, how it ends. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DaemonWorld } from '../daemon/daemon-world.ts'
import { runProgram } from '../support/program.ts'

let world: DaemonWorld
beforeEach(() => {
  world = new DaemonWorld('cli-daemon')
})
afterEach(() => world.close())

test('it writes one JSON object a line on standard error, and ends with 0 when it is asked to', async () => {
  const daemon = await world.startDaemon(['--log-level', 'debug'])
  await world.ask('/v1/networks', { method: 'POST', body: { name: 'blue', configOnly: true } })
  expect(await daemon.stop()).toBe(0)
  const lines = daemon.log.trimEnd().split('\n')
  const entries = lines.map((line) => JSON.parse(line) as { level: string; msg: string; pid: number })
  expect(entries.map(({ msg }) => msg)).toEqual(
    expect.arrayContaining(['serving', 'event', 'request', 'stopping', 'stopped']),
  )
  for (const { level, pid } of entries) {
    expect(['debug', 'info']).toContain(level)
    expect(pid).toBe(daemon.pid)
  }
})

test('with --log-level error it is silent as long as all is well', async () => {
  const child = world.startDaemon(['--log-level', 'error'])
  child.catch(() => {})
  await expect
    .poll(
      () =>
        world.ask('/v1/health').then(
          ({ status }) => status,
          () => 0,
        ),
      { timeout: 15_000 },
    )
    .toBe(200)
  await world.close()
  await expect(child).rejects.toThrow('it ended: ')
  world = new DaemonWorld('cli-daemon')
})

test('the socket can be elsewhere', async () => {
  const socket = `${world.directory}/own.sock`
  await world.startDaemon(['--socket', socket])
  await expect(world.ask('/v1/health')).rejects.toMatchObject({ code: 'ENOENT' })
  const client = connect(socket)
  await once(client, 'connect')
  client.destroy()
})

test('bytes that are no HTTP, and connections that break off, leave it serving', async () => {
  await world.startDaemon()
  for (const bytes of [
    '\0\x01\xff\xfe',
    'GET\r\n\r\n',
    `GET / HTTP/1.1\r\n${'x: y\r\n'.repeat(5000)}`,
    'POST /v1/networks HTTP/1.1\r\nContent-Length: 99\r\n\r\n{',
  ]) {
    const client = connect(world.socket)
    client.on('error', () => {})
    client.write(Buffer.from(bytes, 'latin1'))
    await new Promise((resolve) => setTimeout(resolve, 30))
    client.destroy()
  }
  expect((await world.ask('/v1/health')).status).toBe(200)
})

test('an ordinary user is told to use root, before anything is touched', () => {
  const { code, remarks } = runProgram(['daemon'], { uid: 65534, environment: world.environment })
  expect(code).toBe(3)
  expect(remarks).toContain('run it with sudo')
})

test('an ordinary user may not ask it, and is told so', async () => {
  await world.startDaemon()
  const { code, answer, remarks } = runProgram(['network', 'list'], { uid: 65534, environment: world.environment })
  expect({ code, answer }).toEqual({ code: 3, answer: '' })
  expect(remarks).toMatch(/EACCES.*run it as root/)
})
