/** A container host whose links, bridges and addresses are broken. */
import { buildContainerHost, MAC } from './container-host.ts'
import { type Gauntlet, ping } from './fault.ts'
import { runGauntlet } from './run-gauntlet.ts'

const gauntlet: Gauntlet = {
  name: 'links',
  build: buildContainerHost,
  healthy: [
    { from: 'web', to: 'db' },
    { from: 'web', to: 'fd81:1::12' },
    { from: 'web', to: 'cache', flags: ['--tcp', '6379'], prepare: (world) => world.listen('cache', 6379) },
    { from: 'host', to: 'web' },
    { from: 'web', to: '10.81.1.1' },
    { from: 'web', to: 'db', flags: ['--size', '1400'] },
    { from: 'db', to: '127.0.0.1' },
    { from: 'web', to: 'db', flags: ['--udp', '5353'], prepare: (world) => world.echo('db', 5353) },
  ],
  faults: [
    {
      name: 'a container alone has no IPv4 address any more, while IPv6 still works',
      break: (world) => world.inside('db', 'ip addr del 10.81.1.12/24 dev eth0'),
      trace: { from: 'web', to: 'db', codes: ['address-missing'], at: ['db'] },
    },
    {
      name: 'the same, asked by the address',
      break: (world) => world.inside('db', 'ip addr del 10.81.1.12/24 dev eth0'),
      trace: { from: 'web', to: '10.81.1.12', codes: ['address-missing'], at: ['db'] },
      mended: ['web', ping('10.81.1.12')],
    },
    {
      name: 'an interface that is down has lost the IPv6 address that is asked for',
      break: (world) => world.inside('db', 'ip link set eth0 down'),
      trace: { from: 'web', to: 'fd81:1::12', codes: ['interface-down'], at: ['db'] },
    },
    {
      name: 'the container’s own interface is down, and its default route is gone with it',
      break: (world) => world.inside('web', 'ip link set eth0 down'),
      trace: { from: 'web', to: '198.18.5.9', codes: ['interface-down'], at: ['web'] },
      mended: ['web', ping('198.18.5.9')],
    },
    {
      name: 'an empty bridge has a part of the subnet, and catches what is for the container',
      break: (world) =>
        world.inside('host', 'ip link add lan9 type bridge; ip addr add 10.81.1.9/28 dev lan9; ip link set lan9 up'),
      trace: { from: 'host', to: 'db', codes: ['subnet-overlap'], at: ['host'] },
      mended: ['host', ping('10.81.1.12')],
    },
    {
      name: 'a static forwarding entry leads to the port of a third',
      break: (world) =>
        world.inside(
          'host',
          `ip link add lone type veth peer name lone0; ip link set lone master lan0 up; ip link set lone0 up
           bridge fdb replace ${MAC.db} dev lone master static sticky`,
        ),
      trace: { from: 'web', to: 'db', codes: ['fdb-wrong-destination'], at: ['host'] },
      mended: ['web', ping('10.81.1.12')],
    },
    {
      name: 'a UDP service listens on the loopback only',
      prepare: (world) =>
        world.serve('db', `require('dgram').createSocket('udp4').bind(5353,'127.0.0.1',()=>console.log('up'))`),
      break: () => undefined,
      trace: { from: 'web', to: 'db', flags: ['--udp', '5353'], codes: ['listener-on-loopback'], at: ['db'] },
    },
    {
      name: 'the host end of a container’s link is down',
      break: (world) => world.inside('host', 'ip link set vweb down'),
      trace: { from: 'web', to: 'db', codes: ['interface-down'], at: ['host'] },
      mended: ['web', ping('10.81.1.12')],
    },
    {
      name: 'the asking container’s own interface is down',
      break: (world) => world.inside('web', 'ip link set eth0 down'),
      trace: { from: 'web', to: '10.81.1.12', codes: ['interface-down'], at: ['web'] },
    },
    {
      name: 'the bridge is down',
      break: (world) => world.inside('host', 'ip link set lan0 down'),
      trace: { from: 'web', to: 'db', codes: ['interface-down'], at: ['host'] },
      mended: ['web', ping('10.81.1.12')],
    },
    {
      name: 'the bridge is down, seen by doctor',
      break: (world) => world.inside('host', 'ip link set lan1 down'),
      doctor: { codes: ['interface-down'], at: ['host'] },
      mended: ['host', ping('10.81.2.11')],
    },
    {
      name: 'a container’s interface is down, seen by doctor',
      break: (world) => world.inside('db', 'ip link set eth0 down'),
      doctor: { codes: ['interface-down'], at: ['db'] },
    },
    {
      name: 'a port is in the wrong bridge',
      break: (world) => world.inside('host', 'ip link set vdb master lan1'),
      trace: { from: 'web', to: 'db', codes: ['bridge-port-missing'], at: ['host'] },
      mended: ['web', ping('10.81.1.12')],
    },
    {
      name: 'a port left its bridge, over IPv6',
      break: (world) => world.inside('host', 'ip link set vdb nomaster'),
      trace: { from: 'web', to: 'fd81:1::12', codes: ['bridge-port-missing'], at: ['host'] },
      mended: ['web', ping('fd81:1::12')],
    },
    {
      name: 'a port left its bridge, seen by doctor',
      break: (world) => world.inside('host', 'ip link set vdb nomaster'),
      doctor: { codes: ['bridge-port-missing'], at: ['host'] },
      mended: ['web', ping('10.81.1.12')],
    },
    {
      name: 'both ports are isolated',
      break: (world) =>
        world.inside('host', 'bridge link set dev vweb isolated on; bridge link set dev vdb isolated on'),
      trace: { from: 'web', to: 'db', codes: ['bridge-port-isolated'], at: ['host'] },
    },
    {
      name: 'a port is disabled',
      // Without spanning tree the kernel takes back every other state at once (br_port_state_selection, net/bridge/br_stp.c).
      break: (world) => world.inside('host', 'bridge link set dev vdb state 0'),
      trace: { from: 'web', to: 'db', codes: ['bridge-port-blocked'], at: ['host'] },
      mended: ['web', ping('10.81.1.12')],
    },
    {
      name: 'a port is disabled, seen by doctor',
      break: (world) => world.inside('host', 'bridge link set dev vdb state 0'),
      doctor: { codes: ['bridge-port-blocked'], at: ['host'] },
      mended: ['web', ping('10.81.1.12')],
    },
    {
      name: 'the address is gone',
      break: (world) => world.inside('db', 'ip addr flush dev eth0'),
      trace: { from: 'web', to: 'db', codes: ['address-missing'], at: ['db'] },
    },
    {
      name: 'the link of a container is gone',
      break: (world) => world.inside('host', 'ip link del vdb'),
      trace: { from: 'web', to: 'db', codes: ['link-peer-missing', 'address-missing'], at: ['db'] },
    },
    {
      name: 'two containers have one address, seen by doctor',
      break: (world) => world.inside('db', 'ip addr add 10.81.1.11/24 dev eth0'),
      doctor: { codes: ['address-duplicate'], at: ['web', 'db'] },
    },
    {
      name: 'two containers have one IPv6 address, seen by doctor',
      break: (world) => world.inside('db', 'ip addr add fd81:1::11/64 dev eth0 nodad'),
      doctor: { codes: ['address-duplicate'], at: ['web', 'db'] },
    },
    {
      name: 'two containers have one MAC address, seen by doctor',
      break: (world) => world.inside('db', `ip link set eth0 address ${MAC.web}`),
      doctor: { codes: ['mac-duplicate'], at: ['web', 'db'] },
    },
    {
      name: 'two containers have one MAC address',
      break: (world) => world.inside('db', `ip link set eth0 address ${MAC.web}`),
      trace: { from: 'web', to: 'db', codes: ['mac-duplicate'], at: ['web', 'db'] },
    },
    {
      name: 'two bridges have one subnet, seen by doctor',
      break: (world) => world.inside('host', 'ip addr add 10.81.1.254/24 dev lan1'),
      doctor: { codes: ['subnet-overlap'], at: ['host'] },
    },
    {
      name: 'a container has an address of another network',
      break: (world) => world.inside('web', 'ip addr add 10.81.2.5/24 dev eth0'),
      trace: { from: 'web', to: 'cache', codes: ['subnet-overlap', 'neighbour-failed'], at: ['web'] },
    },
    {
      name: 'the bridge port takes smaller packets only',
      break: (world) => world.inside('host', 'ip link set vdb mtu 1280'),
      trace: { from: 'web', to: 'db', flags: ['--size', '1400'], codes: ['mtu-mismatch'], at: ['host', 'db'] },
      mended: ['web', 'ping -n -c1 -W1 -M do -s 1400 10.81.1.12'],
    },
    {
      name: 'the container takes smaller packets only, seen by doctor',
      break: (world) => world.inside('db', 'ip link set eth0 mtu 1300'),
      doctor: { codes: ['mtu-mismatch'], at: ['host', 'db'] },
      mended: ['web', 'ping -n -c1 -W1 -M do -s 1400 10.81.1.12'],
    },
    {
      name: 'a permanent neighbour entry is wrong',
      break: (world) =>
        world.inside('web', 'ip neigh replace 10.81.1.12 lladdr 02:00:00:00:00:99 dev eth0 nud permanent'),
      trace: { from: 'web', to: 'db', codes: ['neighbour-wrong'], at: ['web'] },
      mended: ['web', ping('10.81.1.12')],
    },
    {
      name: 'a permanent IPv6 neighbour entry is another container’s',
      break: (world) => world.inside('web', `ip neigh replace fd81:1::12 lladdr ${MAC.cache} dev eth0 nud permanent`),
      trace: { from: 'web', to: 'fd81:1::12', codes: ['neighbour-wrong'], at: ['web'] },
      mended: ['web', ping('fd81:1::12')],
    },
    {
      name: 'a permanent neighbour entry is wrong, seen by doctor',
      break: (world) =>
        world.inside('web', 'ip neigh replace 10.81.1.12 lladdr 02:00:00:00:00:99 dev eth0 nud permanent'),
      doctor: { codes: ['neighbour-wrong'], at: ['web'] },
      mended: ['web', ping('10.81.1.12')],
    },
    {
      name: 'nobody has the address that is asked for',
      break: () => undefined,
      trace: { from: 'web', to: '10.81.1.77', codes: ['neighbour-failed', 'address-missing'], at: ['web', 'host'] },
    },
    {
      name: 'a static forwarding entry leads to the wrong port',
      break: (world) => world.inside('host', `bridge fdb replace ${MAC.db} dev vweb master static sticky`),
      trace: { from: 'web', to: 'db', codes: ['fdb-wrong-destination'], at: ['host'] },
      mended: ['web', ping('10.81.1.12')],
    },
    {
      name: 'a tap that nobody holds open',
      break: (world) =>
        world.inside('host', 'ip tuntap add dev tap0 mode tap; ip addr add 10.81.7.1/24 dev tap0; ip link set tap0 up'),
      trace: { from: 'host', to: '10.81.7.2', codes: ['carrier-down'], at: ['host'] },
    },
    {
      name: 'a name that is a link to a dead process, seen by doctor',
      break: (world) => world.inside('host', `ln -s /proc/4194303/ns/net /run/netns/${world.reserve('ghost')}`),
      doctor: { codes: ['netns-reference-stale'], at: [], called: 'ghost' },
    },
    {
      name: 'a name that is a plain file, seen by doctor',
      break: (world) => world.inside('host', `touch /run/netns/${world.reserve('empty')}`),
      doctor: { codes: ['netns-reference-stale'], at: [], called: 'empty' },
    },
  ],
}

runGauntlet(gauntlet)
