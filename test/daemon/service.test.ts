/** The daemon as a service: readiness, watchdog, one at a time, and what outlives it. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SandboxView } from '../../src/daemon/index.ts'
import { DaemonWorld } from './daemon-world.ts'
import { NotifySocket } from './notify-socket.ts'

let world: DaemonWorld
beforeEach(() => {
  world = new DaemonWorld('service')
})
afterEach(() => world.close())

const post = (path: string, body: unknown) => world.ask(path, { method: 'POST', body })

test('systemd is told when it serves, again and again that it lives, and when it stops', async () => {
  using manager = new NotifySocket(join(world.directory, 'notify'))
  const daemon = await world.startDaemon([], { NOTIFY_SOCKET: manager.path, WATCHDOG_USEC: '200000' })
  const ready = await manager.next()
  expect(ready).toContain('READY=1\n')
  expect(ready).toContain(`MAINPID=${daemon.pid}\n`)
  expect((await world.ask('/v1/health')).status).toBe(200)
  expect(await manager.next()).toBe('WATCHDOG=1\n')
  expect(await manager.next()).toBe('WATCHDOG=1\n')
  expect(await daemon.stop()).toBe(0)
  expect(await manager.until('STOPPING=1')).toContain('STATUS=stopping\n')
})

test('a manager that is not there is no reason not to serve', async () => {
  await world.startDaemon([], { NOTIFY_SOCKET: join(world.directory, 'nobody') })
  expect((await world.ask('/v1/health')).status).toBe(200)
})

test('the unit says what the daemon does', () => {
  const unit = readFileSync(join(import.meta.dirname, '../../share/systemd/netwright.service'), 'utf8')
  for (const line of ['Type=notify', 'WatchdogSec=', 'Restart=', 'KillMode=process', 'ExecStart=']) {
    expect(unit).toContain(line)
  }
})

test('a second daemon with the same directories is refused, and told which process the first one is', async () => {
  const { pid } = await world.startDaemon()
  const { code, remarks } = world.netwright('daemon')
  expect(code).toBe(3)
  expect(remarks).toContain(`process ${pid}`)
  expect((await world.ask('/v1/health')).json()).toMatchObject({ pid })
})

test('a second daemon with the same state alone is refused, too', async () => {
  const { pid } = await world.startDaemon()
  const other = { ...world.environment, NETWRIGHT_RUN: join(world.directory, 'other') }
  const child = spawn(
    'env',
    [...Object.entries(other).map(([k, v]) => `${k}=${v}`), process.execPath, 'dist/bin/netwright.cjs', 'daemon'],
    {
      cwd: join(import.meta.dirname, '../..'),
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  let remarks = ''
  child.stderr.on('data', (bytes) => (remarks += String(bytes)))
  expect(await once(child, 'close')).toEqual([3, null])
  expect(remarks).toContain(`process ${pid}`)
})

test('the socket goes with the daemon, and what a killed one left is replaced', async () => {
  const first = await world.startDaemon()
  await first.stop()
  await expect(world.ask('/v1/health')).rejects.toMatchObject({ code: 'ENOENT' })
  const second = await world.startDaemon()
  await second.kill()
  await expect(world.ask('/v1/health')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  await world.startDaemon()
  expect((await world.ask('/v1/health')).status).toBe(200)
})

test('a file that is no socket is not replaced', async () => {
  const file = join(world.directory, 'precious')
  execFileSync('sh', ['-c', `echo kept > ${file}`])
  const { code } = world.netwright('daemon', '--socket', file)
  expect(code).not.toBe(0)
  expect(readFileSync(file, 'utf8')).toBe('kept\n')
})

test('kill -9 and a new start lose no packet of a sandbox; it is there as before, and its names are answered again', async () => {
  const first = await world.startDaemon()
  await post('/v1/networks', { name: 'blue', ipam: [{ pool: '10.72.0.0/24' }] })
  for (const containerId of ['a', 'b']) {
    await post('/v1/sandboxes', { containerId })
    await post('/v1/networks/blue/connect', { sandbox: containerId })
  }
  const before = (await world.ask('/v1/sandboxes')).json<{ sandboxes: SandboxView[] }>().sandboxes
  const [a, b] = before as [SandboxView, SandboxView]
  const address = b.endpoints[0]!.addresses[0]!.split('/')[0]!
  // The first answer waits until the bridge has heard of the new links, which may take the kernel a second.
  execFileSync('nsenter', [`--net=${a.key}`, 'busybox', 'ping', '-c', '1', '-W', '5', address])
  // A program of busybox, so that the test needs no package for it: one echo request every 20 ms for two seconds.
  const ping = spawn('nsenter', [`--net=${a.key}`, 'busybox', 'ping', '-i', '0.02', '-c', '100', '-W', '1', address])
  let report = ''
  ping.stdout.on('data', (bytes) => (report += String(bytes)))
  await sleep(300)
  await first.kill()
  await world.startDaemon()
  const found = execFileSync('nsenter', [`--net=${a.key}`, 'busybox', 'nslookup', 'b', '127.0.0.11'], {
    encoding: 'utf8',
  })
  expect(found).toContain(address)
  await once(ping, 'close')
  expect(report).toContain('100 packets transmitted, 100 packets received, 0% packet loss')
  const after = (await world.ask('/v1/sandboxes')).json<{ sandboxes: SandboxView[] }>().sandboxes
  expect(after).toEqual(before)
})
