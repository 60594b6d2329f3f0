/** A chain of routers, broken at each of them. */
import { connect, type Gauntlet, guard, ping } from './fault.ts'
import { buildRouterChain } from './router-chain.ts'
import { runGauntlet } from './run-gauntlet.ts'

const across = { from: 'left', to: 'right' } as const
const across6 = { from: 'left', to: 'fd84:4::2' } as const
const works: readonly [string, string] = ['left', ping('10.82.4.2')]
const works6: readonly [string, string] = ['left', ping('fd84:4::2')]

const gauntlet: Gauntlet = {
  name: 'routers',
  build: buildRouterChain,
  healthy: [
    across,
    across6,
    { ...across, flags: ['--tcp', '443'], prepare: (world) => world.listen('right', 443) },
    { ...across, flags: ['--size', '1400'] },
    { from: 'r1', to: 'r3' },
    {
      // A name for the host that no other knows the way to.
      ...across,
      prepare: (world) => void world.inside('right', 'ip addr add 192.0.2.177/32 dev lo'),
    },
    {
      // Packets come back by another wire than they went; nothing forbids it.
      ...across,
      prepare: (world) => void world.inside('r2', 'ip route replace 10.82.1.0/24 via 10.82.20.1'),
    },
  ],
  faults: [
    {
      name: 'a router has lost the way of which it has two wires: it is added by the wire that answers take',
      break: (world) => world.inside('r1', 'ip route del 10.82.4.0/24'),
      trace: { ...across, codes: ['route-missing'], at: ['r1'] },
      mended: works,
    },
    {
      name: 'the wire of the way is down beside another that is up, and its routes are gone with it',
      break: (world) => world.inside('r1', 'ip link set east down'),
      trace: { ...across, codes: ['interface-down'], at: ['r1'] },
    },
    {
      name: 'the far end of the way is down, and the routes of the answer are gone with it',
      break: (world) => world.inside('r3', 'ip link set west down'),
      trace: { ...across, codes: ['interface-down'], at: ['r3'] },
      mended: works,
    },
    {
      name: 'a down interface has lost its IPv6 addresses',
      break: (world) => world.inside('r3', 'ip link set east down'),
      trace: { ...across6, codes: ['interface-down'], at: ['r3'] },
    },
    {
      name: 'no way back, which the reverse path filter notices first',
      break: (world) => world.inside('r3', 'ip route del 10.82.1.0/24; sysctl -qw net.ipv4.conf.all.rp_filter=2'),
      trace: { ...across, codes: ['return-route-missing'], at: ['r3'] },
      mended: works,
    },
    {
      name: 'a throw route with nothing behind it',
      break: (world) => world.inside('r2', 'ip route add throw 10.82.4.2/32'),
      trace: { ...across, codes: ['route-blackhole'], at: ['r2'] },
      mended: works,
    },
    {
      name: 'the route of a wire’s own subnet is gone',
      break: (world) => world.inside('r3', 'ip route del 10.82.4.0/24'),
      trace: { ...across, codes: ['route-missing'], at: ['r3'] },
      mended: works,
    },
    {
      name: 'a router in the middle knows no way',
      break: (world) => world.inside('r2', 'ip route del 10.82.4.0/24'),
      trace: { ...across, codes: ['route-missing'], at: ['r2'] },
      mended: works,
    },
    {
      name: 'a router in the middle knows no way for IPv6',
      break: (world) => world.inside('r2', 'ip -6 route del fd84:4::/64'),
      trace: { ...across6, codes: ['route-missing'], at: ['r2'] },
      mended: works6,
    },
    {
      name: 'the last router knows no way back',
      break: (world) => world.inside('r3', 'ip route del 10.82.1.0/24'),
      trace: { ...across, codes: ['return-route-missing'], at: ['r3'] },
      mended: works,
    },
    {
      name: 'a router in the middle knows no way back for IPv6',
      break: (world) => world.inside('r2', 'ip -6 route del fd84:1::/64'),
      trace: { ...across6, codes: ['return-route-missing'], at: ['r2'] },
    },
    {
      name: 'the last router does not forward',
      break: (world) => world.inside('r3', 'sysctl -qw net.ipv4.ip_forward=0'),
      trace: { ...across, codes: ['forwarding-disabled'], at: ['r3'] },
      mended: works,
    },
    {
      name: 'the first router does not forward IPv6',
      break: (world) => world.inside('r1', 'sysctl -qw net.ipv6.conf.all.forwarding=0'),
      trace: { ...across6, codes: ['forwarding-disabled'], at: ['r1'] },
      mended: works6,
    },
    {
      name: 'the way leads to a gateway that nobody is',
      break: (world) => world.inside('r2', 'ip route replace 10.82.4.0/24 via 10.82.3.6'),
      trace: { ...across, codes: ['gateway-unreachable'], at: ['r2'] },
    },
    {
      name: 'an IPv6 gateway that nobody is',
      break: (world) => world.inside('left', 'ip -6 route replace default via fd84:1::ff'),
      trace: { ...across6, codes: ['gateway-unreachable'], at: ['left'] },
    },
    {
      name: 'the answer comes by the wrong wire and the reverse path is checked',
      break: (world) => {
        world.inside('r2', 'ip route replace 10.82.1.0/24 via 10.82.20.1')
        world.inside('r1', 'sysctl -qw net.ipv4.conf.all.rp_filter=1')
      },
      trace: { ...across, codes: ['reverse-path-filter'], at: ['r1'] },
      mended: works,
    },
    {
      name: 'the question comes by the wrong wire and the reverse path is checked',
      break: (world) => {
        world.inside('r1', 'ip route replace 10.82.4.0/24 via 10.82.20.2')
        world.inside('r2', 'sysctl -qw net.ipv4.conf.spare.rp_filter=1')
      },
      trace: { ...across, codes: ['reverse-path-filter'], at: ['r2'] },
      mended: works,
    },
    {
      name: 'a blackhole on the last router',
      break: (world) => world.inside('r3', 'ip route add blackhole 10.82.4.2/32'),
      trace: { ...across, codes: ['route-blackhole'], at: ['r3'] },
      mended: works,
    },
    {
      name: 'a policy leads the sender into a table without a way',
      break: (world) =>
        world.inside('r1', 'ip route add unreachable default table 66; ip rule add from 10.82.1.0/24 lookup 66'),
      trace: { ...across, codes: ['route-blackhole'], at: ['r1'] },
    },
    {
      name: 'a blackhole for the answer',
      break: (world) => world.inside('r2', 'ip route replace blackhole 10.82.1.0/24'),
      trace: { ...across, codes: ['route-blackhole', 'return-route-missing'], at: ['r2'] },
    },
    {
      name: 'a filter on the last router',
      break: (world) => world.inside('r3', guard('ip', 'forward', 'ip daddr 10.82.4.2')),
      trace: { ...across, codes: ['filtered'], at: ['r3'], rule: /guard/ },
      mended: works,
    },
    {
      name: 'a filter of answers on the first router',
      break: (world) => world.inside('r1', guard('ip6', 'forward', 'icmpv6 type echo-reply')),
      trace: { ...across6, codes: ['filtered'], at: ['r1'], rule: /guard/ },
      mended: works6,
    },
    {
      name: 'a raw filter that comes before tracking',
      break: (world) => world.inside('r2', guard('ip', 'prerouting', 'ip saddr 10.82.1.2', 'drop', -310)),
      trace: { ...across, codes: ['filtered'], at: ['r2'], rule: /guard/ },
      mended: works,
    },
    {
      name: 'the receiver rejects the port',
      prepare: (world) => world.listen('right', 443),
      break: (world) => world.inside('right', guard('inet', 'input', 'tcp dport 443', 'reject')),
      trace: { ...across, flags: ['--tcp', '443'], codes: ['filtered'], at: ['right'], rule: /guard/ },
      mended: ['left', connect('10.82.4.2', 443)],
    },
    {
      name: 'established connections are dropped at the sender',
      prepare: (world) => world.listen('right', 443),
      break: (world) => world.inside('left', 'iptables -A INPUT -m state --state ESTABLISHED -j DROP'),
      trace: { ...across, flags: ['--tcp', '443'], codes: ['filtered'], at: ['left'], rule: /INPUT/ },
      mended: ['left', connect('10.82.4.2', 443)],
    },
    {
      name: 'an interface of a router is down',
      break: (world) => world.inside('r2', 'ip link set east down; ip route add 10.82.4.0/24 via 10.82.2.1 metric 500'),
      trace: { ...across, codes: ['interface-down'], at: ['r2'] },
    },
    {
      name: 'the far end of a router’s wire is down',
      break: (world) => world.inside('r3', 'ip link set west down'),
      trace: { ...across, codes: ['interface-down'], at: ['r3'] },
    },
    {
      name: 'a wire between routers takes smaller packets at one end',
      break: (world) => world.inside('r2', 'ip link set west mtu 1300'),
      trace: { ...across, flags: ['--size', '1400'], codes: ['mtu-mismatch'], at: ['r1', 'r2'] },
      mended: ['left', 'ping -n -c1 -W1 -M do -s 1400 10.82.4.2'],
    },
    {
      name: 'a wire between routers, seen by doctor',
      break: (world) => world.inside('r3', 'ip link set west mtu 1300'),
      doctor: { codes: ['mtu-mismatch'], at: ['r2', 'r3'] },
    },
    {
      name: 'a router’s permanent neighbour entry is wrong',
      break: (world) =>
        world.inside('r3', 'ip neigh replace 10.82.4.2 lladdr 02:00:00:00:00:42 dev east nud permanent'),
      trace: { ...across, codes: ['neighbour-wrong'], at: ['r3'] },
      mended: works,
    },
    {
      name: 'the receiver listens for IPv4 only',
      prepare: (world) => world.listen('right', 8443, '0.0.0.0'),
      break: () => undefined,
      trace: { ...across6, flags: ['--tcp', '8443'], codes: ['port-closed'], at: ['right'] },
    },
    {
      name: 'the receiver has lost its address',
      break: (world) => world.inside('right', 'ip addr del 10.82.4.2/24 dev eth0'),
      trace: { from: 'left', to: '10.82.4.2', codes: ['address-missing', 'neighbour-failed'], at: ['right', 'r3'] },
    },
  ],
}

runGauntlet(gauntlet)
