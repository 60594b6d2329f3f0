import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { NetlinkProtocol } from '../../src/kernel/netlink/channel.ts'
import { NetlinkSocket } from '../../src/kernel/netlink/socket.ts'
import { Namespace } from '../../src/kernel/netns/namespace.ts'
import {
  type InetSocketQuery,
  listInetSockets,
  listNetlinkSockets,
  listPacketSockets,
  listUnixSockets,
  socketOwners,
} from '../../src/kernel/sock-diag/index.ts'

const name = `nwt-diag-${process.pid}`
const cleanups: (() => void)[] = []
let socket: NetlinkSocket

beforeEach(() => {
  execFileSync('ip', ['netns', 'add', name])
  cleanups.push(() => execFileSync('ip', ['netns', 'delete', name]))
  execFileSync('ip', ['-n', name, 'link', 'set', 'lo', 'up'])
  const namespace = Namespace.open({ name })
  socket = NetlinkSocket.open(NetlinkProtocol.sockDiag, namespace)
  cleanups.push(
    () => namespace.close(),
    () => socket.close(),
  )
})

afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup()
})

/** A process in the namespace that runs `script` and holds what it opens until the test ends. It prints when it is ready. */
async function holder(script: string, interpreter: readonly string[] = [process.execPath, '-e']): Promise<number> {
  const child = spawn('ip', ['netns', 'exec', name, ...interpreter, script], { stdio: ['ignore', 'pipe', 'inherit'] })
  cleanups.push(() => child.kill('SIGKILL'))
  const ended = once(child, 'exit').then(() => {
    throw new Error(`${interpreter[0]} ended before it was ready`)
  })
  await Promise.race([once(child.stdout, 'data'), ended])
  return child.pid!
}

/** The lines of `ss` in the namespace. */
function ss(...options: string[]): string[][] {
  const text = execFileSync('ip', ['netns', 'exec', name, 'ss', '-H', '-n', '-a', ...options], { encoding: 'utf8' })
  return text
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.trim().split(/\s+/))
}

/** Our sockets as the columns of `ss`: state, queues, local and remote address. */
function columns(query: InetSocketQuery): string[][] {
  const end = ({ address, port }: { address: string; port: number }): string =>
    `${query.family === 'ipv6' ? (address === '::' ? '*' : `[${address}]`) : address}:${port === 0 ? '*' : port}`
  return listInetSockets(socket, query).map((one) => [
    one.state,
    String(one.receiveQueue),
    String(one.sendQueue),
    end(one.local),
    end(one.remote),
  ])
}

const tcpPair = `
  const net = require('node:net')
  const server = net.createServer(() => process.stdout.write('ready')).listen(8080, '127.0.0.1', 17, () => {
    net.connect(8080, '127.0.0.1')
  })`

test('TCP sockets are those that ss lists, in the same states', async () => {
  await holder(tcpPair)
  expect(columns({ family: 'ipv4', protocol: 'tcp' }).sort()).toEqual(ss('-4', '-t').sort())
  const [listener] = listInetSockets(socket, { family: 'ipv4', protocol: 'tcp', states: ['LISTEN'] })
  expect(listener).toMatchObject({ local: { address: '127.0.0.1', port: 8080 }, sendQueue: 17, uid: 0, tcp: undefined })
  const established = listInetSockets(socket, { family: 'ipv4', protocol: 'tcp', states: ['ESTAB'], details: true })
  expect(established).toHaveLength(2)
  expect(established[0]?.tcp?.sendSegmentSize).toBeGreaterThan(500)
  expect(established[0]?.congestion).toMatch(/\w+/)
  expect(established[0]?.memory?.drops).toBe(0)
})

