/** Faults that the gauntlet does not have: each is predicted with its cause at its place, and is what real packets meet. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { World } from '../gauntlet/world.ts'
import { type Asked, ask } from './worlds/ask.ts'

/**
 * `host` with the bridge lan (a .2, b .3, c .4; port 8000 of its outside address published to b's 80), the bridge other (d)
 * and an uplink to `net`, which has a public address and no way back: the host masquerades.
 */
function build(world: World): void {
  world.add('host', 'net', 'a', 'b', 'c', 'd')
  world.inside(
    'host',
    `sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
     ip link add lan type bridge; ip addr add 10.71.0.1/24 dev lan; ip addr add fd71::1/64 dev lan nodad; ip link set lan up
     ip link add other type bridge; ip addr add 10.72.0.1/24 dev other; ip link set other up`,
  )
  for (const [short, bridge, subnet, last] of [
    ['a', 'lan', '10.71.0', 2],
    ['b', 'lan', '10.71.0', 3],
    ['c', 'lan', '10.71.0', 4],
    ['d', 'other', '10.72.0', 2],
  ] as const) {
    world.wire(short, 'eth0', 'host', `v${short}`)
    world.inside('host', `ip link set v${short} master ${bridge}`)
    world.inside(short, `ip addr add ${subnet}.${last}/24 dev eth0; ip route add default via ${subnet}.1`)
    if (bridge === 'lan') {
      world.inside(short, `ip addr add fd71::${last}/64 dev eth0 nodad; ip -6 route add default via fd71::1`)
    }
  }
  world.wire('host', 'up0', 'net', 'eth0')
  world.inside('net', 'ip addr add 203.0.113.2/24 dev eth0')
  world.inside(
    'host',
    `ip addr add 203.0.113.1/24 dev up0
     nft -f - <<'END'
table ip nat {
  chain pre { type nat hook prerouting priority dstnat; ip daddr 203.0.113.1 tcp dport 8000 dnat to 10.71.0.3:80; }
  chain post { type nat hook postrouting priority srcnat
    oifname "up0" masquerade
    ip saddr 10.71.0.0/24 ip daddr 10.71.0.3 masquerade
  }
}
END`,
  )
}

type Question = Omit<Asked, 'from' | 'to'> & { readonly from: string; readonly to?: string }

interface Fault {
  readonly name: string
  readonly asked: Question
  readonly break: readonly [short: string, script: string]
  readonly undo: readonly [short: string, script: string]
  readonly code: string
  readonly at: string
  readonly verdict?: string
}

const aToB: Question = { from: 'a', to: 'b', destination: '10.71.0.3' }
const aToB6: Question = { from: 'a', to: 'b', destination: 'fd71::3' }
const aToNet: Question = { from: 'a', to: 'net', destination: '203.0.113.2' }
const aToD: Question = { from: 'a', to: 'd', destination: '10.72.0.2' }
const published: Question = { from: 'net', destination: '203.0.113.1', protocol: 'tcp', port: 8000 }
const hairpin: Question = { ...published, from: 'a' }
const web: Question = { ...aToB, protocol: 'tcp', port: 80 }
const table = (family: string, hook: string, rule: string): string =>
  `nft 'add table ${family} t; add chain ${family} t c { type filter hook ${hook} priority 0; }; add rule ${family} t c ${rule}'`
const drop = (family: string): string => `nft delete table ${family} t`

