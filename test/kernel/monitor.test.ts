/** What the netlink monitor hears, and what it does when it could not hear everything. */
import { execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import {
  assignNsid,
  decodeEvent,
  groupMask,
  Namespace,
  NetlinkProtocol,
  NetlinkSocket,
  type RouteEvent,
  RouteGroup,
} from '../../src/kernel/index.ts'
import * as libc from '../../src/kernel/libc.ts'
import { type MonitorInit, type MonitorItem, NetlinkMonitor } from '../../src/kernel/netlink/monitor.ts'
import { addLink, deleteLink, linkUpRequest } from '../../src/kernel/rtnetlink/index.ts'

type Item = MonitorItem<RouteEvent>
const undo: (() => unknown)[] = []

afterEach(() => {
  for (const step of undo.splice(0).reverse()) step()
})

function place(): Namespace {
  const namespace = Namespace.create()
  undo.push(() => namespace.close())
  return namespace
}

function actor(namespace: Namespace): NetlinkSocket {
  const socket = NetlinkSocket.open(NetlinkProtocol.route, namespace)
  undo.push(() => socket.close())
  return socket
}

function monitor(namespace: Namespace, more: Partial<MonitorInit<RouteEvent>> = {}): NetlinkMonitor<RouteEvent> {
  const opened = new NetlinkMonitor<RouteEvent>({
    protocol: NetlinkProtocol.route,
    groups: groupMask(RouteGroup.link),
    namespace,
    decode: (header, bytes, offset, length) => decodeEvent(header.type, bytes, offset, length),
    ...more,
  })
  undo.push(() => opened.close())
  return opened
}

/** Names of the links announced, with the id of their namespace. */
function links(items: readonly Item[]): string[] {
  return items.flatMap((item) =>
    item.kind === 'gap'
      ? ['gap']
      : item.announcements.map(({ nsid, value }) =>
          value.object === 'link' ? `${nsid ?? 'own'}:${value.action}:${value.value.name}` : value.object,
        ),
  )
}

/** Changes a link so often that any small buffer overruns. */
function overrun(socket: NetlinkSocket, name: string, times: number): void {
  for (let i = 0; i < times; i++) {
    socket.request(linkUpRequest({ name }))
    socket.request({ ...linkUpRequest({ name }), body: { ...linkUpRequest({ name }).body, flags: 0 } })
  }
}

test('its own namespace is heard without an id, those that it has numbered with theirs, others not at all', () => {
  const [own, numbered, other] = [place(), place(), place()]
  assignNsid(actor(own), numbered.fd, 7)
  const ears = monitor(own, { allNamespaces: true })
  addLink(actor(own), { name: 'near', info: { kind: 'ifb' } })
  addLink(actor(numbered), { name: 'far', info: { kind: 'ifb' } })
  addLink(actor(other), { name: 'unheard', info: { kind: 'ifb' } })
  expect(links(ears.poll())).toEqual(['own:new:near', '7:new:far'])
})

test('places count what was received, so that a reader knows which announcements its dump contains', () => {
  const own = place()
  const ears = monitor(own)
  addLink(actor(own), { name: 'first', info: { kind: 'ifb' } })
  const before = ears.received()
  addLink(actor(own), { name: 'second', info: { kind: 'ifb' } })
  const items = ears.poll()
  const places = items.flatMap((item) => (item.kind === 'gap' ? [] : item.announcements.map((one) => one.place)))
  expect(places.filter((one) => one <= before)).toHaveLength(1)
  expect(places.filter((one) => one > before)).toHaveLength(1)
})

test('an overrun is told as a gap, once, and everything after it is heard', async () => {
  const own = place()
  const socket = actor(own)
  addLink(socket, { name: 'a0', info: { kind: 'ifb' } })
  const ears = monitor(own, { receiveBuffer: 4096 })
  overrun(socket, 'a0', 100)
  expect(links(ears.poll()).filter((line) => line === 'gap')).toHaveLength(1)
  deleteLink(socket, { name: 'a0' })
  expect(links(ears.poll())).toContain('own:deleted:a0')
  await sleep(0)
})

test('a gap is told only when the socket is empty: until then the kernel goes on dropping', async () => {
  const own = place()
  const socket = actor(own)
  addLink(socket, { name: 'a0', info: { kind: 'ifb' } })
  // Holds more announcements than are read in one turn of the event loop.
  const ears = monitor(own, { receiveBuffer: 4 * 1024 * 1024 })
  overrun(socket, 'a0', 4000)
  const heard: string[] = []
  const reading = (async () => {
    for await (const item of ears) {
      heard.push(...links([item]))
      if (item.kind === 'gap') addLink(socket, { name: 'after', info: { kind: 'ifb' } })
      if (heard.includes('own:new:after')) break
    }
  })()
  await Promise.race([reading, sleep(20_000)])
  expect(heard.filter((line) => line === 'gap')).toHaveLength(1)
  expect(heard).toContain('own:new:after')
})

test('a reader that falls behind is told of a gap instead of being given everything', () => {
  const own = place()
  const socket = actor(own)
  const ears = monitor(own, { limit: 10 })
  for (let i = 0; i < 15; i++) addLink(socket, { name: `a${i}`, info: { kind: 'ifb' } })
  const heard = links(ears.poll())
  expect(heard.at(-1)).toBe('gap')
  expect(heard).toContain('own:new:a14')
  expect(heard).not.toContain('own:new:a0')
})

test('what another process sends to the socket is no announcement', () => {
  const own = place()
  const ears = monitor(own)
  const link = own.enter(() => libc.socket(16, 3, 0))
  undo.push(() => libc.close(link))
  // A multicast by a user, to the group of links: RTM_NEWLINK for an interface 99 that does not exist.
  const message = Buffer.alloc(32)
  message.writeUInt32LE(32, 0)
  message.writeUInt16LE(16, 4)
  message.writeInt32LE(99, 20)
  const address = Buffer.alloc(12)
  address.writeUInt16LE(16, 0)
  for (const port of portsOf(own)) {
    address.writeUInt32LE(port, 4)
    expect(own.enter(() => libc.sendto(link, message, message.length, 0, address, address.length))).toBe(32)
  }
  addLink(actor(own), { name: 'real', info: { kind: 'ifb' } })
  expect(links(ears.poll())).toEqual(['own:new:real'])
})

/** Port ids of the netlink sockets in a namespace that listen to links. */
function portsOf(namespace: Namespace): number[] {
  const table = namespace.enter(() => execFileSync('cat', ['/proc/self/net/netlink'], { encoding: 'utf8' }))
  const rows = table.trim().split('\n').slice(1)
  const ports = rows.map((row) => row.trim().split(/\s+/)).filter((row) => row[1] === '0' && row[3] === '00000001')
  expect(ports.length).toBeGreaterThan(0)
  return ports.map((row) => Number(row[2]))
}

test('closing ends the iteration, and leaving the loop closes', async () => {
  const own = place()
  const closed = monitor(own)
  const ended = (async () => {
    for await (const item of closed) throw new Error(`nothing was to be heard, but ${item.kind} was`)
    return 'ended'
  })()
  await sleep(1)
  closed.close()
  expect(await ended).toBe('ended')

  const left = monitor(own)
  addLink(actor(own), { name: 'a0', info: { kind: 'ifb' } })
  for await (const item of left) {
    expect(item.kind).toBe('announcements')
    break
  }
  addLink(actor(own), { name: 'a1', info: { kind: 'ifb' } })
  expect(left.poll()).toEqual([])
})

test('an error of the decoder ends the iteration with that error', async () => {
  const own = place()
  const ears = monitor(own, {
    decode() {
      throw new Error('cannot be decoded')
    },
  })
  addLink(actor(own), { name: 'a0', info: { kind: 'ifb' } })
  await expect(ears[Symbol.asyncIterator]().next()).rejects.toThrow('cannot be decoded')
})
