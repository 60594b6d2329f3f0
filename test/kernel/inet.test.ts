import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  DatagramClient,
  DatagramServer,
  type DatagramServerInit,
  Namespace,
  openClientSocket,
  openServerSocket,
} from '../../src/kernel/index.ts'
import { ip, NamedNamespaces } from '../support/iproute.ts'

let names: NamedNamespaces
let name: string
let namespace: Namespace
beforeEach(() => {
  names = new NamedNamespaces('inet')
  name = names.add('a')
  namespace = Namespace.open({ name })
  ip(`-n ${name} link set lo up`)
})
afterEach(() => {
  namespace.close()
  names.close()
})

/** Sends back what comes, with its first byte one higher; keeps back what begins with 0xff. */
function echo(change: Partial<DatagramServerInit> = {}): DatagramServer {
  return new DatagramServer({
    namespace,
    address: '127.0.0.1',
    port: 0,
    answer({ bytes, start, length }) {
      if (bytes[start] === 0xff) return 0
      bytes[start] = bytes[start]! + 1
      return length
    },
    ...change,
  })
}

/** Sends datagrams to a port. @returns the first `count` answers */
async function exchange(port: number, messages: readonly Buffer[], count: number): Promise<Buffer[]> {
  const answers: Buffer[] = []
  return new Promise((resolve, reject) => {
    const client = new DatagramClient(namespace, '127.0.0.1', port, {
      received(bytes) {
        answers.push(Buffer.from(bytes))
        if (answers.length < count) return
        client.close()
        resolve(answers)
      },
      failed(error) {
        client.close()
        reject(error)
      },
    })
    for (const message of messages) client.send(message)
  })
}

test.each([
  ['in batches', false],
  ['one by one', true],
])('datagrams are answered where they came from, %s, longer ones than fit are dropped', async (_, singly) => {
  const server = echo({ singly })
  const message = (first: number, length: number): Buffer => Buffer.alloc(length, 7).fill(first, 0, 1)
  const sent = [
    message(1, 5),
    message(0xff, 5),
    message(3, 4097),
    message(5, 4096),
    ...Array.from({ length: 100 }, (_, i) => message(i, 50 + i)),
  ]
  const answers = await exchange(server.port, sent, 102)
  expect(answers.slice(0, 2)).toEqual([message(2, 5), message(6, 4096)])
  expect(answers.slice(2)).toEqual(Array.from({ length: 100 }, (_, i) => message(i + 1, 50 + i)))
  server.close()
})

test('an answer can come later, to the sender that was kept', async () => {
  const senders: Buffer[] = []
  const server = echo({
    answer(arrival) {
      senders.push(arrival.sender())
      return 0
    },
  })
  const answers = exchange(server.port, [Buffer.from('later')], 1)
  await expect.poll(() => senders.length).toBe(1)
  expect(server.send(Buffer.from('now'), senders[0]!)).toBe(true)
  expect(await answers).toEqual([Buffer.from('now')])
  server.close()
  expect(server.send(Buffer.from('never'), senders[0]!), 'once closed').toBe(false)
})

test('a client hears that nothing listens', async () => {
  const server = echo()
  const { port } = server
  server.close()
  await expect(exchange(port, [Buffer.from('x')], 1)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('a server may be bound before its address exists, and its port is its own', () => {
  ip(`-n ${name} link set lo down`)
  const first = openServerSocket(namespace, { protocol: 'tcp', address: '127.0.0.11', port: 0 })
  expect(first.port).toBeGreaterThan(0)
  expect(() => openServerSocket(namespace, { protocol: 'tcp', address: '127.0.0.11', port: first.port })).toThrow(
    expect.objectContaining({ code: 'EADDRINUSE' }),
  )
  createServer().listen({ fd: first.fd }).close()
})

test('sockets of a namespace are Node’s own once they are handed over, by IPv6 too', async () => {
  const { fd, port } = openServerSocket(namespace, { protocol: 'tcp', address: '::1', port: 0 })
  const server = createServer((socket) => socket.end('hello')).listen({ fd })
  const client = new Socket({ fd: openClientSocket(namespace, { protocol: 'tcp', address: '::1', port }) })
  const [bytes] = (await once(client, 'data')) as [Buffer]
  expect(bytes.toString()).toBe('hello')
  server.close()
  const datagrams = openServerSocket(namespace, { protocol: 'udp', address: '::1', port: 0, receiveBuffer: 1 << 20 })
  const socket = createSocket('udp6')
  socket.bind({ fd: datagrams.fd })
  expect(socket.address().port).toBe(datagrams.port)
  socket.close()
})

test('a link-local address is reached through the interface that it names', () => {
  expect(() => openClientSocket(namespace, { protocol: 'udp', address: 'fe80::1%none', port: 53 })).toThrow(
    expect.objectContaining({ code: 'ENODEV' }),
  )
  expect(() => openClientSocket(namespace, { protocol: 'udp', address: 'nonsense', port: 53 })).toThrow(RangeError)
})
