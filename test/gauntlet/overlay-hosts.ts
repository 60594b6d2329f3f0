/**
 * Three hosts h1, h2, h3 that a router `core` joins, and an overlay network as Docker builds one: on each host a namespace
 * (ov1 …) with a bridge and a vxlan that was made on the host and moved in, which answers for its neighbours and learns
 * nothing; containers a, b, c. All entries are programmed by hand.
 */
import type { World } from './world.ts'

/** Containers by the number of their host. */
export const CONTAINERS = ['a', 'b', 'c'] as const
/** MAC address of the container on a host. */
export const macOf = (host: number): string => `02:42:0a:53:00:0${host}`
/** Address of the container on a host. */
export const addressOf = (host: number): string => `10.83.0.${host}0`
/** Tunnel end of a host. */
export const tunnelEnd = (host: number): string => `10.84.${host}.2`

/** Builds it. */
export function buildOverlayHosts(world: World): void {
  const hosts = [1, 2, 3]
  world.add('core', ...hosts.flatMap((i) => [`h${i}`, `ov${i}`, CONTAINERS[i - 1]!]))
  world.inside('core', 'sysctl -qw net.ipv4.ip_forward=1')
  for (const i of hosts) {
    world.wire(`h${i}`, 'eth0', 'core', `p${i}`)
    world.inside('core', `ip addr add 10.84.${i}.1/24 dev p${i}`)
    world.inside(
      `h${i}`,
      `ip addr add ${tunnelEnd(i)}/24 dev eth0; ip route add default via 10.84.${i}.1
       ip link add vx0 type vxlan id 7001 dstport 4789 nolearning proxy l2miss l3miss
       ip link set vx0 netns ${world.name(`ov${i}`)}`,
    )
    world.wire(CONTAINERS[i - 1]!, 'eth0', `ov${i}`, 'port0')
    world.inside(
      `ov${i}`,
      `ip link add br0 type bridge; ip link set br0 mtu 1450; ip addr add 10.83.0.1/24 dev br0; ip link set br0 up
       ip link set vx0 mtu 1450 master br0 up; ip link set port0 mtu 1450 master br0`,
    )
    world.inside(
      CONTAINERS[i - 1]!,
      `ip link set eth0 address ${macOf(i)} mtu 1450; ip addr add ${addressOf(i)}/24 dev eth0`,
    )
  }
  for (const i of hosts)
    for (const other of hosts.filter((host) => host !== i))
      world.inside(
        `ov${i}`,
        `bridge fdb add ${macOf(other)} dev vx0 dst ${tunnelEnd(other)} self permanent
         ip neigh add ${addressOf(other)} lladdr ${macOf(other)} dev vx0 nud permanent`,
      )
}
