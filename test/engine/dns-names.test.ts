import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Forwarder } from '../../src/engine/dns/forwarder.ts'
import { MessageReader, withLength } from '../../src/engine/dns/message-stream.ts'
import { NetworkNames } from '../../src/engine/dns/network-names.ts'
import { parseMessage } from '../../src/engine/dns/parse-message.ts'
import { Resolver } from '../../src/engine/dns/resolver.ts'
import { Responder } from '../../src/engine/dns/responder.ts'
import { writeMessage } from '../../src/engine/dns/write-message.ts'
import { Zone } from '../../src/engine/dns/zone.ts'
import {
  DatagramClient,
  holdPort,
  type Namespace,
  NftablesMissingError,
  openClientSocket,
} from '../../src/kernel/index.ts'
import { endpointRecord, networkRecord } from './bridge-world.ts'
import { addressesOf, type Box, DnsWorld, dig, exchange, inside, lookUp } from './dns-world.ts'

let world: DnsWorld
beforeEach(() => {
  world = new DnsWorld('names')
})
afterEach(() => world.close())

const network = networkRecord(1, { name: 'net', ipv6: true })
const file = (box: Box, name: string): string => readFileSync(join(box.record.files, name), 'utf8')

test('containers find each other by name, alias and short id, as independent programs see it', async () => {
  const names = world.service()
  const [web, client] = [world.box(), world.box()]
  for (const box of [web, client]) await names.openSandbox(box.record, box.namespace)
  await names.join(web.record, network, endpointRecord(network, 2, { name: 'web', aliases: ['www'] }))
  await names.join(client.record, network, endpointRecord(network, 3, { name: 'client' }))

  expect(await dig(client.name, '+short', 'WEB')).toBe('10.61.0.2')
  expect(await dig(client.name, '+short', 'www.net', 'AAAA')).toBe('fd00:61::2')
  expect(await dig(client.name, '+short', '+tcp', 'c0ffee000000')).toMatch(
    /^10\.61\.0\.[23]$|^10\.61\.0\.[23]\n10\.61\.0\.[23]$/,
  )
  expect(await dig(client.name, '+short', '-x', '10.61.0.2')).toBe('web.net.')
  expect(await dig(client.name, '+short', '-x', 'fd00:61::2')).toBe('web.net.')
  expect(await dig(client.name, 'web', 'MX')).toMatch(/status: NOERROR[\s\S]*ANSWER: 0/)
  expect(await dig(client.name, 'web')).toMatch(/flags: qr rd ra;[\s\S]*web\.\s+600\s+IN\s+A\s+10\.61\.0\.2/)
  expect(await dig(web.name, '+short', 'client')).toBe('10.61.0.3')
})

test('a container sees names of its own networks only, and only while it is in them', async () => {
  const names = world.service()
  const [a, b] = [world.box(), world.box()]
  const other = networkRecord(2, { name: 'other' })
  for (const box of [a, b]) await names.openSandbox(box.record, box.namespace)
  await names.join(a.record, network, endpointRecord(network, 2, { name: 'a' }))
  const secret = endpointRecord(other, 2, { name: 'secret' })
  await names.join(b.record, other, secret)
  for (const asked of ['secret', 'secret.other']) expect(await addressesOf(a.namespace, asked), asked).toBe(2)
  expect((await lookUp(a.namespace, '2.0.62.10.in-addr.arpa', 12))?.rcode).toBe(2)

  const own = endpointRecord(other, 3, { name: 'a2' })
  await names.join(a.record, other, own)
  expect(await addressesOf(a.namespace, 'secret')).toEqual(['10.62.0.2'])
  await names.leave(a.record, other, own)
  expect(await addressesOf(a.namespace, 'secret')).toBe(2)
  expect(await addressesOf(b.namespace, 'a2')).toBe(2)
})

