/** Changes that are only supposed: what they would do, and that nothing of them is done. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { predict } from '../../src/diagnose/path/predict.ts'
import { askQuestion } from '../../src/diagnose/question/index.ts'
import { takeScene } from '../../src/diagnose/scene/index.ts'
import type { Scene } from '../../src/diagnose/scene/scene.ts'
import { suppose, WhatIfError } from '../../src/diagnose/what-if/index.ts'
import { until } from '../support/holder.ts'
import { buildRoutedWorld, type RoutedWorld, run } from './routed-world.ts'

const RULES = `
table inet guard {
  set bad {
    type ipv4_addr
    flags interval
    elements = { 10.66.0.0/16 }
  }
  chain web {
    counter
  }
  chain transit {
    type filter hook forward priority 0; policy accept;
    ip saddr @bad drop
    tcp dport { 1, 2 } drop
    tcp dport vmap { 80 : jump web }
    icmp type echo-request drop
  }
}
`

let world: RoutedWorld
let scene: Scene
beforeAll(() => {
  world = buildRoutedWorld('whatif')
  run(world.router, 'nft -f -', RULES)
  run(world.router, 'iptables -A FORWARD -p udp -m multiport --dports 5,6 -m comment --comment x -j DROP')
})
afterAll(() => world.names.close())
beforeEach(async () => {
  scene = await takeScene()
})
afterEach(() => scene.close())

interface Asked {
  readonly protocol: 'icmp' | 'tcp' | 'udp'
  readonly port?: number
}

const ECHO: Asked = { protocol: 'icmp' }
const WEB: Asked = { protocol: 'tcp', port: 80 }

/** What becomes of the flow from left to right after the command: a verdict, and the code of its cause. */
async function endAfter(command: string | undefined, { protocol, port }: Asked): Promise<string> {
  const supposed = command === undefined ? scene : suppose(scene, command)
  try {
    const asked = await askQuestion(supposed, {
      from: `ns:${world.left}`,
      to: `ns:${world.right}`,
      protocol,
      packets: false,
      ...(port === undefined ? {} : { port }),
    })
    if (asked.kind === 'cause') return asked.cause.code
    const { verdict, cause } = predict(supposed, asked.flow)
    return cause === null ? verdict : cause.code
  } finally {
    if (supposed !== scene) supposed.close()
  }
}

function state(): string {
  return [world.left, world.router, world.right]
    .flatMap((name) =>
      ['ip -d link', 'ip addr', 'ip route show table all', 'ip rule', 'nft -s list ruleset'].map((command) =>
        run(name, command),
      ),
    )
    .join('\n')
    .replace(/valid_lft.*/g, '')
}

