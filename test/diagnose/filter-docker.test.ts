/** Docker's own rules: what they make of packets, and how fast that is told. */
import { execFileSync, spawnSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type FilterRules,
  filterRemedy,
  type HookOutcome,
  type HookVisit,
  readFilterRules,
} from '../../src/diagnose/filter/index.ts'
import type { Packet } from '../../src/diagnose/path/packet.ts'
import { type Link, listLinks, Namespace, NetlinkProtocol, NetlinkSocket } from '../../src/kernel/index.ts'
import { type Dockerd, startDockerd } from '../support/dockerd.ts'
import { packet, placeOf } from './filter-world.ts'

let docker: Dockerd
let namespace: Namespace
let links: readonly Link[]
const address: Record<string, string> = {}

beforeAll(async () => {
  docker = await startDockerd()
  docker.run('network', 'create', '--subnet', '172.29.1.0/24', '-o', 'com.docker.network.bridge.name=one', 'one')
  docker.run('network', 'create', '--subnet', '172.29.2.0/24', '-o', 'com.docker.network.bridge.name=two', 'two')
  docker.runContainer('web-a', '--network', 'one')
  docker.runContainer('web-b', '--network', 'one', '--publish', '8080:80')
  docker.runContainer('web-c', '--network', 'two')
  for (const name of ['web-a', 'web-b', 'web-c']) {
    const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}'
    address[name] = docker.run('inspect', '--format', format, name)
  }
  namespace = Namespace.open({ name: docker.namespace })
  const socket = NetlinkSocket.open(NetlinkProtocol.route, namespace)
  links = listLinks(socket)
  socket.close()
})

afterAll(async () => {
  namespace?.close()
  await docker?.stop()
})

const link = (name: string): Link => links.find((one) => one.name === name)!

/** Asks in Docker's namespace. */
function ask(
  rules: FilterRules,
  hook: HookVisit['hook'],
  sent: Packet,
  more: Partial<HookVisit>,
): [HookOutcome, HookVisit] {
  const own = new Set([docker.address, '172.29.1.1', '172.29.2.1', '127.0.0.1'])
  const visit: HookVisit = {
    layer: 'ip',
    hook,
    packet: sent,
    input: undefined,
    output: undefined,
    flow: undefined,
    reply: false,
    addressType: (one) => (own.has(one) || one.startsWith('127.') ? 'local' : 'unicast'),
    outputFor: () => 0,
    masqueradeAddress: () => docker.address,
    ...more,
  }
  return [rules.traverse(visit), visit]
}

function pings(from: string, to: string): boolean {
  const words = ['exec', from, 'ping', '-c', '1', '-W', '1', to]
  return spawnSync('docker', ['--host', `unix://${docker.socket}`, ...words], { stdio: 'ignore' }).status === 0
}

test('a published port is translated, and its answers are translated back', () => {
  const rules = readFilterRules(namespace)
  expect(rules.warnings).toEqual([])
  const sent = packet({ source: '10.9.9.9', destination: docker.address, destinationPort: 8080 })
  const [came] = ask(rules, 'prerouting', sent, { input: link('uplink0') })
  expect(came.verdict).toBe('accept')
  expect(came.packet).toMatchObject({ destination: address['web-b'], destinationPort: 80 })
  expect(came.translations).toEqual([
    expect.objectContaining({ kind: 'dnat', before: `${docker.address}:8080`, after: `${address['web-b']}:80` }),
  ])
  expect(came.translations[0]?.rule).toMatchObject({ backend: 'iptables', table: 'nat', chain: 'DOCKER' })
  expect(came.translations[0]?.rule?.text).toContain(`dnat to ${address['web-b']}:80`)
  const [went] = ask(rules, 'forward', came.packet, { input: link('uplink0'), output: link('one'), flow: came.flow })
  expect(went.verdict).toBe('accept')
  const [left] = ask(rules, 'postrouting', went.packet, { output: link('one'), flow: went.flow })
  expect(left).toMatchObject({ verdict: 'accept', translations: [] })
  expect(left.flow?.unconfirmed).toBeUndefined()
  const answer = packet({
    source: address['web-b']!,
    destination: '10.9.9.9',
    sourcePort: 80,
    destinationPort: sent.sourcePort,
    tcpFlags: 18,
  })
  const [back] = ask(rules, 'prerouting', answer, { input: link('one'), flow: left.flow, reply: true })
  const [gone] = ask(rules, 'postrouting', back.packet, { output: link('uplink0'), flow: back.flow, reply: true })
  expect(gone.packet).toMatchObject({ source: docker.address, sourcePort: 8080 })
  expect([came, went, left, back, gone].flatMap(({ doubts }) => doubts)).toEqual([])
})

test('what leaves is masqueraded', () => {
  const rules = readFilterRules(namespace)
  const sent = packet({ source: address['web-a']!, destination: '10.9.9.9', protocol: 1 })
  const [came] = ask(rules, 'prerouting', sent, { input: link('one') })
  const [went] = ask(rules, 'forward', came.packet, { input: link('one'), output: link('uplink0'), flow: came.flow })
  const [left] = ask(rules, 'postrouting', went.packet, { output: link('uplink0'), flow: went.flow })
  expect(left.packet.source).toBe(docker.address)
  expect(left.translations).toMatchObject([{ kind: 'masquerade', rule: { chain: 'POSTROUTING' } }])
})

test('networks are isolated, until the commands are run that let one flow pass', () => {
  expect(pings('web-a', address['web-b']!)).toBe(true)
  expect(pings('web-a', address['web-c']!)).toBe(false)
  const rules = readFilterRules(namespace)
  const sent = packet({ source: address['web-a']!, destination: address['web-c']!, protocol: 1 })
  const [came] = ask(rules, 'prerouting', sent, { input: link('one') })
  const at = { input: link('one'), output: link('two'), flow: came.flow }
  const [went, visit] = ask(rules, 'forward', came.packet, at)
  expect(went.verdict).toBe('drop')
  expect(went.rule).toMatchObject({ backend: 'iptables', table: 'filter', chain: expect.stringMatching(/^DOCKER/) })
  expect(went.rule?.text).toMatch(/oifname "two".* drop$/)
  const place = placeOf({ name: docker.namespace, router: namespace }, rules)
  const fix = filterRemedy(place, 'home', went.rule!, went.packet, visit)
  for (const command of fix.commands) {
    expect(command).toContain('-I DOCKER-USER 1')
    execFileSync('sh', ['-c', command], { stdio: 'ignore' })
  }
  expect(pings('web-a', address['web-c']!)).toBe(true)
  expect(ask(readFilterRules(namespace), 'forward', came.packet, at)[0].verdict).toBe('accept')
})
