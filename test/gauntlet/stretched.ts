/**
 * One layer 2 network stretched over two hosts by a vxlan that floods and learns (each end names the other), as labs and
 * flannel's host gateways build it: left (10.86.0.1) in the bridge of hostA, right (10.86.0.2) in that of hostB; the hosts
 * are joined by IPv6 only.
 */
import type { World } from './world.ts'

/** Builds it. */
export function buildStretched(world: World): void {
  world.add('hostA', 'hostB', 'left', 'right')
  world.wire('hostA', 'eth0', 'hostB', 'eth0')
  for (const [host, guest, own, other] of [
    ['hostA', 'left', 1, 2],
    ['hostB', 'right', 2, 1],
  ] as const) {
    world.wire(guest, 'eth0', host, 'tap0')
    world.inside(
      host,
      `ip link set eth0 mtu 1600; ip addr add fd86::${own}/64 dev eth0 nodad
       ip link add vx42 type vxlan id 42 local fd86::${own} remote fd86::${other} dev eth0 dstport 8472
       ip link add br42 type bridge; ip link set br42 up; ip link set vx42 mtu 1500 master br42 up; ip link set tap0 master br42`,
    )
    world.inside(guest, `ip addr add 10.86.0.${own}/24 dev eth0; ip addr add fd87::${own}/64 dev eth0 nodad`)
  }
}
