/** One namespace in full, compared with what the field's own tools say of it. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Inspection } from '../../src/host/inspection/inspection.ts'
import { runProgram } from '../support/program.ts'
import { schemaFaults } from '../support/schema.ts'

const name = `nwt-show-${process.pid}`
const far = `${name}-far`
let server: ChildProcess
let shown: Inspection

const ip = (...words: string[]): string => execFileSync('ip', ['-n', name, ...words], { encoding: 'utf8' })
const ipJson = (...words: string[]): Record<string, unknown>[] => JSON.parse(ip('-j', ...words) || '[]')
const inside = (...words: string[]): string =>
  execFileSync('ip', ['netns', 'exec', name, ...words], { encoding: 'utf8' })

const RULESET = `
table inet guard {
  set friends { type ipv4_addr; elements = { 192.0.2.1, 192.0.2.2 }; }
  chain input {
    type filter hook input priority 0; policy drop;
    ip saddr @friends accept
    tcp dport 80 counter accept comment "shop"
  }
  chain reserve {
    drop
  }
}
`

beforeAll(async () => {
  for (const namespace of [name, far]) execFileSync('ip', ['netns', 'add', namespace])
  ip('link', 'set', 'lo', 'up')
  ip('link', 'add', 'east', 'type', 'veth', 'peer', 'name', 'west', 'netns', far)
  execFileSync('ip', ['-n', far, 'link', 'set', 'west', 'up'])
  ip('link', 'add', 'br0', 'type', 'bridge')
  ip('link', 'add', 'tunnel', 'type', 'vxlan', 'id', '42', 'dstport', '4789', 'local', '10.9.0.1')
  ip('link', 'set', 'tunnel', 'master', 'br0')
  ip('link', 'set', 'east', 'alias', 'to the \u001b[2J west')
  for (const link of ['east', 'br0', 'tunnel']) ip('link', 'set', link, 'up')
  ip('address', 'add', '10.9.0.1/24', 'dev', 'east')
  ip('address', 'add', 'fd00:9::1/64', 'dev', 'east', 'nodad')
  ip('route', 'add', 'default', 'via', '10.9.0.2', 'metric', '100')
  ip('route', 'add', 'blackhole', '10.99.0.0/16')
  ip(
    'route',
    'add',
    '10.50.0.0/16',
    'table',
    '100',
    'nexthop',
    'via',
    '10.9.0.3',
    'dev',
    'east',
    'nexthop',
    'via',
    '10.9.0.4',
    'dev',
    'east',
    'weight',
    '3',
  )
  ip('rule', 'add', 'from', '10.9.0.0/24', 'fwmark', '0x1', 'lookup', '100')
  ip('neigh', 'add', '10.9.0.2', 'lladdr', '02:00:00:00:00:02', 'dev', 'east')
  execFileSync('bridge', ['-n', name, 'fdb', 'append', '00:00:00:00:00:00', 'dev', 'tunnel', 'dst', '10.9.0.9'])
  execFileSync('ip', ['netns', 'exec', name, 'nft', '-f', '-'], { input: RULESET })
  inside('iptables-legacy', '-A', 'INPUT', '-p', 'tcp', '--dport', '22', '-j', 'ACCEPT')
  inside('sysctl', '-q', 'net.ipv4.ip_forward=1')
  const script = 'require("net").createServer().listen(8080, "10.9.0.1", () => console.log("ready"))'
  server = spawn('ip', ['netns', 'exec', name, process.execPath, '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(server.stdout!, 'data')
  shown = JSON.parse(runProgram(['show', `ns:${name}`, '--json']).answer)
})

afterAll(() => {
  server?.kill('SIGKILL')
  for (const namespace of [name, far]) execFileSync('ip', ['netns', 'del', namespace])
})

test('the document follows its schema, and everything could be read', () => {
  expect(schemaFaults('namespace', shown)).toEqual([])
  expect(shown.warnings).toEqual([])
  expect(shown).toMatchObject({ target: `ns:${name}`, namespace: { names: [name], role: 'named' } })
})

test('interfaces and addresses are those of ip address', () => {
  const theirs = ipJson('address').map((link) => ({
    index: link['ifindex'],
    name: link['ifname'],
    mac: link['address'],
    mtu: link['mtu'],
    master: link['master'] ?? null,
    addresses: (link['addr_info'] as { local: string; prefixlen: number; scope: string }[]).map(
      (address) => `${address.local}/${address.prefixlen} ${address.scope}`,
    ),
  }))
  const ours = shown.links!.map(({ index, name, mac, mtu, master, addresses }) => ({
    index,
    name,
    mac,
    mtu,
    master,
    addresses: addresses.map((address) => `${address.address} ${address.scope}`),
  }))
  expect(ours).toEqual(theirs)
})

test('the far end of a link is named, and a vxlan says its id', () => {
  const east = shown.links!.find((link) => link.name === 'east')
  expect(east?.peer).toMatchObject({ name: 'west', label: `ns:${far}` })
  expect(shown.links!.find((link) => link.name === 'tunnel')?.details).toMatchObject({ vxlan: { id: 42 } })
})

test('routes of every table are those of ip route', () => {
  const lines = (text: string): string[] =>
    text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .sort()
  const ours = (table: string, family: string): string[] =>
    shown
      .routes!.filter((route) => route.table === table && route.family === family)
      .map((route) => route.text)
      .sort()
  expect(ours('main', 'ipv4')).toEqual(lines(ip('-d', 'route')).map(canonical).sort())
  expect(shown.routes!.find((route) => route.table === '100')).toMatchObject({
    destination: '10.50.0.0/16',
    nextHops: [
      { gateway: '10.9.0.3', interface: 'east', weight: 1 },
      { gateway: '10.9.0.4', interface: 'east', weight: 3 },
    ],
  })
  const destinations = (routes: Record<string, unknown>[]) => routes.map((route) => String(route['dst'])).sort()
  const local = shown.routes!.filter((route) => route.table === 'local' && route.family === 'ipv4')
  expect(local.map((route) => route.destination).sort()).toEqual(
    destinations(ipJson('route', 'show', 'table', 'local')),
  )
})

/** `ip -d route` says the type and the scope always, this program where they are not what one expects. */
function canonical(line: string): string {
  return line.replace(/^unicast /, '').replace(/ scope global/, '')
}

