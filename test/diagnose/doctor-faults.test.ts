/** What doctor says of broken networks: the root and nothing else, and its commands mend it. */
import { execFileSync } from 'node:child_process'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { Finding } from '../../src/diagnose/index.ts'
import { buildCluster, podAddress } from '../gauntlet/cluster.ts'
import { buildContainerHost, MAC } from '../gauntlet/container-host.ts'
import { addressOf, buildOverlayHosts, macOf, tunnelEnd } from '../gauntlet/overlay-hosts.ts'
import { buildRouterChain } from '../gauntlet/router-chain.ts'
import { buildStretched } from '../gauntlet/stretched.ts'
import { World } from '../gauntlet/world.ts'
import { schemaFaults } from '../support/schema.ts'
import { examineWorld } from './examine-world.ts'

interface Fault {
  readonly name: string
  readonly break: (world: World) => void
  /** Codes with the short names of the places; of severity error and warning, and no others. */
  readonly found: readonly (readonly [code: string, at: string])[]
  /** Something that fails when it is broken, and works when it is mended. */
  readonly works?: readonly [at: string, script: string]
  /** It takes something away that nobody has on record (routes, IPv6 addresses), and that no command can bring back. */
  readonly loses?: boolean
  /** The fault is no fault of the network that a command could mend. */
  readonly unmendable?: boolean
}

/** Patient with a kernel that has just been told otherwise, and with a busy machine. */
const ping = (to: string): string => `for i in 1 2 3; do ping -n -q -c1 -W0.5 ${to} && exit 0; done; exit 1`

