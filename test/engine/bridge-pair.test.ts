/** The two ends of a pair that joins a sandbox to its bridge. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makePair, type NewHostEnd } from '../../src/engine/drivers/bridge/endpoint-link.ts'
import { Namespace, NetlinkProtocol, NetlinkSocket } from '../../src/kernel/index.ts'
import { ip, ipBatch, NamedNamespaces } from '../support/iproute.ts'
import { endpointRecord, networkRecord } from './bridge-world.ts'

const names = new NamedNamespaces('pair')
const opened: { close(): void }[] = []
let hostName: string
let boxName: string
let socket: NetlinkSocket

beforeEach(() => {
  hostName = names.add('host')
  boxName = names.add('box')
  ipBatch(['link add br0 type bridge', 'link set br0 up'], { inside: hostName })
  const host = Namespace.open({ name: hostName })
  socket = NetlinkSocket.open(NetlinkProtocol.route, host)
  opened.push(host, socket)
})

afterEach(() => {
  for (const one of opened.splice(0).reverse()) one.close()
  names.close()
})

function pair(interfaceName: string): NewHostEnd {
  const sandbox = Namespace.open({ name: boxName })
  opened.push(sandbox)
  const plan = { mtu: undefined, port: { isolated: 0, hairpin: 0 }, macAddress: '02:00:00:00:00:01' }
  return makePair(socket, endpointRecord(networkRecord(1), 2), {
    ...plan,
    bridge: linkOf(hostName, 'br0').ifindex,
    interfaceName,
    sandbox,
  })
}

function linkOf(namespace: string, name: string): { ifindex: number; link_index: number; master: string } {
  return JSON.parse(ip(`-n ${namespace} -j link show dev ${name}`))[0]
}

test('both ends have the numbers that are told, and know each other', () => {
  const { index, name, inner } = pair('eth0')
  expect(linkOf(hostName, name)).toMatchObject({ ifindex: index, link_index: inner, master: 'br0' })
  expect(linkOf(boxName, 'eth0')).toMatchObject({ ifindex: inner, link_index: index })
})

test('they never have the same number: the kernel would be in no hurry to tell the carrier of such a pair', () => {
  // The next number in the host's namespace is that of the next interface of the sandbox: 3.
  ipBatch(['link add other type ifb'], { inside: boxName })
  const { index, name, inner } = pair('eth0')
  expect(inner).not.toBe(index)
  expect(linkOf(hostName, name)).toMatchObject({ ifindex: index, link_index: inner, master: 'br0' })
  expect(linkOf(boxName, 'eth0')).toMatchObject({ ifindex: inner, link_index: index })
})

test('a name that the sandbox has already is refused, and nothing is left of the pair', () => {
  ipBatch(['link add eth0 type ifb'], { inside: boxName })
  expect(() => pair('eth0')).toThrow(expect.objectContaining({ code: 'EEXIST' }))
  const links: { ifname: string }[] = JSON.parse(ip(`-n ${hostName} -j link`))
  expect(links.map(({ ifname }) => ifname)).toEqual(['lo', 'br0'])
})
