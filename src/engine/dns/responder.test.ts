import fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import type { Message } from './message.ts'
import { NetworkNames } from './network-names.ts'
import { parseMessage } from './parse-message.ts'
import { Rcode, RecordType } from './protocol.ts'
import { FORWARD, Responder } from './responder.ts'
import { type MessageInit, writeMessage } from './write-message.ts'
import { Zone } from './zone.ts'

let front: NetworkNames
let zone: Zone
let responder: Responder

beforeEach(() => {
  front = new NetworkNames('front')
  front.add({ owner: 'e1', names: ['Web', 'www', '0123456789ab'], addresses: ['10.60.0.2', 'fd00::2'] })
  front.add({ owner: 'e2', names: ['db'], addresses: ['10.60.0.3'] })
  zone = new Zone()
  zone.networks = [front]
  responder = new Responder(zone, { searchFirst: false })
})

/** Asks over UDP, as the resolver does: in memory that holds other queries too. @returns undefined when it is forwarded */
function ask(name: string, type: number, init: MessageInit = {}): Message | undefined {
  const query = writeMessage({ id: 7, questions: [{ name, type, class: 1 }], ...init })
  const memory = Buffer.alloc(8192, 0xee)
  query.copy(memory, 4096)
  const length = responder.answerDatagram(memory, 4096, query.length, 8192)
  if (length === FORWARD) return undefined
  const answer = parseMessage(Buffer.from(memory.subarray(4096, 4096 + length)))
  expect(answer, 'a well-formed answer').toBeDefined()
  expect(memory.subarray(0, 4096).every((byte) => byte === 0xee)).toBe(true)
  return answer
}

const addresses = (message: Message | undefined): unknown[] | undefined =>
  message?.answers.map(({ data }) => ('address' in data ? data.address : data))

test('a container is found by name, alias and short id, in any case, with A and AAAA', () => {
  for (const name of ['web', 'WWW', '0123456789ab', 'web.front', 'wEb.FRONT']) {
    const answer = ask(name, RecordType.A)
    expect(addresses(answer), name).toEqual(['10.60.0.2'])
    expect(answer).toMatchObject({ id: 7, response: true, recursionAvailable: true, rcode: Rcode.noError })
    expect(answer?.answers[0], 'as it was asked').toMatchObject({ name, timeToLive: 600, class: 1 })
  }
  expect(addresses(ask('web', RecordType.AAAA))).toEqual(['fd00::2'])
})

test('a name without addresses of the family asked for has no records: it exists', () => {
  expect(ask('db', RecordType.AAAA)).toMatchObject({ rcode: Rcode.noError, answers: [] })
})

test.each(Object.entries({ MX: 15, TXT: 16, NS: 2, SOA: 6, HTTPS: 65, ANY: 255 }))(
  'a known name has no %s records, and nobody outside is asked',
  (_, type) => {
    expect(ask('web', type)).toMatchObject({ rcode: Rcode.noError, answers: [] })
  },
)

test.each(['nobody', 'web.back', 'web.example.org', 'front', 'web.front.front', ''])('%j is asked outside', (name) => {
  for (const type of [RecordType.A, RecordType.AAAA, RecordType.MX, 65]) expect(ask(name, type)).toBeUndefined()
})

test('other classes than the Internet are asked outside', () => {
  expect(ask('web', RecordType.TXT, { questions: [{ name: 'web', type: 16, class: 3 }] })).toBeUndefined()
})

test('addresses lead back to the name and its network; others are asked outside', () => {
  const target = (message: Message | undefined): unknown => message?.answers.map(({ data }) => data)
  expect(target(ask('2.0.60.10.in-addr.arpa', RecordType.PTR))).toEqual([{ type: 'PTR', target: 'web.front' }])
  const nibbles = `2${'.0'.repeat(29)}.d.f.ip6.arpa`
  expect(target(ask(nibbles, RecordType.PTR))).toEqual([{ type: 'PTR', target: 'web.front' }])
  expect(ask('9.0.60.10.in-addr.arpa', RecordType.PTR)).toBeUndefined()
  expect(ask('02.0.60.10.in-addr.arpa', RecordType.PTR)).toBeUndefined()
})

test('with ndots set by the user, names of one label that nobody has end here, so that the search list is tried', () => {
  responder.policy = { searchFirst: true }
  expect(ask('nobody', RecordType.A)).toMatchObject({ rcode: Rcode.noError, answers: [] })
  expect(ask('nobody', RecordType.AAAA)).toMatchObject({ rcode: Rcode.noError, answers: [] })
  expect(ask('nobody', RecordType.MX)).toBeUndefined()
  expect(ask('nobody.org', RecordType.A)).toBeUndefined()
  expect(addresses(ask('web', RecordType.A))).toEqual(['10.60.0.2'])
})

