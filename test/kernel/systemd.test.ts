/** Telling the service manager, on a socket that plays it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { notifyServiceManager, watchdogMilliseconds } from '../../src/kernel/index.ts'
import { NotifySocket } from '../daemon/notify-socket.ts'

const directory = mkdtempSync(join(tmpdir(), 'nwt-systemd-'))
afterAll(() => rmSync(directory, { recursive: true }))

test.each([
  ['at a path', join(directory, 'notify')],
  ['in the abstract name space', `@nwt-systemd-${process.pid}`],
])('a manager %s hears every assignment on a line of its own', async (_, path) => {
  using manager = new NotifySocket(path)
  expect(notifyServiceManager({ NOTIFY_SOCKET: path }, { READY: '1', STATUS: 'two\nlines' })).toBe(true)
  expect(await manager.next()).toBe('READY=1\nSTATUS=two lines\n')
})

test('without a manager nothing is told', () => {
  expect(notifyServiceManager({}, { READY: '1' })).toBe(false)
  expect(notifyServiceManager({ NOTIFY_SOCKET: '' }, { READY: '1' })).toBe(false)
})

test.each([
  ['ENOENT', join(directory, 'gone')],
  ['EINVAL', 'relative/path'],
  ['EINVAL', `/${'x'.repeat(200)}`],
  ['EINVAL', 'vsock:2:1234'],
])('%s is thrown for %s', (code, path) => {
  expect(() => notifyServiceManager({ NOTIFY_SOCKET: path }, { READY: '1' })).toThrow(expect.objectContaining({ code }))
})

test('the watchdog is wanted from the process that it names, and only then', () => {
  expect(watchdogMilliseconds({ WATCHDOG_USEC: '30000000' }, 7)).toBe(30_000)
  expect(watchdogMilliseconds({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '7' }, 7)).toBe(30_000)
  expect(watchdogMilliseconds({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '8' }, 7)).toBeUndefined()
  for (const text of ['0', '-1', 'x', '']) expect(watchdogMilliseconds({ WATCHDOG_USEC: text }, 7)).toBeUndefined()
})