test('an anonymous endpoint has the names that it was given, and no others', async () => {
  const names = world.service()
  const box = world.box()
  await names.openSandbox(box.record, box.namespace)
  const endpoint = endpointRecord(network, 2, { name: 'gateway_1', anonymous: true, aliases: ['given'] })
  await names.join(box.record, network, endpoint)
  expect(await addressesOf(box.namespace, 'given')).toEqual(['10.61.0.2'])
  for (const name of ['gateway_1', 'c0ffee000000']) expect(await addressesOf(box.namespace, name), name).toBe(2)
  expect(file(box, 'hosts')).not.toContain('host1')
})

test('a renamed endpoint answers to its new names at once, and to its old ones no more', async () => {
  const names = world.service()
  const box = world.box()
  await names.openSandbox(box.record, box.namespace)
  const before = endpointRecord(network, 2, { name: 'old' })
  await names.join(box.record, network, before)
  expect(await addressesOf(box.namespace, 'old')).toEqual(['10.61.0.2'])
  await names.rename(box.record, network, { ...before, name: 'new' }, before)
  expect(await addressesOf(box.namespace, 'new')).toEqual(['10.61.0.2'])
  expect(await addressesOf(box.namespace, 'old')).toBe(2)
})

test('port 53 stays free for servers in the container, which are reached at its other addresses', async () => {
  const names = world.service()
  const box = world.box()
  await names.openSandbox(box.record, box.namespace)
  await names.join(box.record, network, endpointRecord(network, 2, { name: 'web' }))
  for (const protocol of ['udp', 'tcp'] as const) {
    const held = holdPort(box.namespace, { protocol, address: '0.0.0.0', port: 53 })
    expect(await addressesOf(box.namespace, 'web')).toEqual(['10.61.0.2'])
    held.release()
  }
})

test('without nftables the resolver takes port 53 itself', async () => {
  const box = world.box()
  const names = new NetworkNames('net')
  names.add({ owner: 'e', names: ['web'], addresses: ['10.61.0.2'] })
  const zone = new Zone()
  zone.networks = [names]
  const resolver = new Resolver({
    namespace: box.namespace,
    responder: new Responder(zone, { searchFirst: false }),
    forwarder: new Forwarder(() => []),
    redirection: {
      find() {
        throw new NftablesMissingError(undefined)
      },
      lead() {},
    },
  })
  expect(await dig(box.name, '+short', 'web')).toBe('10.61.0.2')
  expect(await dig(box.name, '+short', '+tcp', 'web')).toBe('10.61.0.2')
  resolver.close()
})

test('the redirection leaves nothing in the connection table, and goes with a sandbox that outlives us', async () => {
  const names = world.service()
  const box = world.box({ origin: 'path' })
  await names.openSandbox(box.record, box.namespace)
  await lookUp(box.namespace, 'nobody')
  expect(inside(box.name, 'nft', 'list', 'tables')).toBe('table ip netwright-dns\n')
  expect(inside(box.name, 'conntrack', '-L')).toBe('')
  await names.closeSandbox(box.record)
  expect(inside(box.name, 'nft', 'list', 'tables')).toBe('')
  expect(await lookUp(box.namespace, 'nobody', 1, 300)).toBeUndefined()
})

test('in an adopted namespace, a resolver that is there already is left alone', async () => {
  const names = world.service()
  const box = world.box({ origin: 'pid' })
  const held = holdPort(box.namespace, { protocol: 'udp', address: '127.0.0.11', port: 41_000 })
  await names.openSandbox(box.record, box.namespace)
  expect(inside(box.name, 'nft', 'list', 'tables')).toBe('')
  expect(world.notices.join()).toContain('left alone')
  expect(file(box, 'resolv.conf')).toContain('(legacy)')
  held.release()
})