const http = { name: '_http', protocol: '_TCP', port: 8080 }

test('a service leads to its virtual address, tasks. before it to all tasks', () => {
  for (const [owner, address] of [
    ['e1', '10.60.0.2'],
    ['e2', '10.60.0.3'],
  ] as const) {
    const task = { owner, service: 'shop', aliases: ['store'], addresses: [address], virtualAddresses: ['10.60.0.9'] }
    front.addTask({ ...task, ports: [http] })
  }
  expect(addresses(ask('shop', RecordType.A))).toEqual(['10.60.0.9'])
  expect(addresses(ask('store.front', RecordType.A))).toEqual(['10.60.0.9'])
  expect(addresses(ask('tasks.shop', RecordType.A))?.toSorted()).toEqual(['10.60.0.2', '10.60.0.3'])
  expect(addresses(ask('web', RecordType.A)), 'tasks keep the names of their containers').toEqual(['10.60.0.2'])
  const found = ask('_http._tcp.shop', RecordType.SRV)
  expect(found?.answers.map(({ data }) => data)).toEqual([
    { type: 'SRV', priority: 0, weight: 0, port: 8080, target: 'shop' },
  ])
  expect(found?.additionals).toMatchObject([{ name: 'shop', data: { type: 'A', address: '10.60.0.9' } }])
  for (const name of ['_https._tcp.shop', '_http._udp.shop', '_tcp.shop', 'http.tcp.nobody']) {
    expect(ask(name, RecordType.SRV), name).toBeUndefined()
  }
})

test('without a virtual address, a service leads to all its tasks, of which the last takes the name along', () => {
  for (const owner of ['e1', 'e2']) {
    front.addTask({
      owner,
      service: 'rr',
      aliases: [],
      addresses: [`10.60.0.${owner[1]}`],
      virtualAddresses: [],
      ports: [],
    })
  }
  expect(addresses(ask('rr', RecordType.A))?.toSorted()).toEqual(['10.60.0.1', '10.60.0.2'])
  front.removeTask('e1')
  expect(addresses(ask('rr', RecordType.A))).toEqual(['10.60.0.2'])
  front.removeTask('e2')
  expect(ask('rr', RecordType.A)).toBeUndefined()
})

test('two that share a name are both found, each once; one that goes does not take the other along', () => {
  front.add({ owner: 'e3', names: ['web'], addresses: ['10.60.0.4'] })
  front.add({ owner: 'e4', names: ['web'], addresses: ['10.60.0.4'] })
  expect(addresses(ask('web', RecordType.A))?.toSorted()).toEqual(['10.60.0.2', '10.60.0.4'])
  front.remove('e3')
  expect(addresses(ask('web', RecordType.A))?.toSorted()).toEqual(['10.60.0.2', '10.60.0.4'])
  front.remove('e4')
  expect(addresses(ask('web', RecordType.A))).toEqual(['10.60.0.2'])
  front.remove('e1')
  expect(ask('web', RecordType.A)).toBeUndefined()
})

test('each of several addresses comes first about as often', () => {
  for (let i = 0; i < 3; i++) front.add({ owner: `w${i}`, names: ['many'], addresses: [`10.60.1.${i}`] })
  const first = new Map<unknown, number>()
  for (let i = 0; i < 300; i++) {
    const [address] = addresses(ask('many', RecordType.A))!
    first.set(address, (first.get(address) ?? 0) + 1)
  }
  expect([...first.values()]).toEqual([100, 100, 100])
})

test('only names of networks that the sandbox is in are known, and those of the first network win', () => {
  const back = new NetworkNames('back')
  back.add({ owner: 'x', names: ['web', 'secret'], addresses: ['10.61.0.2'] })
  expect(ask('secret', RecordType.A)).toBeUndefined()
  expect(ask('2.0.61.10.in-addr.arpa', RecordType.PTR)).toBeUndefined()
  zone.networks = [front, back]
  expect(addresses(ask('secret', RecordType.A))).toEqual(['10.61.0.2'])
  expect(addresses(ask('web', RecordType.A))).toEqual(['10.60.0.2'])
  expect(addresses(ask('web.back', RecordType.A))).toEqual(['10.61.0.2'])
  zone.networks = [back]
  expect(addresses(ask('web', RecordType.A)), 'no answer is kept from before').toEqual(['10.61.0.2'])
})

