import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Forwarder } from '../../src/engine/dns/forwarder.ts'
import type { Message } from '../../src/engine/dns/message.ts'
import { parseMessage } from '../../src/engine/dns/parse-message.ts'
import type { MessageInit } from '../../src/engine/dns/write-message.ts'
import { writeMessage } from '../../src/engine/dns/write-message.ts'
import { endpointRecord, networkRecord } from './bridge-world.ts'
import { addressAnswer, addressesOf, type Box, DnsWorld, dig, exchange, lookUp } from './dns-world.ts'

let world: DnsWorld
beforeEach(() => {
  world = new DnsWorld('forward')
})
afterEach(() => world.close())

const network = networkRecord(1, { name: 'net' })
const first = '192.0.2.53'
const second = '192.0.2.54'
const failing =
  (rcode: number) =>
  (query: Message): MessageInit[] => [{ id: query.id, response: true, questions: query.questions, rcode }]

/** A sandbox in `network`, with its resolver. */
async function joined(change: Parameters<DnsWorld['box']>[0] = {}, into = network): Promise<Box> {
  const names = world.service()
  const box = world.box(change)
  await names.openSandbox(box.record, box.namespace)
  await names.join(box.record, into, endpointRecord(into, 2, { name: 'web' }))
  return box
}

test('names that nobody here has are asked of the host’s servers, from the host', async () => {
  const server = world.server(world.host, first, (query) => [addressAnswer(query, '203.0.113.1')])
  const box = await joined()
  expect(await addressesOf(box.namespace, 'example.org')).toEqual(['203.0.113.1'])
  expect(await dig(box.name, '+short', '+tcp', 'example.net')).toBe('203.0.113.1')
  expect(await addressesOf(box.namespace, 'web')).toEqual(['10.61.0.2'])
  expect(server.asked).toEqual(['example.org', 'example.net'])
})

test.each([
  ['fails', 2],
  ['refuses', 5],
])('when a server %s, the next is asked', async (_, rcode) => {
  const server = world.server(world.host, first, failing(rcode))
  world.server(world.host, second, (query) => [addressAnswer(query, '203.0.113.2')])
  const box = await joined()
  expect(await addressesOf(box.namespace, 'example.org')).toEqual(['203.0.113.2'])
  expect(await dig(box.name, '+short', '+tcp', 'example.org')).toBe('203.0.113.2')
  expect(server.asked).toHaveLength(2)
})

test('when nothing listens at a server, the next is asked at once', async () => {
  world.server(world.host, second, (query) => [addressAnswer(query, '203.0.113.2')])
  const box = await joined()
  const started = performance.now()
  expect(await addressesOf(box.namespace, 'example.org')).toEqual(['203.0.113.2'])
  expect(await dig(box.name, '+short', '+tcp', 'example.org')).toBe('203.0.113.2')
  expect(performance.now() - started).toBeLessThan(3000)
})

test('that a name does not exist, or has no records, is an answer like any other', async () => {
  world.server(world.host, first, (query) => failing(query.questions[0]!.name === 'none' ? 3 : 0)(query))
  const other = world.server(world.host, second, (query) => [addressAnswer(query, '203.0.113.2')])
  const box = await joined()
  expect(await addressesOf(box.namespace, 'none')).toBe(3)
  expect(await addressesOf(box.namespace, 'empty')).toEqual([])
  expect(other.asked).toEqual([])
})

test('a silent server costs its deadline, and three servers are asked at most', async () => {
  const asked = [53, 54, 55, 56].map((last) => world.server(world.host, `192.0.2.${last}`, () => []).asked)
  const forwarder = new Forwarder(
    () => [53, 54, 55, 56].map((last) => ({ address: `192.0.2.${last}`, from: world.host })),
    {
      deadline: 50,
    },
  )
  const query = writeMessage({ id: 99, questions: [{ name: 'example.org', type: 1, class: 1 }] })
  for (const transport of ['udp', 'tcp'] as const) {
    expect(parseMessage((await forwarder.forward(query, transport))!)).toMatchObject({ id: 99, rcode: 2, answers: [] })
  }
  expect(asked.map(({ length }) => length)).toEqual([2, 2, 2, 0])
})

test('answers with another id, another question, or that are none are not believed', async () => {
  world.server(world.host, first, (query) => [
    addressAnswer({ ...query, id: query.id ^ 1 }, '198.51.100.1'),
    addressAnswer({ ...query, questions: [{ name: 'evil.org', type: 1, class: 1 }] }, '198.51.100.2'),
    addressAnswer(query, '198.51.100.3', { response: false }),
    Buffer.from('garbage'),
    addressAnswer(query, '203.0.113.1'),
  ])
  const box = await joined()
  expect(await addressesOf(box.namespace, 'example.org')).toEqual(['203.0.113.1'])
  expect(await dig(box.name, '+short', '+tcp', 'example.org')).toBe('203.0.113.1')
})

test('each query outside has an id and a port that nobody can guess', async () => {
  const ids = new Set<number>()
  world.server(world.host, first, (query) => {
    ids.add(query.id)
    return [addressAnswer(query, '203.0.113.1')]
  })
  const box = await joined()
  for (let i = 0; i < 20; i++) expect(await addressesOf(box.namespace, 'example.org')).toEqual(['203.0.113.1'])
  expect(ids.size).toBeGreaterThan(15)
})

