import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { discoverNamespaces } from '../../src/host/discovery/discover.ts'
import { readOwnerEvidence } from '../../src/host/discovery/owner-evidence.ts'
import type { Sighting } from '../../src/host/discovery/sighting.ts'
import * as libc from '../../src/kernel/libc.ts'
import { bindMountDescriptor, unmount } from '../../src/kernel/mounts.ts'
import { Namespace } from '../../src/kernel/netns/namespace.ts'
import { spawnInNamespace } from '../../src/kernel/netns/worker.ts'
import { end, GIVEN, holdAfter, holdDescriptor, namespaceOf } from '../support/holder.ts'

const root = join(import.meta.dirname, '../..')

const AF_INET = 2
const AF_UNIX = 1
const SOCK_STREAM = 1
const SOCK_DGRAM = 2
const SOCK_CLOEXEC = 0o2000000
const O_RDWR = 2
const O_CLOEXEC = 0o2000000
/** linux/if_tun.h */
const TUNSETIFF = 0x400454ca
const IFF_TUN = 1

const prefix = `nwt-discovery-${process.pid}`
const undo: (() => unknown)[] = []

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

function later<T extends ChildProcess>(child: T): T {
  undo.push(() => end(child))
  return child
}

/** A namespace that `give` hands to somebody; afterwards we hold it no longer. Returns its inode. */
async function held(give: (namespace: Namespace) => unknown): Promise<string> {
  const namespace = Namespace.create()
  try {
    await give(namespace)
    return namespace.identity.inode
  } finally {
    namespace.close()
  }
}

function sightingOf(inode: string): Sighting {
  const sighting = discoverNamespaces().sightings.find((candidate) => candidate.inode === inode)
  if (sighting === undefined) throw new Error(`namespace ${inode} was not found`)
  return sighting
}

/** The sighting opens the namespace that it says. */
function expectOpens(sighting: Sighting): void {
  const fd = sighting.open()
  expect(fd).toBeDefined()
  using namespace = Namespace.adopt(fd!, 'sighting')
  expect(namespace.identity.inode).toBe(sighting.inode)
}

/** Makes something inside the namespace and gives it to a child alone. */
function give(namespace: Namespace, make: () => number): number {
  const fd = namespace.enter(make)
  expect(fd).toBeGreaterThanOrEqual(0)
  const { pid } = later(holdDescriptor(fd))
  libc.close(fd)
  return pid
}

test('our own namespace is found with our process', () => {
  const discovery = discoverNamespaces()
  expect(discovery.own).toBe(namespaceOf('self'))
  const own = discovery.sightings.find(({ inode }) => inode === discovery.own)!
  expect(own.pids).toContain(process.pid)
  expect(own.pids).toEqual([...own.pids].sort((a, b) => a - b))
  expectOpens(own)
})

test('a namespace of a process is found', async () => {
  const { pid } = later(await holdAfter(['unshare', '--net'], ':'))
  const sighting = sightingOf(namespaceOf(pid))
  expect(sighting.pids).toEqual([pid])
  expect(sighting.holders).toEqual([])
  expectOpens(sighting)
})

test('a namespace held only by an open descriptor is found, with process and descriptor', async () => {
  let pid = 0
  const inode = await held((namespace) => {
    pid = later(holdDescriptor(namespace.fd)).pid
  })
  const sighting = sightingOf(inode)
  expect(sighting.pids).toEqual([])
  expect(sighting.holders).toEqual([{ kind: 'descriptor', pid, fd: GIVEN, command: 'sleep' }])
  expectOpens(sighting)
})

