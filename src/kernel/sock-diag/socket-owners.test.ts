import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { socketOwners } from './socket-owners.ts'

let proc: string

beforeEach(() => {
  proc = mkdtempSync(join(tmpdir(), 'nwt-proc-'))
})
afterEach(() => rmSync(proc, { recursive: true }))

/** A process with these descriptors. */
function process(pid: number, command: string | undefined, descriptors: Record<number, string>): void {
  mkdirSync(join(proc, String(pid), 'fd'), { recursive: true })
  if (command !== undefined) writeFileSync(join(proc, String(pid), 'comm'), `${command}\n`)
  for (const [fd, target] of Object.entries(descriptors)) symlinkSync(target, join(proc, String(pid), 'fd', fd))
}

test('a socket that several processes share has them all', () => {
  process(10, 'nginx', { 0: '/dev/null', 6: 'socket:[500]', 7: 'socket:[501]' })
  process(11, 'nginx', { 6: 'socket:[500]' })
  process(12, 'other', { 3: 'socket:[5000]', 4: 'pipe:[500]' })
  const found = socketOwners([500, 0], proc)
  expect(found.owners).toEqual(
    new Map([
      [
        500,
        [
          { pid: 10, fd: 6, command: 'nginx' },
          { pid: 11, fd: 6, command: 'nginx' },
        ],
      ],
    ]),
  )
  expect(found.unreadable).toBe(0)
})

test('a process that ended during the walk is passed over', () => {
  mkdirSync(join(proc, '20'))
  process(21, undefined, { 1: 'socket:[7]' })
  expect(socketOwners([7], proc)).toEqual({ owners: new Map([[7, [{ pid: 21, fd: 1, command: '' }]]]), unreadable: 0 })
})

test('what is not a process is not looked at', () => {
  mkdirSync(join(proc, 'net'))
  writeFileSync(join(proc, 'uptime'), '1 1')
  expect(socketOwners([7], proc).owners.size).toBe(0)
})
