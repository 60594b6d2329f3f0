import { execFileSync } from 'node:child_process'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { takeScene } from '../../src/diagnose/index.ts'
import type { Observation, Sighting } from '../../src/diagnose/observe/observation.ts'
import { observe } from '../../src/diagnose/observe/observe.ts'
import type { Flow } from '../../src/diagnose/path/flow.ts'
import { predict } from '../../src/diagnose/path/predict.ts'
import { keepTimeStamps } from '../../src/kernel/index.ts'
import { buildContainerHost } from '../gauntlet/container-host.ts'
import { buildOverlayHosts } from '../gauntlet/overlay-hosts.ts'
import { World } from '../gauntlet/world.ts'

/** What a test asks of a flow. */
interface Asked {
  readonly from: string
  readonly to: string
  readonly destination: string
  readonly protocol?: Flow['protocol']
  readonly port?: number
  readonly size?: number
  readonly count?: number
  /** Observe as if nothing had been foreseen. */
  readonly expectDelivery?: boolean
}

async function observed(world: World, asked: Asked): Promise<Observation> {
  using _stamps = keepTimeStamps()
  const scene = await takeScene()
  try {
    const flow: Flow = {
      from: scene.place(world.inode(asked.from)),
      to: scene.place(world.inode(asked.to)),
      family: asked.destination.includes(':') ? 'ipv6' : 'ipv4',
      protocol: asked.protocol ?? 'icmp',
      source: undefined,
      destination: asked.destination,
      port: asked.port,
      sourcePort: 20_000 + (process.pid % 20_000),
      size: asked.size ?? 32,
    }
    const prediction = predict(scene, flow)
    const expected =
      asked.expectDelivery === true ? { ...prediction, verdict: 'delivered' as const, cause: null } : prediction
    return await observe(scene, flow, expected, asked.count === undefined ? {} : { count: asked.count })
  } finally {
    scene.close()
  }
}

/** `web eth0 out request`, of the first packet. */
function path(world: World, { sightings }: Observation, ...kinds: Sighting['kind'][]): string[] {
  const names = new Map(['host', 'gw', 'far', 'web', 'db', 'cache'].map((short) => [world.inode(short), short]))
  return sightings
    .filter((one) => kinds.includes(one.kind) && (one.number ?? 0) === 0)
    .map((one) => `${names.get(one.namespace)} ${one.interface} ${one.passes}`)
}

function ruleset(world: World, ...shorts: string[]): string {
  return shorts.map((short) => world.inside(short, 'nft list ruleset')).join('\n')
}