const worlds: readonly {
  readonly name: string
  readonly build: (world: World) => Promise<void> | void
  readonly faults: readonly Fault[]
}[] = [
  {
    name: 'host',
    build: buildContainerHost,
    faults: [
      {
        name: 'a container’s interface is off',
        break: (world) => world.inside('db', 'ip link set eth0 down'),
        found: [['interface-down', 'db']],
        works: ['web', ping('10.81.1.12')],
      },
      {
        name: 'the host’s end of a cable is off',
        break: (world) => world.inside('host', 'ip link set vdb down'),
        found: [['interface-down', 'host']],
        works: ['web', ping('10.81.1.12')],
      },
      {
        name: 'a bridge is off',
        break: (world) => world.inside('host', 'ip link set lan1 down'),
        found: [['interface-down', 'host']],
        loses: true,
        works: ['cache', ping('10.81.2.1')],
      },
      {
        name: 'a cable hangs loose',
        break: (world) => world.inside('host', 'ip link set vdb nomaster'),
        found: [['bridge-port-missing', 'host']],
        works: ['web', ping('10.81.1.12')],
      },
      {
        name: 'a port is disabled',
        break: (world) => world.inside('host', 'bridge link set dev vdb state 0'),
        found: [['bridge-port-blocked', 'host']],
        works: ['web', ping('10.81.1.12')],
      },
      {
        name: 'one address twice',
        break: (world) => world.inside('db', 'ip addr add 10.81.1.11/24 dev eth0'),
        found: [['address-duplicate', 'db']],
      },
      {
        name: 'one IPv6 address twice',
        break: (world) => world.inside('db', 'ip addr add fd81:1::11/64 dev eth0 nodad'),
        found: [['address-duplicate', 'db']],
      },
      {
        name: 'one MAC twice',
        break: (world) => world.inside('db', `ip link set eth0 address ${MAC.web}`),
        found: [['mac-duplicate', 'db|web']],
      },
      {
        name: 'the inner end takes smaller packets',
        break: (world) => world.inside('db', 'ip link set eth0 mtu 1300'),
        found: [['mtu-mismatch', 'db']],
        works: ['web', 'ping -n -q -c1 -W1 -M do -s 1472 10.81.1.12'],
      },
      {
        name: 'a whole cable takes smaller packets than the others on its bridge',
        break: (world) => {
          world.inside('db', 'ip link set eth0 mtu 1300')
          world.inside('host', 'ip link set vdb mtu 1300')
        },
        found: [['mtu-mismatch', 'host']],
        works: ['web', 'ping -n -q -c1 -W1 -M do -s 1472 10.81.1.12'],
      },
      {
        name: 'a gateway that nobody is',
        break: (world) => world.inside('db', 'ip route replace default via 10.81.1.254'),
        found: [['gateway-unreachable', 'db']],
        works: ['db', ping('198.18.5.9')],
      },
      {
        name: 'an IPv6 gateway that nobody is',
        break: (world) => world.inside('db', 'ip -6 route replace default via fd81:1::254'),
        found: [['gateway-unreachable', 'db']],
        works: ['db', ping('fd83::9')],
      },
      {
        name: 'forwarding is off',
        break: (world) => world.inside('host', 'sysctl -qw net.ipv4.ip_forward=0'),
        found: [['forwarding-disabled', 'host']],
        works: ['web', ping('198.18.5.9')],
      },
      {
        name: 'IPv6 forwarding is off',
        break: (world) => world.inside('host', 'sysctl -qw net.ipv6.conf.all.forwarding=0'),
        found: [['forwarding-disabled', 'host']],
        works: ['web', ping('fd83::9')],
      },
      {
        name: 'a firewall that was reloaded: nobody masquerades any more',
        break: (world) => world.inside('host', 'nft flush chain ip nat post'),
        found: [['nat-missing|return-route-missing', 'host|gw']],
        loses: true,
        works: ['web', ping('198.18.5.9')],
      },
      {
        name: 'a policy forwards nothing',
        break: (world) =>
          world.inside(
            'host',
            `nft add table inet strict; nft 'add chain inet strict transit { type filter hook forward priority 0; policy drop; }'`,
          ),
        found: [['filtered', 'host']],
        works: ['web', ping('198.18.5.9')],
      },
      {
        name: 'a bridge has lost the address that all use as their gateway',
        break: (world) => world.inside('host', 'ip addr del 10.81.1.1/24 dev lan0'),
        found: [['address-missing', 'host']],
        works: ['web', ping('198.18.5.9')],
      },
      {
        name: 'a gateway that is no router',
        break: (world) => world.inside('db', 'ip route replace default via 10.81.1.11'),
        found: [['gateway-unreachable', 'db']],
        works: ['db', ping('198.18.5.9')],
      },
      {
        name: 'a routing rule forbids',
        break: (world) => world.inside('host', 'ip rule add from 10.81.1.12 prohibit'),
        found: [['route-blackhole', 'host']],
        works: ['db', ping('198.18.5.9')],
      },
      {
        name: 'two bridges claim one subnet',
        break: (world) => world.inside('host', 'ip addr add 10.81.1.254/24 dev lan1'),
        found: [['subnet-overlap', 'host']],
        unmendable: true,
      },
      {
        name: 'a permanent neighbour entry is wrong',
        break: (world) => world.inside('web', `ip neigh replace 10.81.1.12 lladdr ${MAC.cache} dev eth0 nud permanent`),
        found: [['neighbour-wrong', 'web']],
        works: ['web', ping('10.81.1.12')],
      },
      {
        name: 'a port is redirected to nobody',
        break: (world) =>
          world.inside(
            'host',
            'nft flush chain ip nat pre; nft add rule ip nat pre tcp dport 8080 dnat to 10.81.1.99:80',
          ),
        found: [['nat-target-missing', 'host']],
      },
      {
        name: 'a port is redirected to nobody by iptables',
        break: (world) =>
          world.inside(
            'host',
            'iptables -t nat -A PREROUTING -p tcp --dport 81 -j DNAT --to-destination 10.81.1.98:80',
          ),
        found: [['nat-target-missing', 'host']],
      },
      {
        name: 'a link to a process that is no more',
        break: (world) => world.inside('host', `ln -s /proc/4194303/ns/net /run/netns/${world.reserve('ghost')}`),
        found: [['netns-reference-stale', 'ghost']],
      },
      {
        name: 'a resolver that listens nowhere',
        break: (world) => world.configure('web', 'resolv.conf', 'nameserver 127.0.0.53\n'),
        found: [['dns-misconfigured', 'web']],
        unmendable: true,
      },
    ],
  },
  {
    name: 'routers',
    build: buildRouterChain,
    faults: [
      {
        name: 'a link between routers is off',
        break: (world) => world.inside('r3', 'ip link set west down'),
        found: [['interface-down', 'r3']],
        loses: true,
      },
      {
        name: 'a router does not forward',
        break: (world) => world.inside('r2', 'sysctl -qw net.ipv4.ip_forward=0'),
        found: [['forwarding-disabled', 'r2']],
        works: ['left', ping('10.82.4.2')],
      },
      {
        name: 'a router knows no way back',
        break: (world) => world.inside('r3', 'ip route del 10.82.1.0/24'),
        found: [['return-route-missing', 'r3']],
        works: ['left', ping('10.82.4.2')],
      },
      {
        name: 'a strict reverse path filter, and another way back',
        break: (world) =>
          world.inside(
            'r2',
            'sysctl -qw net.ipv4.conf.west.rp_filter=1; ip route replace 10.82.1.0/24 via 10.82.20.1 dev spare',
          ),
        found: [['reverse-path-filter', 'r2']],
        works: ['left', ping('10.82.4.2')],
      },
      {
        name: 'a route throws away',
        break: (world) => world.inside('r1', 'ip route replace blackhole 10.82.4.0/24'),
        found: [['route-blackhole', 'r1']],
      },
    ],
  },
  {
    name: 'overlay',
    build: buildOverlayHosts,
    faults: [
      {
        name: 'a forwarding entry is missing',
        break: (world) => world.inside('ov1', `bridge fdb del ${macOf(3)} dev vx0 dst ${tunnelEnd(3)} self`),
        found: [['fdb-missing', 'ov1']],
        works: ['a', ping(addressOf(3))],
      },
      {
        name: 'a forwarding entry leads to the wrong host',
        break: (world) =>
          world.inside('ov1', `bridge fdb replace ${macOf(3)} dev vx0 dst ${tunnelEnd(2)} self permanent`),
        found: [['fdb-wrong-destination', 'ov1']],
        works: ['a', ping(addressOf(3))],
      },
      {
        name: 'a neighbour entry is missing',
        break: (world) => world.inside('ov3', `ip neigh del ${addressOf(2)} dev vx0`),
        found: [['neighbour-missing', 'ov3']],
        works: ['c', ping(addressOf(2))],
      },
      {
        name: 'a neighbour entry is wrong',
        break: (world) => {
          world.inside('ov3', `ip neigh replace ${addressOf(2)} lladdr ${macOf(1)} dev vx0 nud permanent`)
          // What it learnt before would keep working for a while.
          world.inside('c', 'ip neigh flush all')
        },
        found: [['neighbour-wrong', 'ov3']],
        works: ['c', ping(addressOf(2))],
      },
      {
        name: 'a firewall below drops the tunnel',
        break: (world) =>
          world.inside(
            'h2',
            `nft add table inet strict; nft 'add chain inet strict entrance { type filter hook input priority 0; }'; nft add rule inet strict entrance meta l4proto udp drop`,
          ),
        found: [['filtered', 'h2']],
        works: ['a', ping(addressOf(2))],
      },
      {
        name: 'the tunnel is off',
        break: (world) => world.inside('ov2', 'ip link set vx0 down'),
        found: [['interface-down', 'ov2']],
        works: ['a', ping(addressOf(2))],
      },
    ],
  },
  {
    name: 'stretched',
    build: buildStretched,
    faults: [
      {
        name: 'the tunnel hangs loose',
        break: (world) => world.inside('hostB', 'ip link set vx42 nomaster'),
        found: [['bridge-port-missing', 'hostB']],
        works: ['left', ping('10.86.0.2')],
      },
      {
        name: 'the two ends use different numbers',
        break: (world) =>
          world.inside(
            'hostB',
            'ip link del vx42; ip link add vx42 type vxlan id 43 local fd86::2 remote fd86::1 dev eth0 dstport 8472; ip link set vx42 mtu 1500 master br42 up',
          ),
        found: [
          ['vxlan-vni-mismatch', 'hostA'],
          ['vxlan-vni-mismatch', 'hostB'],
        ],
        unmendable: true,
      },
      {
        name: 'the network below is too narrow',
        break: (world) => {
          world.inside('hostA', 'ip link set eth0 mtu 1500')
          world.inside('hostB', 'ip link set eth0 mtu 1500')
        },
        found: [
          ['mtu-mismatch', 'hostA'],
          ['mtu-mismatch', 'hostB'],
        ],
      },
    ],
  },
  {
    name: 'cluster',
    build: buildCluster,
    faults: [
      {
        name: 'two pods have one address',
        break: (world) => world.inside('back1', `ip addr add ${podAddress('front')}/32 dev eth0`),
        found: [['address-duplicate', 'back1']],
      },
    ],
  },
]

