/** Looking names up from a namespace: a real dnsmasq answers, and servers that answer badly, or not at all. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Namespace } from '../../src/kernel/index.ts'
import { type LookUp, type LookUpInit, lookUp, type ResolverTexts } from '../../src/probe/index.ts'
import { ProbeWorld } from './probe-world.ts'

const world = new ProbeWorld('probedns')
let client: Namespace

beforeAll(async () => {
  const here = world.add('client')
  const there = world.add('server')
  client = here.namespace
  world.join(here.name, ['e0', '10.77.0.1/24', 'fd77::1/64'], there.name, ['e0', '10.77.0.2/24', 'fd77::2/64'])
  // A second address, at which a server says SERVFAIL; at the third nothing listens, at .99 there is nobody.
  world.inside(there.name, [
    'addr add 10.77.0.3/24 dev e0',
    'addr add 10.77.0.4/24 dev e0',
    'addr add 10.77.0.5/24 dev e0',
  ])
  const texts = Array.from(
    { length: 40 },
    (_, i) => `--txt-record=long.test,text number ${i} that makes the answer long`,
  )
  const words = [
    ...[
      '--keep-in-foreground',
      '--no-resolv',
      '--no-hosts',
      '--conf-file=/dev/null',
      '--log-facility=-',
      '--pid-file=',
    ],
    ...[
      '--bind-interfaces',
      '--listen-address=10.77.0.2,fd77::2',
      '--user=root',
      '--edns-packet-max=4096',
      '--local=/test/',
      '--local=/lan/',
    ],
    ...['--address=/lan/', '--host-record=web.test,10.1.2.3,fd00::3', '--host-record=db.corp.test,10.1.2.4'],
    ...['--cname=alias.test,web.test', '--mx-host=test,mail.test,10', '--srv-host=_sip._udp.test,sip.test,5060,1,2'],
    ...['--host-record=four.test,10.1.2.5', '--txt-record=short.test,hello', ...texts],
  ]
  await world.start(there.name, ['dnsmasq', ...words], /started/)
  await world.node(
    there.name,
    `import { createSocket } from 'node:dgram'
     const failing = createSocket('udp4'), silent = createSocket('udp4'), garbled = createSocket('udp4')
     failing.on('message', (bytes, from) => {
       bytes[2] |= 0x80
       bytes[3] = 0x82
       failing.send(bytes, from.port, from.address)
     })
     garbled.on('message', (bytes, from) => {
       garbled.send(bytes.subarray(0, 7), from.port, from.address)
       const other = Buffer.from(bytes)
       other[0] ^= 0xff
       other[2] |= 0x80
       garbled.send(other, from.port, from.address)
     })
     failing.bind(53, '10.77.0.3', () => garbled.bind(53, '10.77.0.5', () => silent.bind(5353, '10.77.0.4', () => console.log('ready'))))`,
  )
  await world.settle()
})

afterAll(() => world.close())

const files = (resolvConf: string, hosts = ''): ResolverTexts => ({ source: 'the test', resolvConf, hosts })

function find(name: string, resolvConf: string, more: Partial<LookUpInit> = {}): Promise<LookUp> {
  return lookUp({ namespace: client, name, files: files(resolvConf), milliseconds: 400, attempts: 1, ...more })
}

const outcomes = (found: LookUp): string[] =>
  found.steps.flatMap((step) =>
    step.kind === 'query' ? [`${step.name} ${step.type} ${step.server} ${step.means}`] : [],
  )

test('both families are asked, and the server is named', async () => {
  const found = await find('web.test', 'nameserver 10.77.0.2\n')
  expect(found).toMatchObject({ status: 'found', answeredBy: '10.77.0.2', foundAs: 'web.test', source: 'the test' })
  expect(found.addresses.toSorted()).toEqual(['10.1.2.3', 'fd00::3'])
  expect(found.steps.every((step) => step.milliseconds >= 0)).toBe(true)
})

test('servers are reached over IPv6 too', async () => {
  expect(await find('four.test', 'nameserver fd77::2\n')).toMatchObject({ status: 'found', addresses: ['10.1.2.5'] })
})

test('the search path is walked, and told', async () => {
  const found = await find('db', 'nameserver 10.77.0.2\nsearch lan corp.test test\n')
  expect(found).toMatchObject({ status: 'found', foundAs: 'db.corp.test', asked: ['db.lan', 'db.corp.test'] })
})

test('enough dots are asked as they are first; a final dot is never extended', async () => {
  const dotted = await find('db.corp', 'nameserver 10.77.0.2\nsearch test\n')
  expect(dotted.asked).toEqual(['db.corp', 'db.corp.test'])
  const later = await find('db.corp', 'nameserver 10.77.0.2\nsearch test\noptions ndots:2\n')
  expect(later.asked).toEqual(['db.corp.test'])
  const final = await find('db.corp.', 'nameserver 10.77.0.2\nsearch test\n')
  expect(final).toMatchObject({ status: 'server-failure', asked: ['db.corp.'] })
})

test('an unknown name, and one without the type that was asked for', async () => {
  expect((await find('nobody.test', 'nameserver 10.77.0.2\n')).status).toBe('name-unknown')
  expect((await find('four.test', 'nameserver 10.77.0.2\n', { types: ['AAAA'] })).status).toBe('no-data')
})

test('hosts comes before servers, and only for the families asked', async () => {
  const texts = files('nameserver 10.77.0.2\n', '10.9.9.9 Web.test extra # comment\nnonsense web.test\n')
  const found = await lookUp({ namespace: client, name: 'web.test', files: texts })
  expect(found).toMatchObject({ status: 'found', answeredBy: 'hosts', addresses: ['10.9.9.9'] })
  const other = await lookUp({ namespace: client, name: 'web.test', files: texts, types: ['AAAA'] })
  expect(other).toMatchObject({ answeredBy: '10.77.0.2', addresses: ['fd00::3'] })
})

test('other types, through aliases, and backwards', async () => {
  const ask = (name: string, type: NonNullable<LookUpInit['types']>[number]) =>
    find(name, 'nameserver 10.77.0.2\n', { types: [type] })
  expect((await ask('alias.test', 'A')).records.map(({ data }) => data.type)).toEqual(['CNAME', 'A'])
  expect((await ask('alias.test', 'CNAME')).records[0]!.data).toEqual({ type: 'CNAME', target: 'web.test' })
  expect((await ask('test', 'MX')).records[0]!.data).toEqual({ type: 'MX', preference: 10, exchange: 'mail.test' })
  const service = { type: 'SRV', priority: 1, weight: 2, port: 5060, target: 'sip.test' }
  expect((await ask('_sip._udp.test', 'SRV')).records[0]!.data).toEqual(service)
  expect((await ask('short.test', 'TXT')).records[0]!.data).toEqual({ type: 'TXT', texts: ['hello'] })
  expect((await ask('10.1.2.3', 'PTR')).records[0]!.data).toEqual({ type: 'PTR', target: 'web.test' })
  expect((await ask('fd00::3', 'PTR')).records[0]!.data).toEqual({ type: 'PTR', target: 'web.test' })
})

test('an answer that is cut short is asked again over TCP', async () => {
  const found = await find('long.test', 'nameserver 10.77.0.2\n', { types: ['TXT'] })
  expect(found.records).toHaveLength(40)
  const steps = found.steps.flatMap((step) => (step.kind === 'query' ? [`${step.transport} ${step.means}`] : []))
  expect(steps).toEqual(['udp truncated', 'tcp found'])
  const whole = await find('long.test', 'nameserver 10.77.0.2\n', { types: ['TXT'], udpSize: 4096 })
  expect(whole.steps).toMatchObject([{ kind: 'query', transport: 'udp', means: 'found' }])
})

test('a server that fails, is absent or refuses gives way to the next, and each is told', async () => {
  const resolvConf = 'nameserver 10.77.0.4\nnameserver 10.77.0.3\nnameserver 10.77.0.2\n'
  const found = await find('four.test', resolvConf, { types: ['A'] })
  expect(outcomes(found)).toEqual([
    'four.test A 10.77.0.4 refused',
    'four.test A 10.77.0.3 server-failure',
    'four.test A 10.77.0.2 found',
  ])
  expect(found.answeredBy).toBe('10.77.0.2')
})

test('silence, unreachable networks and answers that do not fit end as no answer, after every attempt', async () => {
  const silent = await find('web.test', 'nameserver 10.77.0.99\n', { types: ['A'], attempts: 2 })
  expect(silent).toMatchObject({ status: 'no-answer', answeredBy: null })
  expect(outcomes(silent)).toHaveLength(2)
  const far = await find('web.test', 'nameserver 192.0.2.1\n', { types: ['A'] })
  expect(far.steps.at(-1)).toMatchObject({ outcome: 'unreachable', reason: 'ENETUNREACH' })
  expect((await find('web.test', 'nameserver 10.77.0.5\n', { types: ['A'] })).status).toBe('no-answer')
  expect((await find('web.test', 'nameserver 10.77.0.4\n', { types: ['A'], tcp: true })).status).toBe('refused')
})

test('it can be interrupted', async () => {
  const stop = new AbortController()
  setTimeout(() => stop.abort(), 20)
  const found = await find('web.test', 'nameserver 10.77.0.99\n', { milliseconds: 20_000, signal: stop.signal })
  expect(found.status).toBe('interrupted')
})

test('what is no name is refused', async () => {
  await expect(find('a..b', 'nameserver 10.77.0.2\n')).rejects.toThrow(RangeError)
  await expect(find('x'.repeat(64), 'nameserver 10.77.0.2\n')).rejects.toThrow(RangeError)
})