test('the files of a sandbox follow its settings and its networks, in place', async () => {
  const names = world.service()
  const box = world.box({
    domainname: 'example.org',
    dns: { search: ['example.org'], options: ['rotate'] },
    extraHosts: [{ name: 'printer', address: '192.0.2.9' }],
  })
  await names.openSandbox(box.record, box.namespace)
  expect(file(box, 'resolv.conf')).toMatch(/^nameserver 127\.0\.0\.11\nsearch example\.org\noptions rotate ndots:0\n/)
  expect(file(box, 'hosts')).toMatch(/^127\.0\.0\.1\tlocalhost\n[\s\S]*192\.0\.2\.9\tprinter\n$/)
  const { ino } = statSync(join(box.record.files, 'hosts'))
  const endpoint = endpointRecord(network, 2, { name: 'web' })
  await names.join(box.record, network, endpoint)
  const line = '10.61.0.2\thost1.example.org host1\nfd00:61::2\thost1.example.org host1\n'
  expect(file(box, 'hosts')).toContain(line)
  await names.leave(box.record, network, endpoint)
  expect(file(box, 'hosts')).not.toContain('host1')
  expect(statSync(join(box.record.files, 'hosts')).ino, 'a mounted file stays the same file').toBe(ino)
})

test('after a restart names and answers are back, and edits of the files are kept', async () => {
  const first = world.service()
  const boxes = [world.box(), world.box()] as const
  const endpoints = boxes.map((_, i) => endpointRecord(network, 2 + i, { name: `c${i}` }))
  for (const [i, box] of boxes.entries()) {
    await first.openSandbox(box.record, box.namespace)
    await first.join(box.record, network, endpoints[i]!)
  }
  await first.close()
  expect(await lookUp(boxes[0].namespace, 'c1', 1, 300)).toBeUndefined()
  writeFileSync(join(boxes[0].record.files, 'resolv.conf'), 'nameserver 192.0.2.99\n')
  writeFileSync(join(boxes[0].record.files, 'hosts'), `${file(boxes[0], 'hosts')}192.0.2.7\tmine\n`)
  world.hostResolvConf('nameserver 192.0.2.54\n')

  const second = world.service()
  const started = performance.now()
  await second.restore(
    boxes.map(({ record, namespace }, i) => ({
      sandbox: record,
      namespace,
      memberships: [{ network, endpoint: endpoints[i]! }],
    })),
  )
  expect(await addressesOf(boxes[0].namespace, 'c1')).toEqual(['10.61.0.3'])
  expect(performance.now() - started).toBeLessThan(1000)
  expect(await addressesOf(boxes[1].namespace, 'c0')).toEqual(['10.61.0.2'])
  expect(file(boxes[0], 'resolv.conf')).toBe('nameserver 192.0.2.99\n')
  expect(file(boxes[1], 'resolv.conf')).toContain('# ExtServers: [host(192.0.2.54)]')
  expect(file(boxes[0], 'hosts').match(/host1/g), 'each line once').toHaveLength(2)
  expect(file(boxes[0], 'hosts')).toContain('192.0.2.7\tmine')
  expect(world.notices.join()).toContain('resolv.conf was edited')
})

test('rules that somebody changed, and ports that somebody took, do not keep the resolver from coming back', async () => {
  const box = world.box()
  const endpoint = endpointRecord(network, 2, { name: 'web' })
  const restored = { sandbox: box.record, namespace: box.namespace, memberships: [{ network, endpoint }] }
  const ports = (): number[] =>
    [...inside(box.name, 'nft', 'list', 'table', 'ip', 'netwright-dns').matchAll(/dport set (\d+)/g)].map(([, port]) =>
      Number(port),
    )
  const first = world.service()
  await first.openSandbox(box.record, box.namespace)
  const [udp, tcp] = ports()
  await first.close()
  const second = world.service()
  await second.restore([restored])
  expect(ports(), 'the ports are taken over').toEqual([udp, tcp])
  expect(await addressesOf(box.namespace, 'web')).toEqual(['10.61.0.2'])
  await second.close()
  const held = holdPort(box.namespace, { protocol: 'udp', address: '0.0.0.0', port: udp! })
  const third = world.service()
  await third.restore([restored])
  expect(ports()).not.toEqual([udp, tcp])
  expect(await addressesOf(box.namespace, 'web')).toEqual(['10.61.0.2'])
  await third.close()
  held.release()
  inside(box.name, 'nft', 'add', 'rule', 'ip', 'netwright-dns', 'output', 'drop')
  await world.service().restore([restored])
  expect(await addressesOf(box.namespace, 'web')).toEqual(['10.61.0.2'])
})