test('rules are those of ip rule', () => {
  const theirs = ip('rule')
    .trim()
    .split('\n')
    .map((line) => line.replace(/^(\d+):\s+/, '$1 ').trim())
  const ours = shown.rules!.filter((rule) => rule.family === 'ipv4').map((rule) => `${rule.priority} ${rule.text}`)
  expect(ours).toEqual(theirs)
})

test('neighbours and forwarding entries have their addresses and states', () => {
  expect(shown.neighbours).toContainEqual({
    family: 'ipv4',
    address: '10.9.0.2',
    mac: '02:00:00:00:00:02',
    interface: 'east',
    state: 'permanent',
    flags: [],
  })
  expect(shown.forwarding).toContainEqual(
    expect.objectContaining({ mac: '00:00:00:00:00:00', interface: 'tunnel', remote: '10.9.0.9', state: 'permanent' }),
  )
  const theirs = JSON.parse(execFileSync('bridge', ['-n', name, '-j', 'fdb'], { encoding: 'utf8' })) as {
    mac: string
  }[]
  expect(shown.forwarding!.map((entry) => entry.mac).sort()).toEqual(theirs.map((entry) => entry.mac).sort())
})

test('a listener is shown with its process', () => {
  const socket = shown.sockets!.find((candidate) => candidate.local?.port === 8080)
  expect(socket).toMatchObject({
    protocol: 'tcp',
    state: 'LISTEN',
    local: { address: '10.9.0.1' },
    remote: { port: 0 },
  })
  // `ip netns exec` became node.
  expect(socket?.processes).toEqual([{ pid: server.pid, fd: expect.any(Number), command: 'node' }])
})

