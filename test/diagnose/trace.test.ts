import { spawn } from 'node:child_process'
import { readlinkSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  checkAll,
  parseExpectations,
  type TraceDocument,
  type TraceOptions,
  type TraceQuestion,
  takeScene,
  trace,
  traceIn,
  WhatIfError,
} from '../../src/diagnose/index.ts'
import { assembleFilter, Bpf, Namespace, PacketWatch } from '../../src/kernel/index.ts'
import { buildContainerHost } from '../gauntlet/container-host.ts'
import { World } from '../gauntlet/world.ts'
import { ip } from '../support/iproute.ts'
import { schemaFaults } from '../support/schema.ts'

async function traced(question: TraceQuestion, options: Partial<TraceOptions> = {}): Promise<TraceDocument> {
  const document = await trace(question, { takeScene: () => takeScene(), ...options })
  expect(schemaFaults('trace', JSON.parse(JSON.stringify(document)))).toEqual([])
  return document
}

describe('a trace', () => {
  let world: World
  const between = (from: string, to: string, rest: Partial<TraceQuestion> = {}): TraceQuestion => ({
    from: `ns:${world.name(from)}`,
    to: /[.:]/.test(to) ? to : `ns:${world.name(to)}`,
    protocol: 'icmp',
    ...rest,
  })
  beforeAll(() => {
    world = new World('trace')
    buildContainerHost(world)
  })
  afterAll(() => world.destroy())
  afterEach(() => {
    for (const short of ['host', 'cache'])
      world.inside(short, 'for f in ip ip6 inet bridge; do nft delete table $f guard 2>/dev/null || true; done')
  })

  test('that is delivered says where the packet was seen, and when', async () => {
    const document = await traced(between('web', 'cache'))
    expect(document).toMatchObject({
      verdict: 'delivered',
      cause: null,
      fix: null,
      differences: [],
      flow: { protocol: 'icmp', source: '10.81.1.11', destination: '10.81.2.11', port: null },
      from: { namespace: world.inode('web'), names: [world.name('web')] },
      predicted: { verdict: 'delivered', cause: null },
      observed: {
        outcome: 'answered',
        sent: 1,
        answered: 1,
        lastSeen: { direction: 'reply', interface: 'eth0', passes: 'in' },
      },
    })
    const passing = document.hops.filter(({ passes }) => passes !== null)
    expect(passing.length).toBeGreaterThanOrEqual(12)
    expect(passing.every(({ seen, microseconds }) => seen === true && microseconds !== null)).toBe(true)
    expect(document.observed!.roundTripMicroseconds).toBeGreaterThan(0)
  })

  test('that is filtered names the rule, and where it was seen last', async () => {
    world.inside(
      'cache',
      "nft add table inet guard; nft 'add chain inet guard c { type filter hook input priority 0 ; }'; nft add rule inet guard c icmp type echo-request drop",
    )
    const document = await traced(between('web', 'cache'))
    expect(document).toMatchObject({
      verdict: 'dropped',
      direction: 'request',
      cause: { code: 'filtered', where: { namespace: world.inode('cache'), rule: { table: 'guard', chain: 'c' } } },
      observed: { outcome: 'silent', lastSeen: { namespace: world.inode('cache'), interface: 'eth0', passes: 'in' } },
    })
    for (const command of document.fix!.commands) world.inside('host', command)
    expect(await traced(between('web', 'cache'))).toMatchObject({ verdict: 'delivered' })
  })

  test('is not fooled by what connection tracking knows of an earlier one', async () => {
    const accepted = "nft add table inet guard; nft 'add chain inet guard c { type filter hook forward priority 0 ; }'"
    world.inside('host', `${accepted}; nft add rule inet guard c ct state established,related accept`)
    expect(await traced(between('web', 'cache'))).toMatchObject({ verdict: 'delivered' })
    world.inside('host', 'nft add rule inet guard c ip daddr 10.81.2.11 drop')
    expect(await traced(between('web', 'cache'))).toMatchObject({ verdict: 'dropped', cause: { code: 'filtered' } })
  })

  test('names the deeper reason, where a firewall drops what a translation made', async () => {
    world.inside(
      'host',
      "nft insert rule ip nat pre ip daddr 198.51.100.2 tcp dport 8088 dnat to 10.81.1.200:80; nft add table inet guard; nft 'add chain inet guard c { type filter hook forward priority 0 ; policy drop ; }'",
    )
    const document = await traced({ ...between('far', '198.51.100.2'), protocol: 'tcp', port: 8088 })
    world.inside(
      'host',
      'nft delete rule ip nat pre handle $(nft -a list chain ip nat pre | sed -n "s/.*dport 8088.*handle //p")',
    )
    expect(document).toMatchObject({ verdict: 'dropped', cause: { code: 'nat-target-missing' } })
  })

  test('of a datagram to a server of its own namespace arrives there', async () => {
    await world.serve(
      'db',
      "const s=require('dgram').createSocket('udp4');s.bind(5300,'127.0.0.1',()=>console.log('up'))",
    )
    const document = await traced({ ...between('db', '127.0.0.1'), protocol: 'udp', port: 5300 })
    expect(document).toMatchObject({ verdict: 'delivered', observed: { outcome: 'arrived' } })
  })

  test('that is only predicted sends no packet at all', async () => {
    let packets = 0
    const shorts = ['web', 'host', 'cache']
    const everything = assembleFilter([{ code: Bpf.accept, constant: 64 }])
    const own = shorts.map((short) => Namespace.open({ name: world.name(short) }))
    world.forgetNeighbours()
    const watches = own.map((namespace) => PacketWatch.open({ namespace, filter: everything }))
    // Not IPv6: the kernel itself tells of groups and asks for routers whenever it likes.
    for (const watch of watches)
      watch.start(({ protocol }) => {
        if (protocol === 0x0800 || protocol === 0x0806) packets++
      })
    const predicted = await traced(between('web', 'cache', { protocol: 'tcp', port: 80 }), { predictOnly: true })
    expect(predicted).toMatchObject({ verdict: 'refused', observed: null, cause: { code: 'port-closed' } })
    expect(predicted.hops.every(({ seen, microseconds }) => seen === null && microseconds === null)).toBe(true)
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(packets).toBe(0)
    // The same question really asked: the watches do see packets.
    await traced(between('web', 'cache', { protocol: 'tcp', port: 80 }))
    await expect.poll(() => packets).toBeGreaterThan(0)
    for (const watch of watches) await watch.close()
    for (const namespace of own) namespace.close()
  })

  test('sees what no table tells, says so, and names the place', async () => {
    world.inside('host', 'tc qdisc add dev vcache root blackhole')
    const document = await traced(between('web', 'cache'))
    world.inside('host', 'tc qdisc del dev vcache root')
    expect(document).toMatchObject({
      verdict: 'dropped',
      cause: { where: { namespace: world.inode('host') } },
      observed: { outcome: 'silent', lastSeen: { namespace: world.inode('host'), interface: 'lan1', passes: 'out' } },
    })
    expect(document.differences.length + document.predicted.doubts.length).toBeGreaterThan(0)
  })

  test('that somebody else answers is not delivered', async () => {
    world.inside('host', 'ip addr add 10.81.1.12/32 dev lan0')
    const mac = world.inside('host', 'ip -br link show lan0').split(/\s+/)[2]
    world.inside('web', `ip neigh replace 10.81.1.12 dev eth0 nud permanent lladdr ${mac}`)
    const document = await traced(between('web', 'db'))
    world.inside('web', 'ip neigh del 10.81.1.12 dev eth0')
    world.inside('host', 'ip addr del 10.81.1.12/32 dev lan0')
    expect(document).toMatchObject({ verdict: 'dropped', observed: { outcome: 'answered' } })
    expect(['address-duplicate', 'neighbour-wrong']).toContain(document.cause?.code)
  })

  test('may come from an address and a port of its own choice', async () => {
    world.inside('web', 'ip addr add 10.81.1.77/24 dev eth0')
    const document = await traced(
      between('web', '10.81.2.11', { source: '10.81.1.77', sourcePort: 5353, protocol: 'udp', port: 9 }),
    )
    world.inside('web', 'ip addr del 10.81.1.77/24 dev eth0')
    expect(document.flow).toMatchObject({ source: '10.81.1.77', sourcePort: 5353 })
    expect(document).toMatchObject({ verdict: 'refused', cause: { code: 'port-closed' } })
  })

  test('of a large packet that does not fit is not delivered', async () => {
    world.inside('host', 'ip link set vcache mtu 1400; ip link set lan1 mtu 1400')
    const document = await traced(between('web', 'cache', { size: 1430, protocol: 'tcp', port: 80 }))
    world.inside('host', 'ip link set vcache mtu 1500; ip link set lan1 mtu 1500')
    expect(document).toMatchObject({ cause: { code: 'mtu-mismatch' } })
  })

  test('goes to what leaves this host, and says so', async () => {
    world.inside(
      'gw',
      'ip link add tun0 type tun 2>/dev/null || ip tuntap add tun0 mode tun; ip addr add 192.0.2.1/24 dev tun0; ip link set tun0 up',
    )
    const document = await traced(between('web', '192.0.2.9'))
    expect(document.verdict).not.toBe('delivered')
    expect(document.observed?.lastSeen?.namespace ?? document.cause?.where.namespace).toBeDefined()
    world.inside('gw', 'ip link del tun0')
  })

  test('of tables that were stale when they were read looks again', async () => {
    world.inside('cache', 'ip link set eth0 down')
    const stale = await takeScene()
    const question = between('web', '10.81.2.11')
    const options = { takeScene: () => takeScene(), predictOnly: true }
    expect(await traceIn(stale, question, options)).toMatchObject({ verdict: 'dropped' })
    world.inside('cache', 'ip link set eth0 up; ip route replace default via 10.81.2.1')
    const scenes = [stale]
    const document = await traced(question, { takeScene: async () => scenes.shift() ?? takeScene() })
    expect(document).toMatchObject({
      verdict: 'delivered',
      cause: null,
      predicted: { verdict: 'delivered' },
      differences: [],
    })
  })

  test('says what would be after a change, and changes and sends nothing', async () => {
    const cache = world.name('cache')
    const rules = world.inside('cache', 'nft list ruleset; ip route')
    const supposing = (...supposed: string[]) => traced(between('web', '10.81.2.11'), { supposed })
    expect(await supposing(`ip -n ${cache} route del default`)).toMatchObject({
      verdict: 'no-reply',
      observed: null,
      cause: { where: { namespace: world.inode('cache') } },
    })
    const table =
      'nft add table ip guard { chain c { type filter hook input priority 0; icmp type echo-request drop; }; }'
    const guarded = await supposing(`ns:${cache}: ${table}`, `ip -n ${cache} link set eth0 mtu 1400`)
    expect(guarded).toMatchObject({ verdict: 'dropped', cause: { code: 'filtered' }, supposed: { length: 2 } })
    await expect(supposing('rm -rf /')).rejects.toThrow(WhatIfError)
    expect(world.inside('cache', 'nft list ruleset; ip route')).toBe(rules)
    expect(await traced(between('web', '10.81.2.11'))).toMatchObject({ verdict: 'delivered' })
  })

  test('reaches namespaces that have no name', async () => {
    const process = spawn('unshare', ['--net', 'sleep', '60'], { stdio: 'ignore' })
    try {
      const pid = process.pid!
      const home = readlinkSync('/proc/self/ns/net')
      await expect.poll(() => readlinkSync(`/proc/${pid}/ns/net`)).not.toBe(home)
      const name = world.name('host')
      ip(`-n ${name} link add anon0 type veth peer name eth0 netns ${pid}`)
      ip(`-n ${name} link set anon0 master lan0 up`)
      for (const words of ['ip link set lo up', 'ip addr add 10.81.1.50/24 dev eth0', 'ip link set eth0 up']) {
        world.inside('host', `nsenter --net=/proc/${pid}/ns/net ${words}`)
      }
      const document = await traced({ from: `pid:${pid}`, to: `ns:${world.name('web')}`, protocol: 'icmp' })
      expect(document).toMatchObject({ verdict: 'delivered', observed: { outcome: 'answered' } })
    } finally {
      process.kill('SIGKILL')
    }
  })

  test('of a table of expectations tells which are not met', async () => {
    const [web, db, cache] = ['web', 'db', 'cache'].map((short) => `ns:${world.name(short)}`)
    const table = `${web} ${db} delivered\n${web} ${cache} dropped\n${web} ${db} --tcp 9 dropped\n${web} ns:nwt-nobody delivered\n`
    const document = await checkAll(parseExpectations(table), { takeScene: () => takeScene() })
    expect(schemaFaults('expectations', JSON.parse(JSON.stringify(document)))).toEqual([])
    expect(document).toMatchObject({ met: 2, missed: 2 })
    expect(document.results.map(({ met, verdict }) => [met, verdict])).toEqual([
      [true, 'delivered'],
      [false, 'delivered'],
      [true, 'refused'],
      [false, null],
    ])
    expect(document.results[3]?.problem).toContain('nwt-nobody')
  })
})