describe('a supposed change', () => {
  test('without one, the rule drops the echo and nothing listens on the port', async () => {
    expect(await endAfter(undefined, ECHO)).toBe('filtered')
    expect(await endAfter(undefined, WEB)).toBe('port-closed')
  })

  test.each([
    ['nft flush chain inet guard transit', ECHO, 'delivered'],
    ['nft insert rule inet guard transit accept', ECHO, 'delivered'],
    ['nft flush ruleset', ECHO, 'delivered'],
    ['nft add element inet guard bad { 10.9.1.0/24 }', WEB, 'filtered'],
    ['nft add rule inet guard web drop', WEB, 'filtered'],
    ['nft insert rule inet guard web iif toleft drop', WEB, 'filtered'],
    ['nft add rule inet guard web iifname other drop', WEB, 'port-closed'],
    ['iptables -I FORWARD -p tcp --dport 80 -j REJECT', WEB, 'filtered'],
    ['iptables -A FORWARD -s 10.8.0.0/16 -j DROP', WEB, 'port-closed'],
    ['iptables -P FORWARD DROP', WEB, 'filtered'],
    ['iptables -D FORWARD 1', { protocol: 'udp', port: 5 }, 'port-closed'],
    ['sysctl -w net.ipv4.ip_forward=0', WEB, 'forwarding-disabled'],
    ['echo 0 > /proc/sys/net/ipv4/ip_forward', WEB, 'forwarding-disabled'],
    ['ip link set toright down', WEB, 'interface-down'],
    ['ip route add blackhole 10.9.2.0/28', WEB, 'route-blackhole'],
    ['ip rule add to 10.9.2.0/24 blackhole', WEB, 'route-blackhole'],
    ['ip neigh replace 10.9.2.2 lladdr 02:00:00:00:00:01 dev toright', WEB, 'neighbour-wrong'],
  ] as const)('at the router: %s', async (command, asked, end) => {
    expect(await endAfter(`ns:${world.router}: ${command}`, asked)).toBe(end)
  })

  test.each([
    ['ip route del default', WEB, 'route-missing'],
    ['ip route replace default via 10.9.1.1 metric 5', WEB, 'port-closed'],
    ['ip addr del 10.9.1.2/24 dev eth0', WEB, 'address-missing'],
    ['ip link set eth0 down', WEB, 'interface-down'],
  ] as const)('at the one who asks: %s', async (command, asked, end) => {
    expect(await endAfter(`ip netns exec ${world.left} ${command}`, asked)).toBe(end)
  })

  test('a deleted rule is named by its own handle, also where the copy numbers it anew', async () => {
    run(world.router, 'nft insert rule inet guard transit ip ttl 1 drop')
    scene.close()
    scene = await takeScene()
    const listed = run(world.router, 'nft -a list chain inet guard transit')
    const handle = /echo-request drop # handle (\d+)/.exec(listed)![1]
    expect(await endAfter(`ns:${world.router}: nft delete rule inet guard transit handle ${handle}`, ECHO)).toBe(
      'delivered',
    )
    const supposed = suppose(scene, `ns:${world.router}: nft add rule inet guard transit counter`)
    try {
      const asked = await askQuestion(supposed, {
        from: `ns:${world.left}`,
        to: `ns:${world.right}`,
        protocol: 'icmp',
        packets: false,
      })
      if (asked.kind !== 'flow') throw new Error(asked.cause.summary)
      expect(predict(supposed, asked.flow).cause?.where.rule?.handle).toBe(Number(handle))
    } finally {
      supposed.close()
    }
  })

  test('a second command knows what the first would have done', async () => {
    const commands = [
      'nft add table inet late',
      'nft add chain inet late web { type filter hook forward priority 10 ; }',
      'nft add rule inet late web tcp dport 80 drop',
      'iptables -I FORWARD -j ACCEPT',
    ]
    const supposed = commands.reduce((before, command) => suppose(before, `ns:${world.router}: ${command}`), scene)
    try {
      const to = { from: `ns:${world.left}`, to: `ns:${world.right}`, packets: false } as const
      const asked = await askQuestion(supposed, { ...to, ...WEB })
      if (asked.kind === 'cause') throw new Error(asked.cause.summary)
      expect(predict(supposed, asked.flow).cause?.where.rule).toMatchObject({ table: 'late', handle: null })
    } finally {
      supposed.close()
    }
  })

  test('nothing of the host is touched', async () => {
    // A second after links were made the kernel still tells of their carriers and checks their addresses.
    await until(() => !/NO-CARRIER|tentative/.test(state()))
    const before = state()
    for (const command of [
      'nft flush ruleset',
      'iptables -P FORWARD DROP',
      'ip link set toright down',
      'sysctl -w net.ipv4.ip_forward=0',
    ]) {
      await endAfter(`ns:${world.router}: ${command}`, WEB)
    }
    expect(state()).toBe(before)
    expect(run(world.router, 'sysctl -n net.ipv4.ip_forward').trim()).toBe('1')
  })

  test.each([
    'ip link set toright sideways',
    'ip link set nowhere up',
    'ip frob add',
    'ip route add 10.0.0.0/8 via 172.31.0.1',
    'ip route del 10.77.0.0/16',
    'nft list ruleset',
    'nft -f /etc/passwd',
    'nft add rule inet guard nochain drop',
    'nft delete rule inet guard transit handle 999',
    'iptables -D FORWARD 9',
    'sysctl -w net.ipv4.no_such=1',
    'bridge link set dev toleft isolated on',
    'rm -rf /',
  ])('is refused when it makes no sense: %s', (command) => {
    expect(() => suppose(scene, `ns:${world.router}: ${command}`)).toThrow(WhatIfError)
  })
})
