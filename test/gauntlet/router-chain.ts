/**
 * left (10.82.1.2) - r1 - r2 - r3 - right (10.82.4.2), static routes of both families; between r1 and r2 there are two wires,
 * of which the second carries nothing.
 */
import type { World } from './world.ts'

/** Builds it. */
export function buildRouterChain(world: World): void {
  world.add('left', 'r1', 'r2', 'r3', 'right')
  world.wire('left', 'eth0', 'r1', 'west')
  world.wire('r1', 'east', 'r2', 'west')
  world.wire('r1', 'spare', 'r2', 'spare')
  world.wire('r2', 'east', 'r3', 'west')
  world.wire('r3', 'east', 'right', 'eth0')
  for (const router of ['r1', 'r2', 'r3'])
    world.inside(router, 'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1')
  const number = (place: string, device: string, ...addresses: readonly string[]) =>
    world.inside(
      place,
      addresses
        .map((address) => `ip addr add ${address} dev ${device}${address.includes(':') ? ' nodad' : ''}`)
        .join('\n'),
    )
  const route = (place: string, ...routes: readonly string[]) =>
    world.inside(place, routes.map((words) => `ip ${words.includes(':') ? '-6 ' : ''}route add ${words}`).join('\n'))
  number('left', 'eth0', '10.82.1.2/24', 'fd84:1::2/64')
  number('r1', 'west', '10.82.1.1/24', 'fd84:1::1/64')
  number('r1', 'east', '10.82.2.1/29', 'fd84:2::1/64')
  number('r2', 'west', '10.82.2.2/29', 'fd84:2::2/64')
  number('r1', 'spare', '10.82.20.1/30')
  number('r2', 'spare', '10.82.20.2/30')
  number('r2', 'east', '10.82.3.1/29', 'fd84:3::1/64')
  number('r3', 'west', '10.82.3.2/29', 'fd84:3::2/64')
  number('r3', 'east', '10.82.4.1/24', 'fd84:4::1/64')
  number('right', 'eth0', '10.82.4.2/24', 'fd84:4::2/64')
  route('left', 'default via 10.82.1.1', 'default via fd84:1::1')
  route(
    'r1',
    '10.82.3.0/29 via 10.82.2.2',
    '10.82.4.0/24 via 10.82.2.2',
    'fd84:3::/64 via fd84:2::2',
    'fd84:4::/64 via fd84:2::2',
  )
  route(
    'r2',
    '10.82.1.0/24 via 10.82.2.1',
    '10.82.4.0/24 via 10.82.3.2',
    'fd84:1::/64 via fd84:2::1',
    'fd84:4::/64 via fd84:3::2',
  )
  route(
    'r3',
    '10.82.1.0/24 via 10.82.3.1',
    '10.82.2.0/29 via 10.82.3.1',
    'fd84:1::/64 via fd84:3::1',
    'fd84:2::/64 via fd84:3::1',
  )
  route('right', 'default via 10.82.4.1', 'default via fd84:4::1')
}
