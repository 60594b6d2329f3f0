import { execFileSync } from 'node:child_process'
import { readlinkSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as libc from '../../src/kernel/libc.ts'
import { enter } from '../../src/kernel/netns/enter.ts'
import { cookieOfSocket, identityOf, isNetworkNamespace } from '../../src/kernel/netns/identity.ts'
import { Namespace } from '../../src/kernel/netns/namespace.ts'
import { listNamespaces, namespaceHandle, openNamespaceById } from '../../src/kernel/netns/namespace-list.ts'
import { SocketNamespaces } from '../../src/kernel/netns/socket-namespace.ts'

const AT_EMPTY_PATH = 0x1000
const AF_INET = 2
const SOCK_DGRAM = 2
const SOCK_CLOEXEC = 0o2000000

const here = () => readlinkSync('/proc/thread-self/ns/net')
const makeSocket = () => libc.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)

test('the identity is what stat says of the namespace', () => {
  using namespace = Namespace.create()
  const path = `/proc/${process.pid}/fd/${namespace.fd}`
  const [inode, device] = execFileSync('stat', ['-L', '-c', '%i %Hd:%Ld', path], { encoding: 'utf8' }).trim().split(' ')
  expect(namespace.identity).toMatchObject({ inode, device })
  expect(readlinkSync(path)).toBe(`net:[${inode}]`)
})

test("the kernel's ids of two namespaces differ, and are the same however one is opened", (context) => {
  using first = Namespace.create()
  using second = Namespace.create()
  using again = Namespace.open({ fd: first.fd })
  if (first.identity.id === undefined) context.skip('NS_GET_ID needs Linux 6.18')
  expect(first.identity.id).not.toBe(second.identity.id)
  expect(again.identity).toEqual(first.identity)
})

test('an inode may be used again, an id is not', (context) => {
  const ids = new Set<bigint>()
  for (let turn = 0; turn < 20; turn++) {
    using namespace = Namespace.create()
    if (namespace.identity.id === undefined) return context.skip('NS_GET_ID needs Linux 6.18')
    ids.add(namespace.identity.id)
  }
  expect(ids.size).toBe(20)
})

test('a namespace is opened again by its id, until it is dead', (context) => {
  const namespace = Namespace.create()
  const { id, inode } = namespace.identity
  const fd = id === undefined ? undefined : openNamespaceById(id)
  if (fd === undefined) {
    namespace.close()
    return context.skip('opening by the id alone needs Linux 6.19')
  }
  expect(identityOf(fd)).toMatchObject({ id, inode })
  libc.close(fd)
  namespace.close()
  expect(openNamespaceById(id!)).toBeUndefined()
})

test('the handle made of an id begins as the one that the kernel gives', (context) => {
  using namespace = Namespace.create()
  if (namespace.identity.id === undefined) return context.skip('ids need Linux 6.18')
  const handle = Buffer.alloc(24)
  handle.writeUInt32LE(16, 0)
  expect(libc.nameToHandleAt(namespace.fd, '', handle, Buffer.alloc(4), AT_EMPTY_PATH)).toBe(0)
  expect(namespaceHandle(namespace.identity.id).subarray(0, 16)).toEqual(handle.subarray(0, 16))
})

test("the kernel's own list names our namespace, where there is one", (context) => {
  const listed = listNamespaces()
  if (listed.length === 0) return context.skip('listns needs Linux 6.19')
  using own = Namespace.open('own')
  expect(listed).toContainEqual({ id: own.identity.id, inode: Number(own.identity.inode) })
})

test('the cookie tells sockets of two namespaces apart', () => {
  using namespace = Namespace.create()
  const sockets = [makeSocket(), makeSocket(), namespace.enter(makeSocket)]
  const [home, alsoHome, inside] = sockets.map(cookieOfSocket)
  expect(home).toBe(alsoHome)
  expect(inside).not.toBe(home)
  const namespaces = new SocketNamespaces()
  expect(sockets.map((fd) => String(namespaces.inodeOf(fd)))).toEqual([
    here().slice(5, -1),
    here().slice(5, -1),
    namespace.identity.inode,
  ])
  for (const fd of sockets) libc.close(fd)
})

test('what is no network namespace is told from one', () => {
  using namespace = Namespace.create()
  expect(isNetworkNamespace(namespace.fd)).toBe(true)
  const uts = libc.open('/proc/self/ns/uts', 0, 0)
  expect(isNetworkNamespace(uts)).toBe(false)
  libc.close(uts)
  expect(() => Namespace.open({ path: '/etc/hostname' })).toThrow(expect.objectContaining({ code: 'EINVAL' }))
  expect(() => Namespace.open({ path: '/proc/self/ns/uts' })).toThrow(expect.objectContaining({ code: 'EINVAL' }))
})

test('sections nest, and come home whatever happens in them', () => {
  using outer = Namespace.create()
  using inner = Namespace.create()
  const home = here()
  const seen: string[] = []
  enter(outer, () => {
    seen.push(here())
    expect(() =>
      enter(inner, () => {
        seen.push(here())
        throw new Error('inside')
      }),
    ).toThrow('inside')
    seen.push(here())
  })
  const [out, inn] = [outer, inner].map(({ identity }) => `net:[${identity.inode}]`)
  expect(seen).toEqual([out, inn, out])
  expect(here()).toBe(home)
})

test('a section that would go on later is refused, and we are home', () => {
  using namespace = Namespace.create()
  const home = here()
  expect(() => enter(namespace, async () => {})).toThrow(TypeError)
  expect(here()).toBe(home)
})

test('a descriptor that is no namespace is refused by name', () => {
  expect(() => enter({ fd: 0, label: 'the input' }, () => {})).toThrow(/the input/)
})