test('a namespace held only by a thread is found, with the thread', async () => {
  let tid = 0
  const inode = await held(async (namespace) => {
    const worker = spawnInNamespace(
      namespace,
      `const { parentPort } = require('node:worker_threads')
       parentPort.postMessage(Number(require('node:fs').readlinkSync('/proc/thread-self').split('/').at(-1)))
       parentPort.on('message', () => {})`,
      { eval: true },
    )
    undo.push(() => worker.terminate())
    tid = await new Promise((resolve) => worker.once('message', resolve))
  })
  const sighting = sightingOf(inode)
  expect(sighting.pids).toEqual([])
  expect(sighting.holders).toContainEqual({
    kind: 'thread',
    pid: process.pid,
    tid,
    command: expect.stringMatching(/./),
  })
  expectOpens(sighting)
})

test('a process goes on without its main thread: its other threads and their descriptors are found', async () => {
  const given = Namespace.create()
  undo.push(() => given.close())
  const child = later(
    spawn('python3', ['-c', HEADLESS], { stdio: ['ignore', 'pipe', 'inherit', given.fd] }) as ChildProcess & {
      pid: number
    },
  )
  given.close()
  const [told] = await once(child.stdout!, 'data')
  const [tid, lives] = String(told).trim().split(' ')
  expect(sightingOf(lives!).holders).toEqual([{ kind: 'thread', pid: child.pid, tid: Number(tid), command: 'python3' }])
  const opened = sightingOf(given.identity.inode)
  expect(opened.holders).toMatchObject([{ kind: 'descriptor', pid: child.pid, fd: GIVEN }])
  expectOpens(opened)
})

/** Ends its main thread; the other moves into a namespace of its own, then says its number and the namespace's. */
const HEADLESS = `
import ctypes, os, threading, time
libc = ctypes.CDLL(None)
def live():
    while ') Z ' not in open(f'/proc/{os.getpid()}/task/{os.getpid()}/stat').read(): time.sleep(0.01)
    libc.unshare(0x40000000)
    os.write(1, f"{threading.get_native_id()} {os.readlink('/proc/thread-self/ns/net')[5:-1]}".encode())
    time.sleep(600)
threading.Thread(target=live).start()
libc.pthread_exit(None)
`

test.each([
  ['an internet socket', AF_INET, SOCK_DGRAM],
  ['a unix socket', AF_UNIX, SOCK_STREAM],
])('a namespace held only by %s is found, with process and descriptor', async (_, family, type) => {
  let pid = 0
  const inode = await held((namespace) => {
    pid = give(namespace, () => libc.socket(family, type | SOCK_CLOEXEC, 0))
  })
  const sighting = sightingOf(inode)
  expect(sighting.pids).toEqual([])
  expect(sighting.holders).toEqual([{ kind: 'socket', pid, fd: GIVEN, command: 'sleep' }])
  expectOpens(sighting)
})

test('a socket that several processes have inherited is reported of each', async () => {
  const pids: number[] = []
  const inode = await held((namespace) => {
    const fd = namespace.enter(() => libc.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0))
    for (let i = 0; i < 2; i++) pids.push(later(holdDescriptor(fd)).pid)
    libc.close(fd)
  })
  expect(
    sightingOf(inode)
      .holders.map((holder) => holder.pid)
      .sort(),
  ).toEqual(pids.sort())
})

test('a namespace held only by a tun device is found, with process and descriptor', async () => {
  let pid = 0
  const inode = await held((namespace) => {
    pid = give(namespace, () => {
      const fd = libc.open('/dev/net/tun', O_RDWR | O_CLOEXEC, 0)
      const request = Buffer.alloc(40)
      request.write('tun0', 'latin1')
      request.writeUInt16LE(IFF_TUN, 16)
      expect(libc.ioctl(fd, TUNSETIFF, request)).toBe(0)
      return fd
    })
  })
  const sighting = sightingOf(inode)
  expect(sighting.pids).toEqual([])
  expect(sighting.holders).toEqual([{ kind: 'tap', pid, fd: GIVEN, command: 'sleep' }])
  expectOpens(sighting)
  const fd = sighting.open()!
  expect(
    execFileSync('nsenter', [`--net=/proc/${process.pid}/fd/${fd}`, 'ip', '-o', 'link'], { encoding: 'utf8' }),
  ).toContain('tun0')
  libc.close(fd)
})