test('from an internal network nobody outside is asked, not even in another form', async () => {
  const server = world.server(world.host, first, (query) => [addressAnswer(query, '203.0.113.1')])
  const internal = networkRecord(2, { internal: true, name: 'inner' })
  const names = world.service()
  const box = world.box()
  await names.openSandbox(box.record, box.namespace)
  const inner = endpointRecord(internal, 2, { name: 'web' })
  await names.join(box.record, internal, inner)
  for (const type of [1, 28, 12, 16, 33, 65]) expect((await lookUp(box.namespace, 'leak.example', type))?.rcode).toBe(2)
  expect(await dig(box.name, '+tcp', 'leak.example')).toContain('SERVFAIL')
  expect(server.asked).toEqual([])

  const outer = endpointRecord(network, 2, { name: 'web' })
  await names.join(box.record, network, outer)
  expect(await addressesOf(box.namespace, 'example.org')).toEqual(['203.0.113.1'])
  await names.leave(box.record, network, outer)
  expect(await addressesOf(box.namespace, 'example.org'), 'decided anew at each leave').toBe(2)
})

test('servers of the sandbox’s own settings are asked from the sandbox, also from an internal network', async () => {
  const host = world.server(world.host, first, (query) => [addressAnswer(query, '203.0.113.1')])
  const box = await joined({ dns: { servers: ['127.0.0.53'] } }, networkRecord(2, { internal: true }))
  world.server(box.namespace, '127.0.0.53', (query) => [addressAnswer(query, '203.0.113.9')])
  expect(await addressesOf(box.namespace, 'example.org')).toEqual(['203.0.113.9'])
  expect(host.asked).toEqual([])
})

test('a long answer is cut for UDP and whole over TCP', async () => {
  world.server(world.host, first, (query, transport) => {
    const answers = Array.from({ length: 60 }, (_, i) => addressAnswer(query, `203.0.113.${i}`).answers![0]!)
    // A careless server: sends more than the client takes.
    return [addressAnswer(query, '', { answers, truncated: false, authenticData: transport === 'tcp' })]
  })
  const box = await joined()
  expect(await lookUp(box.namespace, 'long.example')).toMatchObject({ truncated: true, answers: [], rcode: 0 })
  // dig asks again over TCP when an answer is marked.
  expect((await dig(box.name, '+noedns', '+short', 'long.example')).split('\n')).toHaveLength(60)
})

test('records of types that nobody here knows pass as they are', async () => {
  const data = { type: 'other', number: 65_280, bytes: Buffer.from('0102fffe00', 'hex') } as const
  world.server(world.host, first, (query) => [
    addressAnswer(query, '', { answers: [{ name: query.questions[0]!.name, class: 1, timeToLive: 9, data }] }),
  ])
  const box = await joined()
  expect((await lookUp(box.namespace, 'odd.example', 65_280))?.answers[0]?.data).toEqual(data)
})

test('more queries than are allowed at once wait, and are refused when they waited too long or are too many', async () => {
  const server = world.server(world.host, first, () => [])
  const limits = { outstanding: 2, waiting: 2, deadline: 100 }
  const forwarder = new Forwarder(() => [{ address: first, from: world.host }], limits)
  const query = writeMessage({ id: 5, questions: [{ name: 'example.org', type: 1, class: 1 }] })
  const rcodes = Array.from({ length: 6 }, async () => (await forwarder.forward(query, 'udp'))![3]! & 0xf)
  expect(await Promise.race(rcodes.slice(4)), 'no room to wait').toBe(5)
  const all = await Promise.all(rcodes)
  expect(all.slice(0, 2)).toEqual([2, 2])
  expect(all.slice(4)).toEqual([5, 5])
  expect(server.asked.length).toBeGreaterThanOrEqual(2)
  expect((await forwarder.forward(query, 'udp'))![3]! & 0xf, 'places are free again').toBe(2)
})

test('the host’s servers are looked up again when its resolv.conf changes', async () => {
  world.server(world.host, first, (query) => [addressAnswer(query, '203.0.113.1')])
  world.server(world.host, second, (query) => [addressAnswer(query, '203.0.113.2')])
  const box = await joined()
  expect(await addressesOf(box.namespace, 'example.org')).toEqual(['203.0.113.1'])
  world.hostResolvConf('nameserver 192.0.2.54\n')
  await expect.poll(() => addressesOf(box.namespace, 'example.org'), { timeout: 5000 }).toEqual(['203.0.113.2'])
})

test('a real server’s answers arrive: dnsmasq', async () => {
  const words = ['-d', '-C', '/dev/null', '-a', first, '-z', '-h', '-R', '--address=/example.org/203.0.113.7']
  const text = '--txt-record=text.example.org,hello world'
  const server = spawn('ip', ['netns', 'exec', world.hostName, 'dnsmasq', ...words, text], { stdio: 'ignore' })
  world.onClose(() => void server.kill())
  await once(server, 'spawn')
  const box = await joined()
  await expect.poll(() => addressesOf(box.namespace, 'example.org'), { timeout: 5000 }).toEqual(['203.0.113.7'])
  expect(await dig(box.name, '+short', 'text.example.org', 'TXT')).toBe('"hello world"')
  expect(await dig(box.name, '+short', '+tcp', 'www.example.org')).toBe('203.0.113.7')
  expect(await dig(box.name, 'other.example')).toMatch(/status: (REFUSED|SERVFAIL)/)
})

test('queries that cannot be read are answered here, without asking anybody', async () => {
  const server = world.server(world.host, first, (query) => [addressAnswer(query, '203.0.113.1')])
  const box = await joined()
  const query = writeMessage({ id: 3, questions: [] })
  expect(parseMessage((await exchange(box.namespace, query))!)).toMatchObject({ id: 3, rcode: 1 })
  expect(server.asked).toEqual([])
})