test('the rule set is that of nft', () => {
  const theirs = JSON.parse(inside('nft', '-j', '-a', 'list', 'ruleset')) as { nftables: Record<string, unknown>[] }
  const objects = theirs.nftables.filter((object) => !('metainfo' in object))
  expect(shown.nftables!.objects).toEqual(objects)
  const guard = shown.nftables!.tables.find((table) => table.name === 'guard')
  expect(guard?.sets).toEqual([{ name: 'friends', kind: 'set', elements: 2 }])
  expect(guard?.chains.map((chain) => [chain.name, chain.hook, chain.policy])).toEqual([
    ['input', 'input', 'drop'],
    ['reserve', null, null],
  ])
  expect(guard?.chains[0]?.rules.map((rule) => [rule.text, rule.packets])).toEqual([
    ['ip saddr @friends accept', null],
    ['tcp dport 80 counter packets 0 bytes 0 accept comment "shop"', 0],
  ])
})

test('rules of iptables-legacy are shown beside it', () => {
  const filter = shown.iptables!.find((table) => table.family === 'ip' && table.name === 'filter')
  expect(filter?.chains.find((chain) => chain.name === 'INPUT')?.rules.map((rule) => rule.text)).toEqual([
    inside('iptables-legacy', '-S', 'INPUT').trim().split('\n')[1],
  ])
})

test('settings are those of sysctl', () => {
  expect(shown.settings).toMatchObject({ 'net.ipv4.ip_forward': '1', 'net.ipv4.conf.east.forwarding': '1' })
  expect(shown.settings!['net.ipv4.conf.east.rp_filter']).toBe(
    inside('sysctl', '-n', 'net.ipv4.conf.east.rp_filter').trim(),
  )
})

test('the page has a section for everything, and nothing in it controls the terminal', () => {
  const run = runProgram(['show', `ns:${name}`])
  expect(run).toMatchObject({ code: 0, remarks: '' })
  for (const title of [
    'Interfaces',
    'Routes',
    'Rules',
    'Neighbours',
    'Forwarding entries',
    'Sockets',
    'nftables',
    'Settings',
    'DNS',
  ]) {
    expect(run.answer).toContain(`\n${title}\n`)
  }
  expect(run.answer).toMatch(/east +veth +up .*-> west in ns:/)
  expect(run.answer).toContain('default via 10.9.0.2 dev east proto boot metric 100')
  expect(run.answer).toMatch(/tcp +LISTEN +10\.9\.0\.1:8080 .*node \(\d+\)/)
  expect(run.answer).toContain('chain input (type filter, hook input, priority 0, policy drop)')
  expect(run.answer).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/)
})

test('--only shows the parts that were asked for', () => {
  const run = runProgram(['show', `ns:${name}`, '--only', 'rules,dns', '--json'])
  const document: unknown = JSON.parse(run.answer)
  expect(schemaFaults('namespace', document)).toEqual([])
  expect(Object.keys(document as object)).toEqual([
    'schema',
    'host',
    'takenAt',
    'target',
    'namespace',
    'rules',
    'dns',
    'warnings',
  ])
  expect(runProgram(['show', 'host', '--only', 'rulez'])).toMatchObject({ code: 2, answer: '' })
})

test('a namespace that only a mount holds can be shown, and has no DNS configuration', () => {
  const run = runProgram(['show', `ns:${far}`, '--json'])
  expect(JSON.parse(run.answer)).toMatchObject({ namespace: { pids: [] }, dns: null, warnings: [] })
})

test('an ordinary user is shown the own namespace, told what cannot be read, and refused the others', () => {
  const nobody = { uid: 65534 }
  const own = runProgram(['show', 'host', '--only', 'links,rules,conntrack'], nobody)
  expect(own.code).toBe(0)
  expect(own.answer).toContain('127.0.0.1/8 scope host')
  expect(own.answer).toContain('from all lookup main')
  expect(own.remarks).toBe('netwright: the tracked connections cannot be read without root\n')
  const other = runProgram(['show', `ns:${name}`], nobody)
  expect(other).toMatchObject({ code: 3, answer: '' })
  expect(other.remarks).toMatch(/operation not permitted \(EPERM\); run it as root\n$/)
})