const faults: readonly Fault[] = [
  {
    name: 'the asker’s own port left the bridge',
    asked: aToB,
    break: ['host', 'ip link set va nomaster'],
    undo: ['host', 'ip link set va master lan'],
    code: 'bridge-port-missing',
    at: 'host',
  },
  {
    name: 'the answerer’s port is in the wrong bridge',
    asked: aToB,
    break: ['host', 'ip link set vb master other'],
    undo: ['host', 'ip link set vb master lan'],
    code: 'bridge-port-missing',
    at: 'host',
  },
  {
    name: 'two ports are isolated from each other',
    asked: aToB6,
    break: ['host', 'bridge link set dev va isolated on; bridge link set dev vb isolated on'],
    undo: ['host', 'bridge link set dev va isolated off; bridge link set dev vb isolated off'],
    code: 'bridge-port-isolated',
    at: 'host',
  },
  {
    name: 'a port takes no broadcasts',
    asked: aToB,
    break: ['host', 'bridge link set dev vb bcast_flood off'],
    undo: ['host', 'bridge link set dev vb bcast_flood on'],
    code: 'bridge-port-blocked',
    at: 'host',
  },
  {
    name: 'a port takes no multicast, and so no neighbour solicitation',
    asked: aToB6,
    break: ['host', 'bridge link set dev vb mcast_flood off'],
    undo: ['host', 'bridge link set dev vb mcast_flood on'],
    code: 'bridge-port-blocked',
    at: 'host',
  },
  {
    name: 'a port that a spanning tree blocks',
    asked: aToNet,
    break: ['host', 'ip link set lan type bridge stp_state 1; ip link set va nomaster; ip link set va master lan'],
    undo: ['host', 'ip link set lan type bridge stp_state 0; ip link set va nomaster; ip link set va master lan'],
    code: 'bridge-port-blocked',
    at: 'host',
  },
  {
    name: 'the host’s bridge is down',
    asked: aToNet,
    break: ['host', 'ip link set lan down'],
    undo: ['host', 'ip link set lan up'],
    code: 'interface-down',
    at: 'host',
  },
  {
    name: 'the uplink’s other end is down',
    asked: aToNet,
    break: ['net', 'ip link set eth0 down'],
    undo: ['net', 'ip link set eth0 up'],
    code: 'interface-down',
    at: 'net',
  },
  {
    name: 'the asker’s interface is down',
    asked: aToB,
    break: ['a', 'ip link set eth0 down'],
    undo: [
      'a',
      'ip link set eth0 up; ip route replace default via 10.71.0.1; ip -6 addr replace fd71::2/64 dev eth0 nodad; ip -6 route replace default via fd71::1',
    ],
    code: 'interface-down',
    at: 'a',
  },
  {
    name: 'the asker has no address',
    asked: aToB,
    break: ['a', 'ip -4 addr flush dev eth0'],
    undo: ['a', 'ip addr add 10.71.0.2/24 dev eth0; ip route add default via 10.71.0.1'],
    code: 'address-missing',
    at: 'a',
  },
  {
    name: 'the gateway has lost its address',
    asked: aToNet,
    break: ['host', 'ip addr del 10.71.0.1/24 dev lan'],
    undo: ['host', 'ip addr add 10.71.0.1/24 dev lan'],
    code: 'address-missing',
    at: 'host',
  },
  {
    name: 'ARP is not answered, as arp_ignore wants it',
    asked: aToB,
    break: ['b', 'sysctl -qw net.ipv4.conf.all.arp_ignore=8'],
    undo: ['b', 'sysctl -qw net.ipv4.conf.all.arp_ignore=0'],
    code: 'neighbour-failed',
    at: 'b',
  },
  {
    name: 'neighbour solicitations are filtered like other ICMPv6',
    asked: aToB6,
    break: ['b', table('ip6', 'input', 'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } drop')],
    undo: ['b', drop('ip6')],
    code: 'filtered',
    at: 'b',
  },
  {
    name: 'the asker drops the advertisement',
    asked: aToB6,
    break: ['a', table('ip6', 'input', 'icmpv6 type nd-neighbor-advert drop')],
    undo: ['a', drop('ip6')],
    code: 'filtered',
    at: 'a',
  },
  {
    name: 'a bridge filter drops ARP answers',
    asked: aToB,
    break: ['host', table('bridge', 'forward', 'arp operation reply drop')],
    undo: ['host', drop('bridge')],
    code: 'filtered',
    at: 'host',
  },
  {
    name: 'a filter before the bridge',
    asked: aToNet,
    break: ['host', table('bridge', 'prerouting', 'ip protocol icmp drop')],
    undo: ['host', drop('bridge')],
    code: 'filtered',
    at: 'host',
  },
  {
    name: 'pings are ignored',
    asked: aToB,
    break: ['b', 'sysctl -qw net.ipv4.icmp_echo_ignore_all=1'],
    undo: ['b', 'sysctl -qw net.ipv4.icmp_echo_ignore_all=0'],
    code: 'filtered',
    at: 'b',
  },
  {
    name: 'a strict reverse path filter, and a way back that leads elsewhere',
    asked: aToD,
    break: ['host', 'sysctl -qw net.ipv4.conf.all.rp_filter=1; ip route add 10.71.0.2 dev other'],
    undo: ['host', 'sysctl -qw net.ipv4.conf.all.rp_filter=0; ip route del 10.71.0.2 dev other'],
    code: 'reverse-path-filter',
    at: 'host',
  },
  {
    name: 'a policy rule for the asker without a way',
    asked: aToNet,
    break: ['host', 'ip route add unreachable default table 71; ip rule add from 10.71.0.2 table 71'],
    undo: ['host', 'ip rule del from 10.71.0.2 table 71; ip route flush table 71'],
    code: 'route-blackhole',
    at: 'host',
    verdict: 'refused',
  },
  {
    name: 'a marked flow is routed into nothing',
    asked: aToNet,
    break: [
      'a',
      `nft 'add table ip t; add chain ip t c { type route hook output priority -150; }; add rule ip t c meta mark set 7'; ip rule add fwmark 7 prohibit`,
    ],
    undo: ['a', `${drop('ip')}; ip rule del fwmark 7 prohibit`],
    code: 'route-blackhole',
    at: 'a',
    verdict: 'refused',
  },
  {
    name: 'a route into the loopback',
    asked: aToD,
    break: ['host', 'ip route add 10.72.0.2 dev lo'],
    undo: ['host', 'ip route del 10.72.0.2 dev lo'],
    code: 'route-blackhole',
    at: 'host',
  },
  {
    name: 'one interface does not forward',
    asked: aToD,
    break: ['host', 'sysctl -qw net.ipv4.conf.lan.forwarding=0'],
    undo: ['host', 'sysctl -qw net.ipv4.conf.lan.forwarding=1'],
    code: 'forwarding-disabled',
    at: 'host',
  },
  {
    name: 'the answer’s interface does not forward',
    asked: aToD,
    break: ['host', 'sysctl -qw net.ipv4.conf.other.forwarding=0'],
    undo: ['host', 'sysctl -qw net.ipv4.conf.other.forwarding=1'],
    code: 'forwarding-disabled',
    at: 'host',
    verdict: 'no-reply',
  },
  {
    name: 'answers find no way back',
    asked: aToD,
    break: ['d', 'ip route del default'],
    undo: ['d', 'ip route add default via 10.72.0.1'],
    code: 'return-route-missing',
    at: 'd',
    verdict: 'no-reply',
  },
  {
    name: 'nobody masquerades any more',
    asked: aToNet,
    break: ['host', 'nft flush chain ip nat post'],
    undo: [
      'host',
      `nft add rule ip nat post oifname up0 masquerade; nft add rule ip nat post ip saddr 10.71.0.0/24 ip daddr 10.71.0.3 masquerade`,
    ],
    code: 'nat-missing',
    at: 'host',
    verdict: 'no-reply',
  },
  {
    name: 'a published port without the masquerading that neighbours of the target need',
    asked: hairpin,
    // With br_netfilter the bridge itself would undo the translation.
    break: [
      'host',
      `sysctl -qw net.bridge.bridge-nf-call-iptables=0 2>/dev/null || true
       nft flush chain ip nat post; nft add rule ip nat post oifname up0 masquerade`,
    ],
    undo: ['host', `nft add rule ip nat post ip saddr 10.71.0.0/24 ip daddr 10.71.0.3 masquerade`],
    code: 'nat-missing',
    at: 'host',
    verdict: 'no-reply',
  },
  {
    name: 'a published port behind a container that is down',
    asked: published,
    break: ['b', 'ip link set eth0 down'],
    undo: [
      'b',
      'ip link set eth0 up; ip route replace default via 10.71.0.1; ip -6 addr replace fd71::3/64 dev eth0 nodad; ip -6 route replace default via fd71::1',
    ],
    code: 'interface-down',
    at: 'b',
  },
  {
    name: 'a published port that is translated to nobody',
    asked: published,
    break: ['host', 'nft flush chain ip nat pre; nft add rule ip nat pre tcp dport 8000 dnat to 10.71.0.99:80'],
    undo: [
      'host',
      'nft flush chain ip nat pre; nft add rule ip nat pre ip daddr 203.0.113.1 tcp dport 8000 dnat to 10.71.0.3:80',
    ],
    code: 'nat-target-missing',
    at: 'host',
  },
  {
    name: 'only connections that exist are let through, and answers are not',
    asked: web,
    break: ['b', table('inet', 'output', 'tcp sport 80 drop')],
    undo: ['b', drop('inet')],
    code: 'filtered',
    at: 'b',
    verdict: 'no-reply',
  },
  {
    name: 'a rule that tears connections down',
    asked: web,
    break: ['b', table('inet', 'input', 'tcp dport 80 reject with tcp reset')],
    undo: ['b', drop('inet')],
    code: 'filtered',
    at: 'b',
    verdict: 'refused',
  },
  {
    name: 'the neighbour entry is somebody else’s',
    asked: aToB,
    break: ['a', 'ip neigh replace 10.71.0.3 lladdr 02:11:22:33:44:55 dev eth0 nud permanent'],
    undo: ['a', 'ip neigh del 10.71.0.3 dev eth0'],
    code: 'neighbour-wrong',
    at: 'a',
  },
  {
    name: 'a static entry points at the asker’s own port',
    asked: aToB,
    break: [
      'host',
      'bridge fdb replace $(ip netns exec B cat /sys/class/net/eth0/address) dev va master static sticky',
    ],
    undo: ['host', 'bridge fdb del $(ip netns exec B cat /sys/class/net/eth0/address) dev va master'],
    code: 'fdb-wrong-destination',
    at: 'host',
  },
]