test('a namespace mounted only in another mount namespace is found, at a path that can be opened from here', async () => {
  const directory = mkdtempSync(join(tmpdir(), `${prefix}-`))
  undo.push(() => rmSync(directory, { recursive: true }))
  const pin = join(directory, 'pin of a net')
  writeFileSync(pin, '')
  let pid = 0
  const inode = await held(async (namespace) => {
    const command = ['unshare', '--mount', '--propagation', 'private'] as const
    pid = later(await holdAfter([...command], `mount --bind /proc/self/fd/3 '${pin}'`, { given: namespace.fd })).pid
  })
  const sighting = sightingOf(inode)
  expect(sighting.pids).toEqual([])
  expect(sighting.mounts).toEqual([`/proc/${pid}/root${pin}`])
  expect(sighting.holders).toEqual([{ kind: 'mount', pid, command: 'sleep', path: pin }])
  expectOpens(sighting)
  expect(readOwnerEvidence(discoverNamespaces()).mounts).toContainEqual({
    inode,
    path: pin,
    reachable: `/proc/${pid}/root${pin}`,
  })
})

test('a name is reported with its mount, and once only where other mount namespaces have copies of it', async () => {
  const name = `${prefix}-named`
  execFileSync('ip', ['netns', 'add', name])
  undo.push(() => execFileSync('ip', ['netns', 'delete', name]))
  later(await holdAfter(['unshare', '--mount', '--propagation', 'slave'], ':'))
  const path = `/run/netns/${name}`
  const sighting = discoverNamespaces().sightings.find(({ names }) => names.includes(name))!
  expect(sighting.inode).toBe(execFileSync('stat', ['-L', '-c', '%i', path], { encoding: 'utf8' }).trim())
  expect(sighting).toMatchObject({ names: [name], mounts: [path], holders: [{ kind: 'mount', path }] })
  expectOpens(sighting)
})

test('a symbolic link to a living process is a name of its namespace, and a broken name once the process is dead', async () => {
  const name = `${prefix}-link`
  const child = later(await holdAfter(['unshare', '--net'], ':'))
  const target = `/proc/${child.pid}/ns/net`
  symlinkSync(target, `/run/netns/${name}`)
  undo.push(() => unlinkSync(`/run/netns/${name}`))
  const inode = namespaceOf(child.pid)
  expect(sightingOf(inode)).toMatchObject({ names: [name], pids: [child.pid] })
  await end(child)
  const after = discoverNamespaces()
  expect(after.sightings.some(({ names }) => names.includes(name))).toBe(false)
  expect(after.brokenNames).toContainEqual({
    name,
    path: `/run/netns/${name}`,
    problem: 'dangling-link',
    target,
  })
})

test('a link to a mount is a name of the mounted namespace', () => {
  const [name, link] = [`${prefix}-first`, `${prefix}-second`]
  execFileSync('ip', ['netns', 'add', name])
  undo.push(() => execFileSync('ip', ['netns', 'delete', name]))
  symlinkSync(`/var/run/netns/${name}`, `/run/netns/${link}`)
  undo.push(() => unlinkSync(`/run/netns/${link}`))
  const sighting = discoverNamespaces().sightings.find(({ names }) => names.includes(name))!
  expect([...sighting.names].sort()).toEqual([name, link])
})

test('entries of /run/netns that lead to no network namespace are told apart', async () => {
  const [file, elsewhere, other] = [`${prefix}-file`, `${prefix}-elsewhere`, `${prefix}-other`]
  const path = (name: string) => `/run/netns/${name}`
  writeFileSync(path(file), '', { mode: 0 })
  writeFileSync(path(other), '', { mode: 0 })
  symlinkSync('/etc/hostname', path(elsewhere))
  undo.push(() => [file, elsewhere, other].map((name) => unlinkSync(path(name))))
  execFileSync('mount', ['--bind', '/proc/self/ns/uts', path(other)])
  undo.push(() => unmount(path(other)))
  const { brokenNames } = discoverNamespaces()
  const problemOf = (name: string) => brokenNames.find((broken) => broken.name === name)?.problem
  expect(problemOf(file)).toBe('plain-file')
  expect(problemOf(elsewhere)).toBe('not-a-network-namespace')
  expect(problemOf(other)).toBe('not-a-network-namespace')
})

