/** A stretched layer 2 network, broken. */
import { type Gauntlet, guard, ping } from './fault.ts'
import { runGauntlet } from './run-gauntlet.ts'
import { buildStretched } from './stretched.ts'

const asked = { from: 'left', to: 'right' } as const
const works: readonly [string, string] = ['left', ping('10.86.0.2')]

const gauntlet: Gauntlet = {
  name: 'stretched',
  build: buildStretched,
  healthy: [asked, { from: 'right', to: 'fd87::1' }, { ...asked, flags: ['--size', '1450'] }],
  faults: [
    {
      name: 'the tunnel leads to an address that nobody has',
      break: (world) =>
        world.inside(
          'hostA',
          'bridge fdb del 00:00:00:00:00:00 dev vx42; bridge fdb append 00:00:00:00:00:00 dev vx42 dst fd86::77',
        ),
      trace: { ...asked, codes: ['fdb-wrong-destination'], at: ['hostA'] },
    },
    {
      name: 'the tunnel floods to nobody',
      break: (world) => world.inside('hostA', 'bridge fdb del 00:00:00:00:00:00 dev vx42'),
      trace: { ...asked, codes: ['fdb-missing'], at: ['hostA'] },
      mended: works,
    },
    {
      name: 'the ends have different network identifiers',
      break: (world) =>
        world.inside(
          'hostB',
          `ip link del vx42; ip link add vx42 type vxlan id 43 local fd86::2 remote fd86::1 dev eth0 dstport 8472
           ip link set vx42 mtu 1500 master br42 up`,
        ),
      trace: { ...asked, codes: ['vxlan-vni-mismatch'], at: ['hostA', 'hostB'] },
    },
    {
      name: 'the underlay drops the tunnel’s port',
      break: (world) => world.inside('hostB', guard('ip6', 'input', 'udp dport 8472')),
      trace: { ...asked, codes: ['filtered'], at: ['hostB'], rule: /guard/ },
      mended: works,
    },
    {
      name: 'answers are dropped before they enter the tunnel',
      break: (world) => world.inside('hostB', guard('inet', 'output', 'meta l4proto udp udp dport 8472')),
      trace: { ...asked, codes: ['filtered'], at: ['hostB'], rule: /guard/ },
      mended: works,
    },
    {
      name: 'the underlay’s address of the other end is gone',
      break: (world) => world.inside('hostB', 'ip addr del fd86::2/64 dev eth0'),
      trace: {
        ...asked,
        codes: ['address-missing', 'fdb-wrong-destination', 'neighbour-failed'],
        at: ['hostA', 'hostB'],
      },
    },
    {
      name: 'the tunnel of the far side has left its bridge, seen by doctor',
      break: (world) => world.inside('hostB', 'ip link set vx42 nomaster'),
      doctor: { codes: ['bridge-port-missing'], at: ['hostB'] },
      mended: works,
    },
    {
      name: 'the underlay is too narrow for the tunnel',
      break: (world) => world.inside('hostA', 'ip link set eth0 mtu 1500'),
      trace: { ...asked, flags: ['--size', '1460'], codes: ['mtu-mismatch'], at: ['hostA', 'hostB', 'left'] },
    },
    {
      name: 'the underlay is too narrow for the tunnel, seen by doctor',
      break: (world) => world.inside('hostA', 'ip link set eth0 mtu 1500'),
      doctor: { codes: ['mtu-mismatch'], at: ['hostA'] },
    },
  ],
}

runGauntlet(gauntlet)