describe('a container host', () => {
  let world: World
  beforeAll(async () => {
    world = new World('pathfaults')
    build(world)
    await world.listen('b', 80)
  })
  afterAll(() => world?.destroy())

  const script = (text: string): string =>
    text.replace(/ip netns exec ([A-Z]+)/g, (_, short: string) => `ip netns exec ${world.name(short.toLowerCase())}`)
  const put = ({ from, to, ...rest }: Question) =>
    ask({ ...rest, from: world.name(from), ...(to === undefined ? {} : { to: world.name(to) }) })
  const really = ({ from, destination, protocol, port }: Question): boolean =>
    protocol === 'tcp'
      ? world.succeeds(from, `timeout 1 bash -c '</dev/tcp/${destination}/${port}'`)
      : world.succeeds(from, `ping -n -c1 -W0.5 ${destination}`)

  test.each([aToB, aToB6, aToNet, aToD, published, hairpin, web])(
    'whole: $from reaches $destination $protocol',
    async (question) => {
      expect(really(question)).toBe(true)
      expect(await put(question)).toMatchObject({ verdict: 'delivered', cause: null, doubts: [], leaves: null })
    },
  )

  test.each(faults)('$name', async (fault) => {
    world.forgetNeighbours()
    world.inside(fault.break[0], script(fault.break[1]))
    try {
      const said = await put(fault.asked)
      expect(really(fault.asked), 'is broken').toBe(false)
      expect(said.cause?.code, said.cause?.summary).toBe(fault.code)
      expect(said.cause?.where.namespace, said.cause?.summary).toBe(world.inode(fault.at))
      expect(said.verdict).toBe(fault.verdict ?? 'dropped')
      expect(said.cause?.evidence.length).toBeGreaterThan(0)
      expect(said.hops.at(-1)).toMatchObject({ action: 'drop' })
    } finally {
      world.inside(fault.undo[0], script(fault.undo[1]))
    }
  })
})