test('a sighting whose last trace is gone opens nothing', async () => {
  const child = later(await holdAfter(['unshare', '--net'], ':'))
  const sighting = sightingOf(namespaceOf(child.pid))
  await end(child)
  expect(sighting.open()).toBeUndefined()
})

test('owners are told of processes elsewhere than on the host, and of daemons wherever they are', async () => {
  const directory = mkdtempSync(join(tmpdir(), `${prefix}-`))
  undo.push(() => rmSync(directory, { recursive: true }))
  const program = join(directory, 'dockerd')
  symlinkSync('/bin/sleep', program)
  const { pid } = later(await holdAfter(['unshare', '--net'], ':', { program }))
  const evidence = readOwnerEvidence(discoverNamespaces())
  expect(evidence.daemons).toContainEqual({ pid, command: 'dockerd', arguments: [program, '600'] })
  const told = evidence.processes.find((candidate) => candidate.pid === pid)
  expect(told).toMatchObject({ inode: namespaceOf(pid), command: 'dockerd' })
  expect(readFileSync(`/proc/${pid}/cgroup`, 'utf8')).toContain(told!.cgroup)
  expect(evidence.processes.some((candidate) => candidate.pid === process.pid)).toBe(false)
})

test('what a process holds of its own namespace is no news', async () => {
  const inside = later(await holdAfter(['unshare', '--net'], 'exec 4</proc/self/ns/net'))
  expect(sightingOf(namespaceOf(inside.pid)).holders).toEqual([])
})

test('a mount that another hides goes on to hold its namespace, but is no path to it', async () => {
  const directory = mkdtempSync(join(tmpdir(), `${prefix}-`))
  const pin = join(directory, 'pin')
  writeFileSync(pin, '')
  undo.push(() => rmSync(directory, { recursive: true }))
  const mount = () =>
    held((namespace) => {
      bindMountDescriptor(namespace.fd, pin)
      undo.push(() => unmount(pin))
    })
  const [hidden, visible] = [await mount(), await mount()]
  expect(sightingOf(hidden)).toMatchObject({ mounts: [], holders: [{ kind: 'mount', path: pin }] })
  expect(sightingOf(hidden).open()).toBeUndefined()
  expect(sightingOf(visible)).toMatchObject({ mounts: [pin], holders: [{ kind: 'mount', path: pin }] })
  expectOpens(sightingOf(visible))
})

test('descriptors are left out on request', async () => {
  const inode = await held((namespace) => later(holdDescriptor(namespace.fd)))
  const without = discoverNamespaces({ descriptors: false }).sightings
  expect(without.some((sighting) => sighting.inode === inode)).toBe(false)
  expect(without.some((sighting) => sighting.pids.includes(process.pid))).toBe(true)
})

test('an ordinary user sees what is theirs and is told once that there is more', () => {
  const script = `
    import { discoverNamespaces } from ${JSON.stringify(join(root, 'src/host/discovery/discover.ts'))}
    process.setgroups([])
    process.setgid(65534)
    process.setuid(65534)
    const { own, sightings, warnings } = discoverNamespaces()
    const pids = sightings.find(({ inode }) => inode === own).pids
    console.log(JSON.stringify({ seesItself: pids.includes(process.pid), warnings }))`
  const answer = execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    cwd: root,
    encoding: 'utf8',
  })
  expect(JSON.parse(answer)).toEqual({
    seesItself: true,
    warnings: [
      expect.stringMatching(
        /^\d+ processes of other users could not be examined; run as root to see their namespaces$/,
      ),
    ],
  })
})
