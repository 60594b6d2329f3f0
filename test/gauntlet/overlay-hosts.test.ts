/** An overlay network over three hosts, broken inside and underneath. */
import { type Gauntlet, guard, ping } from './fault.ts'
import { addressOf, buildOverlayHosts, macOf, tunnelEnd } from './overlay-hosts.ts'
import { runGauntlet } from './run-gauntlet.ts'

const works: readonly [string, string] = ['a', ping(addressOf(2))]
const asked = { from: 'a', to: 'b' } as const

const gauntlet: Gauntlet = {
  name: 'overlay',
  build: buildOverlayHosts,
  healthy: [
    asked,
    { from: 'c', to: 'a' },
    { ...asked, flags: ['--tcp', '9000'], prepare: (world) => world.listen('b', 9000) },
    { ...asked, flags: ['--size', '1400'] },
  ],
  faults: [
    {
      name: 'the neighbour entry is missing',
      break: (world) => world.inside('ov1', `ip neigh del ${addressOf(2)} dev vx0`),
      trace: { ...asked, codes: ['neighbour-missing'], at: ['ov1'] },
      mended: works,
    },
    {
      name: 'the neighbour entry is missing on the far side',
      break: (world) => world.inside('ov2', `ip neigh del ${addressOf(1)} dev vx0`),
      trace: { ...asked, codes: ['neighbour-missing'], at: ['ov2'] },
      mended: works,
    },
    {
      name: 'the neighbour entry is missing, seen by doctor',
      break: (world) => world.inside('ov3', `ip neigh del ${addressOf(2)} dev vx0`),
      doctor: { codes: ['neighbour-missing'], at: ['ov3'] },
      mended: ['c', ping(addressOf(2))],
    },
    {
      name: 'the neighbour entry names another container',
      break: (world) =>
        world.inside('ov1', `ip neigh replace ${addressOf(2)} lladdr ${macOf(3)} dev vx0 nud permanent`),
      trace: { ...asked, codes: ['neighbour-wrong'], at: ['ov1'] },
      mended: works,
    },
    {
      name: 'the neighbour entry names nobody, and the container has learned it',
      break: (world) => {
        world.inside('ov1', `ip neigh replace ${addressOf(2)} lladdr 02:42:0a:53:00:7f dev vx0 nud permanent`)
        world.succeeds('a', ping(addressOf(2)))
      },
      trace: { ...asked, codes: ['neighbour-wrong'], at: ['ov1'] },
      mended: works,
    },
    {
      name: 'the neighbour entry of the far side names nobody',
      break: (world) =>
        world.inside('ov2', `ip neigh replace ${addressOf(1)} lladdr 02:42:0a:53:00:7f dev vx0 nud permanent`),
      trace: { ...asked, codes: ['neighbour-wrong'], at: ['ov2'] },
      mended: works,
    },
    {
      name: 'the container itself was told of a neighbour that nobody is',
      break: (world) =>
        world.inside('a', `ip neigh replace ${addressOf(2)} lladdr 02:42:0a:53:00:7f dev eth0 nud permanent`),
      trace: { ...asked, codes: ['neighbour-wrong'], at: ['a'] },
      mended: works,
    },
    {
      name: 'the forwarding entry has a port of its own',
      break: (world) =>
        world.inside('ov1', `bridge fdb replace ${macOf(2)} dev vx0 dst ${tunnelEnd(2)} port 4790 self permanent`),
      trace: { ...asked, codes: ['fdb-wrong-destination'], at: ['ov1'] },
      mended: works,
    },
    {
      name: 'the forwarding entry is missing',
      break: (world) => world.inside('ov1', `bridge fdb del ${macOf(2)} dev vx0 dst ${tunnelEnd(2)} self`),
      trace: { ...asked, codes: ['fdb-missing'], at: ['ov1'] },
      mended: works,
    },
    {
      name: 'the forwarding entry of the answer is missing',
      break: (world) => world.inside('ov2', `bridge fdb del ${macOf(1)} dev vx0 dst ${tunnelEnd(1)} self`),
      trace: { ...asked, codes: ['fdb-missing'], at: ['ov2'] },
      mended: works,
    },
    {
      name: 'the forwarding entry is missing, seen by doctor',
      break: (world) => world.inside('ov1', `bridge fdb del ${macOf(3)} dev vx0 dst ${tunnelEnd(3)} self`),
      doctor: { codes: ['fdb-missing'], at: ['ov1'] },
      mended: ['a', ping(addressOf(3))],
    },
    {
      name: 'the forwarding entry leads to the wrong host',
      break: (world) =>
        world.inside(
          'ov1',
          `bridge fdb del ${macOf(2)} dev vx0 dst ${tunnelEnd(2)} self; bridge fdb add ${macOf(2)} dev vx0 dst ${tunnelEnd(3)} self permanent`,
        ),
      trace: { ...asked, codes: ['fdb-wrong-destination'], at: ['ov1'] },
      mended: works,
    },
    {
      name: 'the forwarding entry leads to the wrong host, seen by doctor',
      break: (world) =>
        world.inside(
          'ov1',
          `bridge fdb del ${macOf(2)} dev vx0 dst ${tunnelEnd(2)} self; bridge fdb add ${macOf(2)} dev vx0 dst ${tunnelEnd(3)} self permanent`,
        ),
      doctor: { codes: ['fdb-wrong-destination'], at: ['ov1'] },
      mended: works,
    },
    {
      name: 'the forwarding entry leads to a host that does not exist',
      break: (world) =>
        world.inside(
          'ov1',
          `bridge fdb del ${macOf(2)} dev vx0 dst ${tunnelEnd(2)} self; bridge fdb add ${macOf(2)} dev vx0 dst 10.84.2.77 self permanent`,
        ),
      trace: { ...asked, codes: ['fdb-wrong-destination'], at: ['ov1'] },
      mended: works,
    },
    {
      name: 'the other side has another network identifier',
      break: (world) =>
        world.inside(
          'h2',
          `ip -n ${world.name('ov2')} link del vx0
           ip link add vx0 type vxlan id 7002 dstport 4789 nolearning proxy l2miss l3miss; ip link set vx0 netns ${world.name('ov2')}
           ip -n ${world.name('ov2')} link set vx0 mtu 1450 master br0 up
           bridge -n ${world.name('ov2')} fdb add ${macOf(1)} dev vx0 dst ${tunnelEnd(1)} self permanent
           ip -n ${world.name('ov2')} neigh add ${addressOf(1)} lladdr ${macOf(1)} dev vx0 nud permanent`,
        ),
      trace: { ...asked, codes: ['vxlan-vni-mismatch'], at: ['ov1', 'ov2'] },
    },
    {
      name: 'the vxlan left its bridge',
      break: (world) => world.inside('ov1', 'ip link set vx0 nomaster'),
      trace: { ...asked, codes: ['bridge-port-missing'], at: ['ov1'] },
      mended: works,
    },
    {
      name: 'the vxlan of the far side is down',
      break: (world) => world.inside('ov2', 'ip link set vx0 down'),
      trace: { ...asked, codes: ['interface-down'], at: ['ov2'] },
    },
    {
      name: 'the bridge of the far side is down, seen by doctor',
      break: (world) => world.inside('ov2', 'ip link set br0 down'),
      doctor: { codes: ['interface-down'], at: ['ov2'] },
      mended: works,
    },
    {
      name: 'the container’s port left the bridge of the far side',
      break: (world) => world.inside('ov2', 'ip link set port0 nomaster'),
      trace: { ...asked, codes: ['bridge-port-missing'], at: ['ov2'] },
      mended: works,
    },
    {
      name: 'a filter on the router of the underlay',
      break: (world) => world.inside('core', guard('inet', 'forward', 'udp dport 4789')),
      trace: { ...asked, codes: ['filtered'], at: ['core'], rule: /guard/ },
      mended: works,
    },
    {
      name: 'a filter of tunnels on the sending host',
      break: (world) => world.inside('h1', 'iptables -A OUTPUT -p udp --dport 4789 -j DROP'),
      trace: { ...asked, codes: ['filtered'], at: ['h1'], rule: /OUTPUT/ },
      mended: works,
    },
    {
      name: 'a filter inside the overlay’s bridge',
      break: (world) => world.inside('ov2', guard('bridge', 'forward', 'ip protocol icmp')),
      trace: { ...asked, codes: ['filtered'], at: ['ov2'], rule: /guard/ },
      mended: works,
    },
    {
      name: 'the underlay of the sending host has no route',
      break: (world) => world.inside('h1', 'ip route del default'),
      trace: { ...asked, codes: ['route-missing'], at: ['h1'] },
      mended: works,
    },
    {
      name: 'the underlay of the answering host has no route',
      break: (world) => world.inside('h2', 'ip route del default'),
      trace: { ...asked, codes: ['return-route-missing', 'route-missing'], at: ['h2'] },
      mended: works,
    },
    {
      name: 'the router of the underlay does not forward',
      break: (world) => world.inside('core', 'sysctl -qw net.ipv4.ip_forward=0'),
      trace: { ...asked, codes: ['forwarding-disabled'], at: ['core'] },
      mended: works,
    },
    {
      name: 'the uplink of the far host is down',
      break: (world) => world.inside('h2', 'ip link set eth0 down'),
      trace: { ...asked, codes: ['interface-down'], at: ['h2'] },
    },
    {
      name: 'the overlay’s packets do not fit through the underlay',
      break: (world) => {
        for (const i of [1, 2])
          world.inside(`ov${i}`, 'ip link set br0 mtu 1500; ip link set vx0 mtu 1500; ip link set port0 mtu 1500')
        for (const container of ['a', 'b']) world.inside(container, 'ip link set eth0 mtu 1500')
      },
      trace: {
        ...asked,
        flags: ['--size', '1460'],
        codes: ['mtu-mismatch'],
        at: ['a', 'b', 'ov1', 'ov2', 'h1', 'h2', 'core'],
      },
    },
    {
      name: 'two containers of the overlay have one MAC address, seen by doctor',
      break: (world) => world.inside('b', `ip link set eth0 address ${macOf(1)}`),
      doctor: { codes: ['mac-duplicate'], at: ['a', 'b'] },
    },
  ],
}

runGauntlet(gauntlet)
