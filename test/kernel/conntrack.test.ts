import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import {
  type Connection,
  conntrackUsage,
  deleteConnection,
  flushConnections,
  listConnections,
} from '../../src/kernel/conntrack/index.ts'
import { NetlinkProtocol } from '../../src/kernel/netlink/channel.ts'
import { NetlinkSocket } from '../../src/kernel/netlink/socket.ts'
import { Namespace } from '../../src/kernel/netns/namespace.ts'
import { readSysctl } from '../../src/kernel/sysctl.ts'

const name = `nwt-ct-${process.pid}`
const cleanups: (() => void)[] = []
let namespace: Namespace
let socket: NetlinkSocket

/** A rule that looks at the state of connections makes the kernel track them; port 7000 leads to port 8080. */
const rules = `
table inet track {
  chain judge { type filter hook input priority 0; ct state established accept; }
  chain send { type nat hook output priority -100; tcp dport 7000 redirect to :8080; }
  chain sign { type filter hook output priority 0; udp dport 9 ct mark set 0x2a; }
}`

beforeEach(() => {
  execFileSync('ip', ['netns', 'add', name])
  cleanups.push(() => execFileSync('ip', ['netns', 'delete', name]))
  execFileSync('ip', ['-n', name, 'link', 'set', 'lo', 'up'])
  execFileSync('ip', ['netns', 'exec', name, 'sysctl', '-qw', 'net.netfilter.nf_conntrack_acct=1'])
  execFileSync('ip', ['netns', 'exec', name, 'nft', '-f', '-'], { input: rules })
  namespace = Namespace.open({ name })
  socket = NetlinkSocket.open(NetlinkProtocol.netfilter, namespace)
  cleanups.push(
    () => namespace.close(),
    () => socket.close(),
  )
})

afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup()
})

/** Runs `script` in the namespace until it says that it is ready; it keeps its connections open until the test ends. */
async function flow(script: string): Promise<void> {
  const child = spawn('ip', ['netns', 'exec', name, process.execPath, '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  cleanups.push(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
}

const connectTo = (port: number, host = '127.0.0.1'): string => `
  const net = require('node:net')
  net.createServer((peer) => peer.end('hello')).listen(8080, '${host}', () => {
    net.connect({ port: ${port}, host: '${host}', allowHalfOpen: true }).on('data', () => process.stdout.write('ready'))
  })`

/** What the conntrack program says of a connection, as its fields: the original direction's come first. */
function shown(...options: string[]): string[] {
  const text = execFileSync('ip', ['netns', 'exec', name, 'conntrack', '-L', '-o', 'extended,id', ...options], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return text.trim().split('\n')
}

function tcpOf(list: readonly Connection[]): Connection {
  const found = list.find((connection) => connection.original.protocol === 6)
  if (found === undefined) throw new Error('no TCP connection is tracked')
  return found
}

test('a connection is as conntrack shows it', async () => {
  await flow(connectTo(8080))
  // Late acknowledgements may still be counted between the two looks.
  await vi.waitFor(() => {
    const connection = tcpOf(listConnections(socket))
    const [line = ''] = shown('-p', 'tcp')
    const field = (key: string): string[] =>
      [...line.matchAll(new RegExp(`\\b${key}=(\\S+)`, 'g'))].map((match) => match[1]!)
    const { original, reply, counters } = connection
    expect(field('src')).toEqual([original.source, reply.source])
    expect(field('dport')).toEqual([String(original.destinationPort), String(reply.destinationPort)])
    expect(field('packets')).toEqual([String(counters.original?.packets), String(counters.reply?.packets)])
    expect(field('bytes')).toEqual([String(counters.original?.bytes), String(counters.reply?.bytes)])
    expect(field('id')).toEqual([String(connection.id)])
    expect(line).toContain(` ${connection.tcpState} `)
    expect(connection.status).toEqual(expect.arrayContaining(['seen-reply', 'assured', 'confirmed']))
    expect(connection).toMatchObject({
      family: 'ipv4',
      zone: 0,
      mark: 0,
      sourceNat: undefined,
      destinationNat: undefined,
    })
    expect(connection.timeout).toBeGreaterThan(0)
  })
})

test('a translated destination is told, and found by either port', async () => {
  await flow(connectTo(7000))
  const connection = tcpOf(listConnections(socket, { port: 7000 }))
  expect(connection.destinationNat).toEqual({ address: '127.0.0.1', port: 8080 })
  expect(connection.sourceNat).toBeUndefined()
  expect(connection.status).toContain('destination-nat')
  expect(listConnections(socket, { port: 8080 })).toHaveLength(1)
  expect(listConnections(socket, { port: 8081 })).toHaveLength(0)
})

test('marks and families select in the kernel, protocols and addresses here', async () => {
  await flow(connectTo(8080, '::1'))
  await flow(`
    const socket = require('node:dgram').createSocket('udp4')
    socket.send('x', 9, '127.0.0.2', () => process.stdout.write('ready'))
    setInterval(() => {}, 1000)`)
  const marked = listConnections(socket, { mark: { value: 0x2a, mask: 0xff } })
  expect(marked.map((one) => [one.original.protocol, one.original.destination, one.mark])).toEqual([
    [17, '127.0.0.2', 0x2a],
  ])
  expect(listConnections(socket, { mark: { value: 0x2b, mask: 0xff } })).toEqual([])
  const v6 = listConnections(socket, { family: 'ipv6', protocol: 6 })
  expect(v6).toHaveLength(1)
  expect(v6[0]).toMatchObject({
    family: 'ipv6',
    original: { source: '::1', destination: '::1', destinationPort: 8080 },
  })
  expect(listConnections(socket, { address: '127.0.0.2' })).toHaveLength(1)
})

test('a connection is forgotten by its tuple, and only once', async () => {
  await flow(connectTo(8080))
  const connection = tcpOf(listConnections(socket, { protocol: 6 }))
  expect(deleteConnection(socket, connection)).toBe(true)
  expect(deleteConnection(socket, connection)).toBe(false)
  expect(listConnections(socket, { protocol: 6 })).toEqual([])
})

test('flushing a port leaves the others alone', async () => {
  await flow(`
    const socket = require('node:dgram').createSocket('udp4')
    const send = (port, next) => socket.send('x', port, '127.0.0.1', next)
    send(53, () => send(54, () => send(53, () => process.stdout.write('ready'))))
    setInterval(() => {}, 1000)`)
  expect(flushConnections(socket, { protocol: 17, port: 53 })).toBe(1)
  expect(listConnections(socket, { protocol: 17 }).map((one) => one.original.destinationPort)).toEqual([54])
})

test('the table tells how full it is, as /proc does', async () => {
  await flow(connectTo(8080))
  const usage = conntrackUsage(socket)
  expect(usage.entries).toBe(Number(readSysctl(namespace, 'net.netfilter.nf_conntrack_count')))
  expect(usage.maximum).toBe(Number(readSysctl(namespace, 'net.netfilter.nf_conntrack_max')))
  expect(usage.entries).toBeGreaterThan(0)
  expect(usage).toMatchObject({ dropped: 0, earlyDropped: 0 })
})
