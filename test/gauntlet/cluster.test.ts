/** A cluster whose pods are routed one by one, broken. */
import { buildCluster, podAddress, SERVICE } from './cluster.ts'
import { type Gauntlet, guard, ping } from './fault.ts'
import { runGauntlet } from './run-gauntlet.ts'

const near = { from: 'front', to: podAddress('back1') } as const
const far = { from: 'front', to: podAddress('back2') } as const
const reachesNear: readonly [string, string] = ['front', ping(podAddress('back1'))]
const reachesFar: readonly [string, string] = ['front', ping(podAddress('back2'))]

const gauntlet: Gauntlet = {
  name: 'cluster',
  build: buildCluster,
  healthy: [
    near,
    far,
    { from: 'front', to: SERVICE, flags: ['--tcp', '80'] },
    { from: 'node1', to: podAddress('back2') },
  ],
  faults: [
    {
      name: 'the node does not answer for the gateway',
      break: (world) => world.inside('node1', 'sysctl -qw net.ipv4.conf.califront.proxy_arp=0'),
      trace: { ...near, codes: ['gateway-unreachable'], at: ['front', 'node1'] },
    },
    {
      name: 'the node has lost the route of one pod',
      break: (world) => world.inside('node2', `ip route del ${podAddress('back2')}/32`),
      // What is left is the blackhole that keeps unused addresses from leaving the node.
      trace: { ...far, codes: ['route-missing', 'route-blackhole'], at: ['node2'] },
    },
    {
      name: 'the node has lost the route to the other node’s pods',
      break: (world) => world.inside('node1', 'ip route del 10.85.2.0/24'),
      trace: { ...far, codes: ['route-missing'], at: ['node1'] },
      mended: reachesFar,
    },
    {
      name: 'the other node does not know the way back',
      break: (world) => world.inside('node2', 'ip route del 10.85.1.0/24'),
      trace: { ...far, codes: ['return-route-missing'], at: ['node2'] },
      mended: reachesFar,
    },
    {
      name: 'the route leads to a node that is not there',
      break: (world) => world.inside('node1', 'ip route replace 10.85.2.0/24 via 192.168.85.9'),
      trace: { ...far, codes: ['gateway-unreachable'], at: ['node1'] },
    },
    {
      name: 'a policy drops at the pod’s link',
      break: (world) => world.inside('node2', 'iptables -I cali-FORWARD -o caliback2 -p icmp -j DROP'),
      trace: { ...far, codes: ['filtered'], at: ['node2'], rule: /cali-FORWARD/ },
      mended: reachesFar,
    },
    {
      name: 'the forward chain drops what no policy has marked',
      break: (world) => world.inside('node2', 'iptables -P FORWARD DROP'),
      trace: { ...far, codes: ['filtered'], at: ['node2'], rule: /FORWARD/ },
      mended: reachesFar,
    },
    {
      name: 'the service leads to pods that are gone',
      break: (world) =>
        world.inside(
          'node1',
          `iptables -t nat -F KUBE-SVC-WEB; iptables -t nat -A KUBE-SVC-WEB -p tcp -j DNAT --to-destination 10.85.1.77:8080`,
        ),
      trace: {
        from: 'front',
        to: SERVICE,
        flags: ['--tcp', '80'],
        codes: ['nat-target-missing', 'backend-missing'],
        at: ['node1'],
      },
    },
    {
      name: 'the service leads to a port that nobody listens on',
      break: (world) =>
        world.inside(
          'node1',
          `iptables -t nat -F KUBE-SVC-WEB; iptables -t nat -A KUBE-SVC-WEB -p tcp -j DNAT --to-destination ${podAddress('back1')}:9090`,
        ),
      trace: { from: 'front', to: SERVICE, flags: ['--tcp', '80'], codes: ['port-closed'], at: ['back1'] },
    },
    {
      name: 'a node does not forward',
      break: (world) => world.inside('node1', 'sysctl -qw net.ipv4.ip_forward=0'),
      trace: { ...near, codes: ['forwarding-disabled'], at: ['node1'] },
      mended: reachesNear,
    },
    {
      name: 'the pod’s link is down at the node',
      break: (world) => world.inside('node1', 'ip link set caliback1 down'),
      trace: { ...near, codes: ['interface-down', 'route-missing', 'route-blackhole'], at: ['node1'] },
    },
    {
      name: 'a filter on the switch between the nodes',
      break: (world) => world.inside('switch', guard('bridge', 'forward', `ip daddr ${podAddress('back2')}`)),
      trace: { ...far, codes: ['filtered'], at: ['switch'], rule: /guard/ },
      mended: reachesFar,
    },
    {
      name: 'the address of a pod is on another pod too, seen by doctor',
      break: (world) => world.inside('back1', `ip addr add ${podAddress('front')}/32 dev eth0`),
      doctor: { codes: ['address-duplicate'], at: ['front', 'back1'] },
    },
  ],
}

runGauntlet(gauntlet)
