/**
 * A host of containers: bridges lan0 (web .11, db .12) and lan1 (cache .11) that it routes between, an uplink to the router
 * `gw` and a machine `far` behind it which knows no way back to the containers, so that the host masquerades; and port 8080
 * of the host published to port 80 of web, also for the containers beside it.
 */
import type { World } from './world.ts'

/** MAC addresses of the containers. */
export const MAC = { web: '02:81:00:00:01:11', db: '02:81:00:00:01:12', cache: '02:81:00:00:02:11' } as const

/** Builds it. */
export function buildContainerHost(world: World): void {
  world.add('host', 'gw', 'far', 'web', 'db', 'cache')
  world.inside(
    'host',
    `for lan in 1 2; do
       ip link add lan$((lan-1)) type bridge; ip addr add 10.81.$lan.1/24 dev lan$((lan-1))
       ip addr add fd81:$lan::1/64 dev lan$((lan-1)) nodad; ip link set lan$((lan-1)) up
     done
     sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1`,
  )
  container(world, 'web', 1, 11)
  container(world, 'db', 1, 12)
  container(world, 'cache', 2, 11)
  world.wire('host', 'up0', 'gw', 'eth0')
  world.wire('gw', 'eth1', 'far', 'eth0')
  world.inside(
    'host',
    `ip addr add 198.51.100.2/24 dev up0; ip addr add fd82::2/64 dev up0 nodad
     ip route add default via 198.51.100.1; ip -6 route add default via fd82::1
     nft -f - <<'END'
table ip nat {
  chain pre { type nat hook prerouting priority dstnat; ip daddr 198.51.100.2 tcp dport 8080 dnat to 10.81.1.11:80; }
  chain out { type nat hook output priority -100; ip daddr 198.51.100.2 tcp dport 8080 dnat to 10.81.1.11:80; }
  chain post { type nat hook postrouting priority srcnat
    ip saddr 10.81.0.0/16 oifname "up0" masquerade
    ip saddr 10.81.1.0/24 ip daddr 10.81.1.11 tcp dport 80 masquerade
  }
}
END`,
  )
  world.inside(
    'gw',
    `sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
     ip addr add 198.51.100.1/24 dev eth0; ip addr add 198.18.5.1/24 dev eth1
     ip addr add fd82::1/64 dev eth0 nodad; ip addr add fd83::1/64 dev eth1 nodad; ip -6 route add fd81::/16 via fd82::2`,
  )
  world.inside(
    'far',
    `ip addr add 198.18.5.9/24 dev eth0; ip addr add fd83::9/64 dev eth0 nodad
     ip route add default via 198.18.5.1; ip -6 route add default via fd83::1`,
  )
}

function container(world: World, name: keyof typeof MAC, lan: number, last: number): void {
  world.wire(name, 'eth0', 'host', `v${name}`)
  world.inside('host', `ip link set v${name} master lan${lan - 1}`)
  world.inside(
    name,
    `ip link set eth0 address ${MAC[name]}
     ip addr add 10.81.${lan}.${last}/24 dev eth0; ip addr add fd81:${lan}::${last}/64 dev eth0 nodad
     ip route add default via 10.81.${lan}.1; ip -6 route add default via fd81:${lan}::1`,
  )
}
