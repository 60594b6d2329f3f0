/** Rules of a bridge: what the kernel makes of frames, and what we expect. */
import { execFileSync, spawnSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readFilterRules } from '../../src/diagnose/filter/index.ts'
import type { Packet } from '../../src/diagnose/path/packet.ts'
import { type Link, listLinks, Namespace, NetlinkProtocol, NetlinkSocket } from '../../src/kernel/index.ts'
import { ipBatch, NamedNamespaces } from '../support/iproute.ts'
import { packet } from './filter-world.ts'

const namespaces = new NamedNamespaces('filter-bridge')
let bridge: string
let left: string
let namespace: Namespace
let links: readonly Link[]

beforeAll(() => {
  bridge = namespaces.add('bridge')
  left = namespaces.add('left')
  const right = namespaces.add('right')
  ipBatch(['link add br0 type bridge', 'link set br0 up'], { inside: bridge })
  for (const [port, end, host] of [
    ['pa', left, 1],
    ['pb', right, 2],
  ] as const) {
    ipBatch([`link add eth0 netns ${end} type veth peer name ${port} netns ${bridge}`])
    ipBatch([`link set ${port} master br0 up`], { inside: bridge })
    ipBatch([`addr add 10.9.0.${host}/24 dev eth0`, 'link set eth0 up'], { inside: end })
  }
  namespace = Namespace.open({ name: bridge })
  const socket = NetlinkSocket.open(NetlinkProtocol.route, namespace)
  links = listLinks(socket)
  socket.close()
})

afterAll(() => {
  namespace?.close()
  namespaces.close()
})

function rules(lines: readonly string[]): void {
  const table = `table bridge guard { chain frames { type filter hook forward priority 0; policy accept;\n`
  const input = `flush ruleset\n${table}${lines.join('\n')}\n}\n}\n`
  execFileSync('ip', ['netns', 'exec', bridge, 'nft', '-f', '-'], { input })
}

/** Whether an echo is answered, after the neighbour was forgotten. */
function pings(): boolean {
  spawnSync('ip', ['-n', left, 'neigh', 'flush', 'all'])
  return spawnSync('ip', ['netns', 'exec', left, 'ping', '-c', '1', '-W', '1', '10.9.0.2']).status === 0
}

function verdict(frame: Packet): string {
  const named = (name: string): Link | undefined => links.find((link) => link.name === name)
  const outcome = readFilterRules(namespace).traverse({
    layer: 'bridge',
    hook: 'forward',
    packet: frame,
    input: named('pa'),
    output: named('pb'),
    flow: undefined,
    reply: false,
    addressType: () => 'unicast',
    outputFor: () => 0,
    masqueradeAddress: () => undefined,
  })
  expect(outcome.doubts).toEqual([])
  return outcome.verdict
}

const ends = { source: '10.9.0.1', destination: '10.9.0.2' }
const frame = { source: '02:00:00:00:00:01', destination: '02:00:00:00:00:02' }
const echo = packet({ ...ends, protocol: 1, frame })
const arp: Packet = {
  ...packet({ ...ends, protocol: 0, sourcePort: 0, destinationPort: 0, length: 28 }),
  frame: { source: frame.source, destination: 'ff:ff:ff:ff:ff:ff' },
  arp: { operation: 'request', senderMac: frame.source, targetMac: '00:00:00:00:00:00' },
}

test.each([
  ['accept', 'accept', ['ether type arp accept', 'iifname "pb" oifname "pa" ip daddr 10.9.0.2 drop']],
  ['drop', 'accept', ['iifname "pa" oifname "pb" ip daddr 10.9.0.2 icmp type echo-request meta pkttype 3 drop']],
  ['drop', 'accept', ['ether type ip meta l4proto icmp ip saddr . ip daddr { 10.9.0.1 . 10.9.0.2 } drop']],
  ['accept', 'drop', ['arp operation request arp daddr ip 10.9.0.2 drop']],
  ['accept', 'drop', ['meta pkttype broadcast ether type arp drop']],
  ['accept', 'accept', ['arp operation reply arp daddr ip 10.9.0.2 drop', 'ip protocol tcp drop', 'vlan id 7 drop']],
])('an echo: %s, the ARP request before it: %s', (ofEcho, ofArp, lines) => {
  rules(lines)
  expect([verdict(echo), verdict(arp)]).toEqual([ofEcho, ofArp])
  expect(pings()).toBe(ofEcho === 'accept' && ofArp === 'accept')
})
