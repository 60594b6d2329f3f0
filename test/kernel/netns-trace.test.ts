import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import * as libc from '../../src/kernel/libc.ts'
import { inodeOf } from '../../src/kernel/netns/identity.ts'
import { Namespace } from '../../src/kernel/netns/namespace.ts'
import { pinNamespace, unpinNamespace } from '../../src/kernel/netns/pin.ts'
import { type NamespaceTrace, openTrace } from '../../src/kernel/netns/trace.ts'
import { end, GIVEN, type Holder, holdAfter, holdDescriptor } from '../support/holder.ts'

const AF_INET = 2
const SOCK_DGRAM = 2
const SOCK_CLOEXEC = 0o2000000

let namespace: Namespace
let holder: Holder
let directory: string

beforeEach(() => {
  namespace = Namespace.create()
  holder = holdDescriptor(namespace.fd)
  directory = mkdtempSync(join(tmpdir(), 'nwt-trace-'))
})

afterEach(async () => {
  namespace.close()
  await end(holder)
  rmSync(directory, { recursive: true })
})

function inode(): number {
  return Number(namespace.identity.inode)
}

function opens(trace: NamespaceTrace, expected = inode()): boolean {
  const fd = openTrace(trace, expected)
  if (fd === undefined) return false
  expect(inodeOf(fd)).toBe(expected)
  libc.close(fd)
  return true
}

test('a descriptor opens its namespace, and nothing once its number stands for another', () => {
  expect(opens({ kind: 'descriptor', pid: holder.pid, fd: GIVEN })).toBe(true)
  expect(opens({ kind: 'descriptor', pid: holder.pid, fd: GIVEN }, inode() + 1)).toBe(false)
  expect(opens({ kind: 'descriptor', pid: holder.pid, fd: 0 })).toBe(false)
})

test('a process and a thread open the namespace they live in', async () => {
  const inside = await holdAfter(['nsenter', `--net=/proc/${process.pid}/fd/${namespace.fd}`], ':')
  try {
    expect(opens({ kind: 'process', pid: inside.pid })).toBe(true)
    expect(opens({ kind: 'thread', pid: inside.pid, tid: inside.pid })).toBe(true)
  } finally {
    await end(inside)
  }
  expect(opens({ kind: 'process', pid: inside.pid })).toBe(false)
  expect(opens({ kind: 'process', pid: process.pid })).toBe(false)
})

test('a socket opens its namespace, and another namespace of that number is not taken for it', async () => {
  const fd = namespace.enter(() => libc.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0))
  const owner = holdDescriptor(fd)
  libc.close(fd)
  try {
    expect(opens({ kind: 'socket', pid: owner.pid, fd: GIVEN })).toBe(true)
    expect(opens({ kind: 'socket', pid: owner.pid, fd: GIVEN }, inode() + 1)).toBe(false)
    expect(opens({ kind: 'tap', pid: owner.pid, fd: GIVEN + 1 })).toBe(false)
  } finally {
    await end(owner)
  }
})

test('a mount opens its namespace; a link or a pipe that took its place neither stops nor misleads us', () => {
  const path = join(directory, 'pin')
  pinNamespace(namespace, path)
  expect(opens({ kind: 'mount', path })).toBe(true)
  expect(opens({ kind: 'mount', path, pid: holder.pid })).toBe(true)
  unpinNamespace(path)
  expect(opens({ kind: 'mount', path })).toBe(false)
  const link = `/proc/${process.pid}/fd/${namespace.fd}`
  symlinkSync(link, path)
  expect(opens({ kind: 'mount', path })).toBe(false)
  expect(opens({ kind: 'mount', path, pid: holder.pid })).toBe(false)
  rmSync(path)
  execFileSync('mkfifo', [path])
  expect(opens({ kind: 'mount', path })).toBe(false)
  expect(opens({ kind: 'mount', path, pid: holder.pid })).toBe(false)
})