/** Namespaces of a world are called PREFIX-SHORT. */
function shortName({ names }: { readonly names: readonly string[] }): string | undefined {
  return names[0]?.split('-').at(-1)
}

/** What a fault hid comes to light when it is mended, as it does with `doctor --fix`. */
const MOST_ROUNDS = 3

async function troubles(world: World): Promise<Finding[]> {
  const document = await examineWorld(world)
  expect(schemaFaults('findings', document)).toEqual([])
  return document.findings.filter(({ severity }) => severity !== 'info')
}

/** Runs the printed commands until there are none. @returns what is left */
async function mend(world: World, first: readonly Finding[]): Promise<readonly Finding[]> {
  let left = first
  for (let round = 0; round < MOST_ROUNDS && left.some(({ fix }) => fix !== null); round++) {
    for (const command of left.flatMap(({ fix }) => fix?.commands ?? [])) {
      execFileSync('bash', ['-c', command], { stdio: 'pipe' })
    }
    left = await troubles(world)
  }
  return left
}

describe.each(worlds)('$name', ({ name, build, faults }) => {
  let world: World
  /** A world that was mended serves for the next fault. */
  let isWhole = false
  beforeEach(async () => {
    if (isWhole) return
    await world?.destroy()
    world = new World(`doctor${name}`)
    await build(world)
  })
  afterAll(() => world.destroy())

  test('healthy: nothing to say but remarks', async () => {
    isWhole = false
    expect(await troubles(world)).toEqual([])
    isWhole = true
  })

  test.each(faults)('$name', async (fault) => {
    isWhole = false
    fault.break(world)
    const findings = await troubles(world)
    const said = findings.map(({ code, subject }) => [code, shortName(subject)] as const)
    expect(said, JSON.stringify(findings)).toHaveLength(fault.found.length)
    for (const [code, at] of fault.found) {
      expect(
        said.some(([saidCode, place]) => code.split('|').includes(saidCode) && at.split('|').includes(place!)),
        JSON.stringify(said),
      ).toBe(true)
    }
    if (fault.unmendable === true) return
    if (fault.works !== undefined) expect(world.succeeds(...fault.works), 'is broken').toBe(false)
    expect(findings.every(({ fix }) => fix !== null)).toBe(true)
    const left = await mend(world, await troubles(world))
    if (fault.works !== undefined)
      expect(await world.soonSucceeds(...fault.works), `mended; left: ${JSON.stringify(left)}`).toBe(true)
    if (fault.loses === true) return
    expect(left).toEqual([])
    isWhole = true
  })
})