test('host names that would be other lines of the file are refused', async () => {
  const names = world.service()
  const box = world.box({ extraHosts: [{ name: 'a\n10.0.0.1 evil', address: '192.0.2.9' }] })
  await expect(names.openSandbox(box.record, box.namespace)).rejects.toMatchObject({ code: 'option-invalid' })
  await names.closeSandbox(box.record)
  expect(existsSync(join(box.record.files, 'hosts'))).toBe(false)
})

/** A TCP connection from a namespace to the resolver. */
function stream(namespace: Namespace): Socket {
  const socket = new Socket({ fd: openClientSocket(namespace, { protocol: 'tcp', address: '127.0.0.11', port: 53 }) })
  return socket.on('error', () => {})
}

test('clients that open TCP connections and say nothing keep nobody waiting', async () => {
  const names = world.service()
  const box = world.box()
  await names.openSandbox(box.record, box.namespace)
  await names.join(box.record, network, endpointRecord(network, 2, { name: 'web' }))
  const silent = Array.from({ length: 300 }, () => stream(box.namespace))
  for (const socket of silent.slice(0, 50)) socket.write(Buffer.from([0xff]))
  await sleep(100)
  expect(await dig(box.name, '+short', '+tcp', 'web')).toBe('10.61.0.2')
  expect(await addressesOf(box.namespace, 'web')).toEqual(['10.61.0.2'])
  for (const socket of silent) socket.destroy()
})

test('many queries on one TCP connection are all answered, byte by byte too, and garbage ends only its own connection', async () => {
  const names = world.service()
  const box = world.box()
  await names.openSandbox(box.record, box.namespace)
  await names.join(box.record, network, endpointRecord(network, 2, { name: 'web' }))
  const garbage = stream(box.namespace)
  const socket = stream(box.namespace)
  garbage.write(withLength(Buffer.from('no query')))
  const queries = Array.from({ length: 200 }, (_, id) =>
    withLength(writeMessage({ id, questions: [{ name: 'web', type: 1, class: 1 }] })),
  )
  const [first, ...rest] = queries
  for (const byte of first!) socket.write(Buffer.from([byte]))
  socket.end(Buffer.concat(rest))
  const reader = new MessageReader()
  const ids: number[] = []
  for await (const bytes of socket) for (const answer of reader.push(bytes)) ids.push(parseMessage(answer)!.id)
  expect(ids.toSorted((a, b) => a - b)).toEqual(queries.map((_, id) => id))
})

/** How many datagrams of garbage are sent: `NETWRIGHT_DNS_PACKETS=1000000`, as `npm run soak` does. */
const GARBAGE = Number(process.env['NETWRIGHT_DNS_PACKETS'] ?? 20_000)
/** As many as fit into the socket that they wait in, so that all of them are read. */
const AT_ONCE = 64

test(`${GARBAGE} datagrams of garbage kill nothing, and names are answered between them`, async () => {
  const names = world.service()
  const box = world.box()
  await names.openSandbox(box.record, box.namespace)
  await names.join(box.record, network, endpointRecord(network, 2, { name: 'web' }))
  const client = new DatagramClient(box.namespace, '127.0.0.11', 53, { received() {}, failed() {} })
  const whole = writeMessage({ questions: [{ name: 'web', type: 1, class: 1 }] })
  for (let i = 0; i < GARBAGE; i++) {
    client.send(i % 2 === 0 ? damaged(whole) : randomBytes(i % 1000))
    if (i % AT_ONCE === 0) expect(await addressesOf(box.namespace, 'web')).toEqual(['10.61.0.2'])
  }
  client.close()
  expect(await addressesOf(box.namespace, 'web')).toEqual(['10.61.0.2'])
  expect(await exchange(box.namespace, Buffer.alloc(5000), 100)).toBeUndefined()
}, 600_000)

/** A query with up to four bytes changed. */
function damaged(query: Buffer): Buffer {
  const bytes = Buffer.from(query)
  for (let k = 0; k < 4; k++) bytes[Math.floor(Math.random() * bytes.length)] = Math.floor(Math.random() * 256)
  return bytes
}