test('names and networks with dots are split at each of them', () => {
  const dotted = new NetworkNames('a.b')
  dotted.add({ owner: 'x', names: ['c.d'], addresses: ['10.62.0.2'] })
  zone.networks = [dotted]
  expect(addresses(ask('c.d.a.b', RecordType.A))).toEqual(['10.62.0.2'])
  expect(ask('c.a.b', RecordType.A)).toBeUndefined()
})

test('an answer that is too long for UDP is cut between records and marked; over TCP it is whole', () => {
  for (let i = 0; i < 100; i++) front.add({ owner: `w${i}`, names: ['many'], addresses: [`10.60.1.${i}`] })
  const plain = ask('many', RecordType.A)!
  expect(plain.truncated).toBe(true)
  expect(writeMessage(plain).length).toBeLessThanOrEqual(512)
  expect(plain.answers).toHaveLength(Math.floor((512 - 22) / 16))
  const edns = { udpSize: 4096, version: 0, dnssecOk: false, options: [] }
  const large = ask('many', RecordType.A, { edns })!
  expect(large).toMatchObject({ truncated: false, edns: { udpSize: 1232 } })
  expect(large.answers).toHaveLength(100)
  const query = writeMessage({ id: 9, questions: [{ name: 'many', type: 1, class: 1 }] })
  expect(parseMessage(responder.answerMessage(query) as Buffer)).toMatchObject({ id: 9, truncated: false })
})

test('a client that offers less than 512 bytes is taken at 512', () => {
  const edns = { udpSize: 10, version: 0, dnssecOk: true, options: [{ code: 10, data: Buffer.alloc(8) }] }
  expect(ask('web', RecordType.A, { edns })).toMatchObject({ rcode: 0, edns: { dnssecOk: true, version: 0 } })
})

test('an unknown version of EDNS, another operation and malformed queries are refused as such', () => {
  const edns = { udpSize: 1232, version: 1, dnssecOk: false, options: [] }
  expect(ask('web', RecordType.A, { edns })).toMatchObject({ rcode: Rcode.badVersion, answers: [] })
  expect(ask('web', RecordType.A, { opcode: 2 })).toMatchObject({ rcode: Rcode.notImplemented, opcode: 2 })
  expect(ask('web', RecordType.A, { questions: [] })).toMatchObject({ rcode: Rcode.formatError, questions: [] })
  const twice = { name: 'web', type: 1, class: 1 }
  expect(ask('web', RecordType.A, { questions: [twice, twice] })).toMatchObject({ rcode: Rcode.formatError })
})

test('what is no query gets no answer', () => {
  const response = writeMessage({ response: true, questions: [{ name: 'web', type: 1, class: 1 }] })
  expect(responder.answerDatagram(Buffer.concat([response, Buffer.alloc(500)]), 0, response.length, 512)).toBe(0)
  expect(responder.answerDatagram(Buffer.alloc(512), 0, 11, 512)).toBe(0)
  expect(responder.answerMessage(Buffer.alloc(3))).toBeUndefined()
})

test('names that are no domain names are left out, and harm no others', () => {
  front.add({ owner: 'bad', names: ['a..b', 'x'.repeat(70), '', 'good'], addresses: ['10.60.0.8', 'nonsense'] })
  expect(addresses(ask('good', RecordType.A))).toEqual(['10.60.0.8'])
})

test('100,000 random and damaged queries: every answer is well-formed and within its bounds', () => {
  const whole = writeMessage({
    questions: [{ name: 'web.front', type: 1, class: 1 }],
    edns: { udpSize: 600, version: 0, dnssecOk: true, options: [] },
  })
  const damaged = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 6 }).map((changes) => {
    const bytes = Buffer.from(whole)
    for (const [offset, byte] of changes) bytes[offset] = byte
    return bytes
  })
  const garbage = fc.uint8Array({ maxLength: 120 }).map((bytes) => Buffer.from(bytes))
  const memory = Buffer.alloc(4096)
  let answered = 0
  fc.assert(
    fc.property(fc.oneof(damaged, garbage), (query) => {
      memory.fill(0)
      query.copy(memory)
      const length = responder.answerDatagram(memory, 0, query.length, memory.length)
      if (length <= 0) return
      answered++
      expect(length).toBeLessThanOrEqual(4096)
      expect(parseMessage(Buffer.from(memory.subarray(0, length)))?.response).toBe(true)
    }),
    { numRuns: 100_000 },
  )
  expect(answered).toBeGreaterThan(10_000)
}, 60_000)