test('an IPv6 listener is told from one that takes IPv4 too', async () => {
  await holder(`
    const net = require('node:net')
    net.createServer().listen({ port: 8081, host: '::', ipv6Only: true }, () => {
      net.createServer().listen({ port: 8082, host: '::' }, () => process.stdout.write('ready'))
    })`)
  const listeners = listInetSockets(socket, { family: 'ipv6', protocol: 'tcp' })
  const only = new Map(listeners.map((one) => [one.local.port, one.v6only]))
  expect(only).toEqual(
    new Map([
      [8081, true],
      [8082, false],
    ]),
  )
  expect(listeners[0]?.local.address).toBe('::')
})

test('UDP sockets are those that ss lists', async () => {
  await holder(`
    const socket = require('node:dgram').createSocket('udp4')
    socket.bind(5353, '127.0.0.1', () => socket.connect(9, '127.0.0.1', () => process.stdout.write('ready')))`)
  expect(columns({ family: 'ipv4', protocol: 'udp' })).toEqual(ss('-4', '-u'))
  expect(columns({ family: 'ipv4', protocol: 'udp' })).toEqual([['ESTAB', '0', '0', '127.0.0.1:5353', '127.0.0.1:9']])
})

test('unix sockets have their names, abstract ones behind an @, and their peers', async () => {
  const path = `/tmp/${name}.sock`
  await holder(`
    const net = require('node:net')
    net.createServer().listen('\\0${name}', () => {
      const server = net.createServer(() => process.stdout.write('ready')).listen('${path}', () => net.connect('${path}'))
      process.on('exit', () => server.close())
    })`)
  cleanups.push(() => execFileSync('rm', ['-f', path]))
  const sockets = listUnixSockets(socket)
  const byName = (wanted: string, state: string) => sockets.find((one) => one.name === wanted && one.state === state)
  expect(byName(`@${name}`, 'LISTEN')).toMatchObject({ type: 'stream', file: undefined, uid: 0 })
  expect(byName(path, 'LISTEN')?.file?.inode).toBeGreaterThan(0)
  const accepted = byName(path, 'ESTAB')
  const peer = sockets.find((one) => one.inode === accepted?.peer)
  expect(peer?.peer).toBe(accepted?.inode)
  const shown = ss('-x').map((line) => line[4])
  expect(shown.map((shownName) => shownName?.replace(/@+$/, ''))).toContain(`@${name}`)
  expect(shown).toContain(path)
})

test('the processes that hold a socket are found by its inode', async () => {
  const pid = await holder(tcpPair)
  const [listener] = listInetSockets(socket, { family: 'ipv4', protocol: 'tcp', states: ['LISTEN'] })
  const { owners } = socketOwners([listener!.inode, 0])
  expect(owners.get(listener!.inode)).toEqual([{ pid, fd: expect.any(Number), command: 'node' }])
  expect(owners.size).toBe(1)
})

test('who listens to announcements of links is told by the groups of netlink sockets', async () => {
  const monitor = spawn('ip', ['-n', name, 'monitor', 'link', 'address'], { stdio: 'ignore' })
  cleanups.push(() => monitor.kill('SIGKILL'))
  const groups = () => listNetlinkSockets(socket).find((one) => one.protocol === 0 && one.groups.length > 0)?.groups
  // RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR
  await expect.poll(groups).toEqual(expect.arrayContaining([1, 5]))
})

test('who captures is told by packet sockets', async () => {
  expect(listPacketSockets(socket)).toEqual([])
  await holder(
    `
import socket, time
capture = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)) # ETH_P_ALL
capture.bind(('lo', 0))
print('ready', flush=True)
time.sleep(1000)`,
    ['python3', '-c'],
  )
  expect(listPacketSockets(socket)).toMatchObject([{ type: 'raw', interface: 1, protocol: 3 }])
  expect(ss('-0')).toMatchObject([['p_raw', 'UNCONN', '0', '0', '*:lo', '*']])
})

test('a protocol that this kernel cannot tell of has no sockets and no error', () => {
  expect(Array.isArray(listInetSockets(socket, { family: 'ipv4', protocol: 'raw' }))).toBe(true)
})