describe('a container host', () => {
  let world: World
  beforeAll(() => {
    world = new World('observe')
    buildContainerHost(world)
  })
  afterAll(() => world.destroy())
  afterEach(() => {
    for (const short of ['host', 'db', 'cache'])
      world.inside(
        short,
        'for t in guard; do for f in ip ip6 inet bridge netdev arp; do nft delete table $f $t 2>/dev/null || true; done; done',
      )
  })

  test('an echo is seen at each interface of its way, and the answer too', async () => {
    const seen = await observed(world, { from: 'web', to: 'cache', destination: '10.81.2.11' })
    expect(seen).toMatchObject({ outcome: 'answered', sent: 1, answered: 1, rules: [], warnings: [] })
    expect(path(world, seen, 'request')).toEqual([
      'web eth0 out',
      'host vweb in',
      'host lan0 in',
      'host lan1 out',
      'host vcache out',
      'cache eth0 in',
    ])
    expect(path(world, seen, 'reply')).toEqual([
      'cache eth0 out',
      'host vcache in',
      'host lan1 in',
      'host lan0 out',
      'host vweb out',
      'web eth0 in',
    ])
    const times = seen.sightings.filter(({ packet }) => packet !== undefined).map(({ microseconds }) => microseconds)
    expect(times).toEqual([...times].sort((a, b) => a - b))
  })

  test('a connection is known again behind translation of its source', async () => {
    await world.listen('far', 81)
    const seen = await observed(world, { from: 'web', to: 'far', destination: '198.18.5.9', protocol: 'tcp', port: 81 })
    expect(seen.outcome).toBe('answered')
    const outside = seen.sightings.find((one) => one.namespace === world.inode('gw') && one.kind === 'request')
    expect(outside?.packet).toMatchObject({ source: '198.51.100.2', destination: '198.18.5.9', destinationPort: 81 })
  })

  test('a connection is known again behind translation of its destination', async () => {
    await world.listen('web', 80)
    const seen = await observed(world, {
      from: 'far',
      to: 'host',
      destination: '198.51.100.2',
      protocol: 'tcp',
      port: 8080,
    })
    expect(seen.outcome).toBe('answered')
    expect(seen.sightings.find((one) => one.interface === 'vweb')?.packet).toMatchObject({
      destination: '10.81.1.11',
      destinationPort: 80,
    })
  })

  test('nothing is left half open at the server', async () => {
    await world.listen('db', 82)
    await observed(world, { from: 'web', to: 'db', destination: '10.81.1.12', protocol: 'tcp', port: 82, size: 0 })
    await expect.poll(() => world.inside('db', 'ss -Htan state syn-recv state established')).toBe('')
  })

  test('a closed port resets, also over IPv6 and with payload in the SYN', async () => {
    for (const size of [0, 200]) {
      const seen = await observed(world, {
        from: 'web',
        to: 'far',
        destination: 'fd83::9',
        protocol: 'tcp',
        port: 83,
        size,
      })
      expect(seen).toMatchObject({ outcome: 'refused', answer: { kind: 'reset', from: 'fd83::9' } })
    }
  })

  test('a datagram to nobody comes back as an ICMP error', async () => {
    const seen = await observed(world, {
      from: 'web',
      to: 'cache',
      destination: 'fd81:2::11',
      protocol: 'udp',
      port: 84,
    })
    expect(seen).toMatchObject({
      outcome: 'refused',
      answer: { kind: 'error', from: 'fd81:2::11', error: { type: 1, code: 4 } },
    })
  })

  test('a datagram that nobody answers has arrived; one that is answered is answered', async () => {
    await world.serve('db', "const s=require('dgram').createSocket('udp4');s.bind(85,()=>console.log('up'))")
    await world.echo('db', 86)
    const ask = (port: number) =>
      observed(world, { from: 'web', to: 'db', destination: '10.81.1.12', protocol: 'udp', port })
    expect(await ask(85)).toMatchObject({ outcome: 'arrived', sent: 1, answered: 0 })
    const answered = await ask(86)
    expect(answered).toMatchObject({ outcome: 'answered', answered: 1 })
    expect(path(world, answered, 'reply')).toContain('web eth0 in')
  })

  test('several packets are counted', async () => {
    expect(await observed(world, { from: 'web', to: 'db', destination: '10.81.1.12', count: 4 })).toMatchObject({
      sent: 4,
      answered: 4,
    })
  })

  test('whoever asks for a neighbour in vain is seen asking', async () => {
    const seen = await observed(world, { from: 'web', to: 'db', destination: '10.81.1.99' })
    expect(seen).toMatchObject({ outcome: 'silent', answered: 0 })
    expect(seen.sightings.some(({ kind, target }) => kind === 'solicitation' && target === '10.81.1.99')).toBe(true)
    expect(seen.sightings.some(({ kind, target }) => kind === 'advertisement' && target === '10.81.1.99')).toBe(false)
  })

  test('without a route the kernel says why it does not send', async () => {
    world.inside('db', 'ip route del default')
    const seen = await observed(world, { from: 'db', to: 'far', destination: '198.18.5.9' })
    world.inside('db', 'ip route add default via 10.81.1.1')
    expect(seen).toMatchObject({ outcome: 'unsendable', sent: 0, failure: { code: 'ENETUNREACH' } })
  })

  describe('names the rule that takes a packet', () => {
    const chain = (family: string, hook: string, rule: string): string =>
      `nft add table ${family} guard; nft 'add chain ${family} guard c { type filter hook ${hook} priority 0 ; }'; nft add rule ${family} guard c ${rule}`

    test.each([
      ['ip', 'host', 'forward', 'ip daddr 10.81.2.11 drop', '10.81.2.11'],
      ['ip6', 'host', 'forward', 'ip6 daddr fd81:2::11 drop', 'fd81:2::11'],
      ['inet', 'cache', 'input', 'meta l4proto icmp drop', '10.81.2.11'],
      ['inet', 'cache', 'output', 'ip daddr 10.81.1.11 drop', '10.81.2.11'],
    ])('of family %s in %s, hook %s', async (family, short, hook, rule, destination) => {
      world.inside(short, chain(family, hook, rule))
      const before = ruleset(world, 'host', 'cache')
      for (const expectDelivery of [true, false]) {
        const seen = await observed(world, { from: 'web', to: 'cache', destination, expectDelivery })
        expect(seen.outcome).toBe('silent')
        expect(seen.rules).toMatchObject([
          {
            namespace: world.inode(short),
            by: 'trace',
            verdict: 'drop',
            rule: { family, table: 'guard', chain: 'c', position: 1, text: rule },
          },
        ])
      }
      expect(ruleset(world, 'host', 'cache')).toBe(before)
    })

    test('of the bridge family', async () => {
      world.inside('host', chain('bridge', 'forward', 'ip daddr 10.81.1.12 drop'))
      const seen = await observed(world, { from: 'web', to: 'db', destination: '10.81.1.12', expectDelivery: true })
      expect(seen.rules).toMatchObject([{ namespace: world.inode('host'), rule: { family: 'bridge', table: 'guard' } }])
    })

    test('that rejects', async () => {
      world.inside('host', chain('inet', 'forward', 'tcp dport 87 reject with tcp reset'))
      const seen = await observed(world, {
        from: 'web',
        to: 'cache',
        destination: '10.81.2.11',
        protocol: 'tcp',
        port: 87,
        expectDelivery: true,
      })
      expect(seen).toMatchObject({ outcome: 'refused', rules: [{ verdict: 'reject', rule: { table: 'guard' } }] })
    })

    test('of the sender itself, which the kernel refuses at once', async () => {
      world.inside('db', chain('inet', 'output', 'ip daddr 10.81.2.11 drop'))
      const seen = await observed(world, { from: 'db', to: 'cache', destination: '10.81.2.11', expectDelivery: true })
      expect(seen).toMatchObject({
        outcome: 'unsendable',
        failure: { code: 'EPERM' },
        rules: [{ rule: { table: 'guard', chain: 'c' } }],
      })
    })

    test('the policy of a chain', async () => {
      world.inside(
        'cache',
        "nft add table ip guard; nft 'add chain ip guard c { type filter hook input priority 0 ; policy drop ; }'",
      )
      const seen = await observed(world, { from: 'web', to: 'cache', destination: '10.81.2.11', expectDelivery: true })
      expect(seen.rules).toMatchObject([{ rule: { table: 'guard', chain: 'c', handle: null, text: 'policy drop' } }])
    })

    test('of iptables-nft by that name', async () => {
      world.inside('cache', 'iptables-nft -A INPUT -p icmp -j DROP')
      const seen = await observed(world, { from: 'web', to: 'cache', destination: '10.81.2.11', expectDelivery: true })
      world.inside('cache', 'iptables-nft -F; nft delete table ip filter')
      expect(seen.rules).toMatchObject([
        { rule: { backend: 'iptables', family: 'ip', table: 'filter', chain: 'INPUT' } },
      ])
    })

    test('of iptables-legacy by its counter', async () => {
      world.inside('cache', 'iptables-legacy -A INPUT -p icmp -j DROP')
      const seen = await observed(world, { from: 'web', to: 'cache', destination: '10.81.2.11', expectDelivery: true })
      world.inside('cache', 'iptables-legacy -F')
      expect(seen.rules).toMatchObject([
        {
          by: 'counter',
          rule: { backend: 'iptables-legacy', chain: 'INPUT', position: 1, text: '-A INPUT -p icmp -j DROP' },
        },
      ])
    })
  })

  test('the kernel’s own counter tells of a reverse path check', async () => {
    world.inside('host', 'sysctl -qw net.ipv4.conf.all.rp_filter=1; ip route add 10.81.1.11/32 dev lan1')
    const seen = await observed(world, { from: 'web', to: 'cache', destination: '10.81.2.11', expectDelivery: true })
    world.inside('host', 'sysctl -qw net.ipv4.conf.all.rp_filter=0; ip route del 10.81.1.11/32 dev lan1')
    expect(seen.outcome).toBe('silent')
    expect(seen.counters).toContainEqual(
      expect.objectContaining({ namespace: world.inode('host'), name: 'TcpExt.IPReversePathFilter' }),
    )
  })
})

