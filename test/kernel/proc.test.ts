import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import * as libc from '../../src/kernel/libc.ts'
import { Namespace } from '../../src/kernel/netns/namespace.ts'
import {
  argumentsOf,
  commandOf,
  controlGroupOf,
  GONE,
  namespaceOfLink,
  processIds,
  threadCount,
  threadIds,
  walkDescriptors,
} from '../../src/kernel/proc/index.ts'
import { end, GIVEN, type Holder, holdAfter, holdDescriptor } from '../support/holder.ts'

let namespace: Namespace
let child: Holder

beforeEach(() => {
  namespace = Namespace.create()
  child = holdDescriptor(namespace.fd)
})

afterEach(async () => {
  namespace.close()
  await end(child)
})

test('processes are listed in order, while they live', async () => {
  const alive = processIds()
  expect(alive).toContain(child.pid)
  expect(alive).toEqual([...alive].sort((a, b) => a - b))
  await end(child)
  expect(processIds()).not.toContain(child.pid)
})

test('counting threads without listing them gives the number that their process has in its status', () => {
  expect(threadCount(child.pid)).toBe(1)
  expect(threadIds(child.pid)).toEqual([child.pid])
  const [, told] = /^Threads:\s*(\d+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))!
  expect(threadCount(process.pid)).toBe(Number(told))
  expect(threadIds(process.pid)).toHaveLength(Number(told))
})

test('a process that has ended has nothing', async () => {
  await end(child)
  expect(threadCount(child.pid)).toBe(0)
  expect(threadIds(child.pid)).toEqual([])
  expect(commandOf(child.pid)).toBe('')
  expect(argumentsOf(child.pid)).toEqual([])
  expect(controlGroupOf(child.pid)).toBe('')
  expect(namespaceOfLink(`/proc/${child.pid}/ns/net`)).toBe(GONE)
  expect(descriptorsOf(child.pid)).toEqual({ outcome: 'gone', seen: [] })
})

test('names and arguments come as the process chose them', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'nwt-proc-'))
  const program = join(directory, 'a) R 1 (b')
  symlinkSync('/bin/sleep', program)
  const odd = await holdAfter(['env'], ':', { program: `'${program}'`, comm: 'a) R 1 (b' })
  try {
    expect(commandOf(odd.pid)).toBe('a) R 1 (b')
    expect(argumentsOf(odd.pid)).toEqual([program, '600'])
    expect(readFileSync(`/proc/${odd.pid}/cgroup`, 'utf8')).toContain(controlGroupOf(odd.pid))
  } finally {
    await end(odd)
    rmSync(directory, { recursive: true })
  }
})

test('a link that leads to something else than such a namespace has no inode', () => {
  expect(namespaceOfLink(`/proc/${child.pid}/fd/${GIVEN}`)).toBe(Number(namespace.identity.inode))
  expect(namespaceOfLink(`/proc/${child.pid}/fd/${GIVEN}`, 'mnt')).toBe(GONE)
  expect(namespaceOfLink(`/proc/${child.pid}/fd/0`)).toBe(GONE)
  expect(namespaceOfLink(`/proc/${child.pid}/ns/mnt`, 'mnt')).toBeGreaterThan(0)
})

test('descriptors are told apart, however many there are', () => {
  const copies = Array.from({ length: 3000 }, () => Namespace.open({ fd: namespace.fd }))
  const socket = libc.socket(1, 1, 0)
  try {
    const { outcome, seen } = descriptorsOf(process.pid)
    expect(outcome).toBe('done')
    const inode = Number(namespace.identity.inode)
    const ours = new Set(seen.filter((entry) => entry[0] === 'namespace' && entry[2] === inode).map(([, fd]) => fd))
    expect(copies.filter(({ fd }) => !ours.has(fd))).toEqual([])
    expect(seen).toContainEqual(['socket', socket, expect.any(Number)])
    expect(new Set(seen.map(([, fd]) => fd)).size).toBe(seen.length)
  } finally {
    for (const copy of copies) copy.close()
    libc.close(socket)
  }
})

type Seen = [kind: string, fd: number, inode?: number]

function descriptorsOf(pid: number): { outcome: string; seen: Seen[] } {
  const seen: Seen[] = []
  const outcome = walkDescriptors(pid, {
    namespace: (fd, inode) => seen.push(['namespace', fd, inode]),
    socket: (fd, inode) => seen.push(['socket', fd, inode]),
    tun: (fd) => seen.push(['tun', fd]),
  })
  return { outcome, seen }
}
