/**
 * Two nodes of a cluster as Calico and kube-proxy wire them: every pod has one address of its own (/32) and a gateway that
 * exists only because the node answers for it (proxy_arp, which wants a route elsewhere), the node routes to each pod by its link and to the other node's
 * pods by that node; the service address 10.96.0.10:80 is spread over the pods `back1` (node1) and `back2` (node2).
 */
import type { World } from './world.ts'

const PODS = { front: ['node1', '10.85.1.5'], back1: ['node1', '10.85.1.6'], back2: ['node2', '10.85.2.6'] } as const

/** Name of a pod. */
export type Pod = keyof typeof PODS
/** A pod's address. */
export const podAddress = (pod: Pod): string => PODS[pod][1]
/** Address of the service. */
export const SERVICE = '10.96.0.10'

/** Builds it, with a server on port 8080 of each pod behind the service. */
export async function buildCluster(world: World): Promise<void> {
  world.add('switch', 'node1', 'node2', ...Object.keys(PODS))
  world.inside('switch', 'ip link add br0 type bridge; ip link set br0 up')
  for (const [node, number, other] of [
    ['node1', 1, 2],
    ['node2', 2, 1],
  ] as const) {
    world.wire(node, 'eth0', 'switch', `p${number}`)
    world.inside('switch', `ip link set p${number} master br0`)
    world.inside(
      node,
      `sysctl -qw net.ipv4.ip_forward=1
       ip addr add 192.168.85.${number}/24 dev eth0; ip route add 10.85.${other}.0/24 via 192.168.85.${other}
       ip route add 169.254.0.0/16 dev eth0; ip route add blackhole 10.85.${number}.0/24
       iptables-restore --noflush <<'END'
*nat
:KUBE-SERVICES - [0:0]
:KUBE-SVC-WEB - [0:0]
:KUBE-SEP-A - [0:0]
:KUBE-SEP-B - [0:0]
:KUBE-MARK-MASQ - [0:0]
:KUBE-POSTROUTING - [0:0]
-A PREROUTING -m comment --comment "service portals" -j KUBE-SERVICES
-A OUTPUT -m comment --comment "service portals" -j KUBE-SERVICES
-A POSTROUTING -j KUBE-POSTROUTING
-A KUBE-SERVICES -d ${SERVICE}/32 -p tcp -m tcp --dport 80 -j KUBE-SVC-WEB
-A KUBE-SVC-WEB -m statistic --mode random --probability 0.5 -j KUBE-SEP-A
-A KUBE-SVC-WEB -j KUBE-SEP-B
-A KUBE-SEP-A -s ${podAddress('back1')}/32 -j KUBE-MARK-MASQ
-A KUBE-SEP-A -p tcp -m tcp -j DNAT --to-destination ${podAddress('back1')}:8080
-A KUBE-SEP-B -s ${podAddress('back2')}/32 -j KUBE-MARK-MASQ
-A KUBE-SEP-B -p tcp -m tcp -j DNAT --to-destination ${podAddress('back2')}:8080
-A KUBE-MARK-MASQ -j MARK --or-mark 0x4000
-A KUBE-POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE
COMMIT
*filter
:cali-FORWARD - [0:0]
-A FORWARD -j cali-FORWARD
-A cali-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A cali-FORWARD -i cali+ -j MARK --set-xmark 0x10000/0x10000
-A cali-FORWARD -m mark --mark 0x10000/0x10000 -j ACCEPT
COMMIT
END`,
    )
  }
  for (const [pod, [node, address]] of Object.entries(PODS)) {
    const link = `cali${pod}`
    world.wire(pod, 'eth0', node, link)
    world.inside(
      node,
      `sysctl -qw net.ipv4.conf.${link}.proxy_arp=1 net.ipv4.neigh.${link}.proxy_delay=0; ip route add ${address}/32 dev ${link}`,
    )
    world.inside(
      pod,
      `ip addr add ${address}/32 dev eth0; ip route add 169.254.1.1 dev eth0 scope link; ip route add default via 169.254.1.1`,
    )
  }
  for (const pod of ['back1', 'back2']) await world.listen(pod, 8080)
}