test('packets are seen in the tunnel of an overlay network, which is named', async () => {
  const world = new World('observetunnel')
  try {
    buildOverlayHosts(world)
    const seen = await observed(world, { from: 'a', to: 'b', destination: '10.83.0.20' })
    expect(seen.outcome).toBe('answered')
    const under = seen.sightings.filter((one) => one.namespace === world.inode('h1') && one.packet !== undefined)
    expect(under.map(({ kind, passes }) => `${kind} ${passes}`)).toEqual(['request out', 'reply in'])
    expect(under[0]?.tunnel).toMatchObject({ kind: 'vxlan', id: 7001, source: '10.84.1.2', destination: '10.84.2.2' })
  } finally {
    await world.destroy()
  }
})

test('no descriptor stays open', async () => {
  const world = new World('observefds')
  try {
    world.add('a', 'b')
    world.wire('a', 'eth0', 'b', 'eth0')
    world.inside('a', 'ip addr add 10.9.0.1/24 dev eth0')
    world.inside('b', 'ip addr add 10.9.0.2/24 dev eth0')
    const count = () => Number(execFileSync('sh', ['-c', `ls /proc/${process.pid}/fd | wc -l`], { encoding: 'utf8' }))
    await observed(world, { from: 'a', to: 'b', destination: '10.9.0.2' })
    const before = count()
    for (let i = 0; i < 5; i++)
      await observed(world, { from: 'a', to: 'b', destination: '10.9.0.2', protocol: 'tcp', port: 88 })
    expect(count()).toBeLessThanOrEqual(before)
  } finally {
    await world.destroy()
  }
})
