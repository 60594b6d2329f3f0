/** Namespaces that `ip netns` does not show: each is listed with what holds it, whatever that is. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Graph, Holder } from '../../src/host/index.ts'
import * as libc from '../../src/kernel/libc.ts'
import { Namespace } from '../../src/kernel/netns/namespace.ts'
import { end, GIVEN, holdAfter, holdDescriptor } from '../support/holder.ts'
import { inodeOfName, ip, NamedNamespaces } from '../support/iproute.ts'
import { runProgram } from '../support/program.ts'
import { schemaFaults } from '../support/schema.ts'

const AF_INET = 2
const SOCK_DGRAM = 2
const SOCK_CLOEXEC = 0o2000000

/** A thread of it moves into a namespace of its own; it says the thread's number and the namespace's inode. */
const THREADED = `
import ctypes, os, threading, time
def live():
    ctypes.CDLL(None).unshare(0x40000000)
    os.write(1, f"{threading.get_native_id()} {os.readlink('/proc/thread-self/ns/net')[5:-1]}".encode())
    time.sleep(600)
threading.Thread(target=live).start()
time.sleep(600)
`
/** Sends the descriptor that it was given to itself, over a socket that it never reads, and keeps nothing else of it. */
const IN_FLIGHT = `
import array, os, socket, time
near, far = socket.socketpair()
near.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [3]))])
os.close(3)
os.write(1, b'sent')
time.sleep(600)
`

const named = new NamedNamespaces('holders')
const undo: (() => unknown)[] = []
const inodes: Record<string, string> = {}
const holders: Record<string, Holder> = {}
let graph: Graph
let list: Graph
let text: string

beforeAll(async () => {
  await byDescriptor()
  await byThread()
  await bySocket()
  await byMount()
  await byNeighbour()
  graph = JSON.parse(runProgram(['map', '--json']).answer)
  const listed = JSON.parse(runProgram(['ns', 'list', '--json']).answer)
  expect(schemaFaults('graph', graph)).toEqual([])
  expect(schemaFaults('namespaces', listed)).toEqual([])
  list = listed
  text = runProgram(['ns', 'list']).answer
})
afterAll(async () => {
  for (const step of undo.reverse()) await step()
  named.close()
})

function later<T extends ChildProcess>(child: T): T {
  undo.push(() => end(child))
  return child
}

/** Starts a Python script with a descriptor. @returns the child, and what it said when it was ready */
async function python(script: string, given: number | 'ignore'): Promise<{ pid: number; said: string }> {
  const child = later(spawn('python3', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit', given] }))
  const [said] = await once(child.stdout!, 'data')
  return { pid: child.pid!, said: String(said) }
}

async function byDescriptor(): Promise<void> {
  using namespace = Namespace.create()
  const { pid } = later(holdDescriptor(namespace.fd))
  inodes['descriptor'] = namespace.identity.inode
  holders['descriptor'] = { kind: 'descriptor', pid, fd: GIVEN, command: 'sleep' }
}

async function byThread(): Promise<void> {
  const { pid, said } = await python(THREADED, 'ignore')
  const [tid, inode] = said.split(' ')
  inodes['thread'] = inode!
  holders['thread'] = { kind: 'thread', pid, tid: Number(tid), command: 'python3' }
}

async function bySocket(): Promise<void> {
  using namespace = Namespace.create()
  const fd = namespace.enter(() => libc.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0))
  const { pid } = later(holdDescriptor(fd))
  libc.close(fd)
  inodes['socket'] = namespace.identity.inode
  holders['socket'] = { kind: 'socket', pid, fd: GIVEN, command: 'sleep' }
}

async function byMount(): Promise<void> {
  using namespace = Namespace.create()
  const directory = mkdtempSync(join(tmpdir(), `nwt-holders-${process.pid}-`))
  undo.push(() => rmSync(directory, { recursive: true }))
  const path = join(directory, 'pin')
  writeFileSync(path, '')
  const unshared = ['unshare', '--mount', '--propagation', 'private'] as const
  const options = { given: namespace.fd }
  const { pid } = later(await holdAfter([...unshared], `mount --bind /proc/self/fd/${GIVEN} '${path}'`, options))
  inodes['mount'] = namespace.identity.inode
  holders['mount'] = { kind: 'mount', pid, command: 'sleep', path }
}

/** Its only reference waits in a socket's buffer, where nobody can look; a link of a named namespace leads there. */
async function byNeighbour(): Promise<void> {
  const neighbour = named.add('near')
  using namespace = Namespace.create()
  ip(`-n ${neighbour} link add near0 type veth peer name far0 netns /proc/${process.pid}/fd/${namespace.fd}`)
  await python(IN_FLIGHT, namespace.fd)
  const [{ ifindex }] = JSON.parse(ip(`-n ${neighbour} -j link show near0`))
  const near = `${inodeOfName(neighbour)}/${ifindex}`
  inodes['neighbour'] = `behind:${near}`
  holders['neighbour'] = { kind: 'neighbour', interface: near }
}

const kinds = ['descriptor', 'thread', 'socket', 'mount', 'neighbour']

test.each(kinds)('held only by a %s: ns list --json and map --json have it with its one holder', (kind) => {
  for (const { namespaces } of [list, graph]) {
    const node = namespaces.find(({ inode }) => inode === inodes[kind])
    expect(node).toMatchObject({ pids: [], names: [], holders: [holders[kind]] })
  }
})

test.each(kinds)('held only by a %s: the list for people says by what', (kind) => {
  const { pid, tid, fd, path } = holders[kind]!
  const words: Record<string, string> = {
    descriptor: `descriptor ${fd} of sleep (${pid})`,
    thread: `thread ${tid} of python3 (${pid})`,
    socket: `socket ${fd} of sleep (${pid})`,
    mount: `mount ${path}`,
    neighbour: `link near0 of ns:${named.name('near')}`,
  }
  expect(text.split('\n').find((line) => line.includes(inodes[kind]!))).toContain(words[kind])
})

test('what is in a namespace that only a link leads to is listed too, joined with the neighbour', () => {
  const near = holders['neighbour']?.interface
  const far = graph.interfaces.find(({ namespace, name }) => namespace === inodes['neighbour'] && name === 'far0')
  expect(far).toBeDefined()
  expect(graph.links.filter(({ from, to }) => from === near || to === near)).toMatchObject([{ kind: 'veth' }])
  expect([far?.id, near]).toEqual(
    expect.arrayContaining(graph.links.filter(({ from }) => from === near || from === far?.id).map(({ to }) => to)),
  )
})
