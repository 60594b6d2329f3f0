/** What the program printed about broken networks: one run a code. Where a cluster or IPVS is needed, there is none. */
import type { FindingCode } from './finding-code.ts'

/** A command, and what it answered. */
export interface CatalogueExample {
  readonly command: string
  readonly output: string
}

/** Examples by code. */
export const EXAMPLES: Readonly<Partial<Record<FindingCode, CatalogueExample>>> = {
  'netns-reference-stale': {
    command: 'netwright doctor',
    output: `ghost
  ✗ error  netns-reference-stale
    The name ghost in /run/netns is stale: it is a link to process
    4194303, which is no more.
    - /run/netns/ghost: it is a link to process 4194303, which is
    no more (procfs)
    Mend: Remove the name ghost.
      rm /run/netns/ghost`,
  },
  'netns-reference-missing': {
    command: 'netwright doctor docker:web',
    output: `web
  · remark  netns-reference-missing
    docker:web has no name in /run/netns: ip netns list does not show it.
    - no entry of /run/netns leads to namespace 4026532400 (procfs)
    Mend: Give it the name web.
      ip netns attach web 13256`,
  },
  'netns-leaked': {
    command: 'netwright doctor',
    output: `this host
  ! warning  netns-leaked
    Nothing lives in namespace 4026532459 any more, but descriptor 3 of process
    11491 (sleep) keeps it alive, and it still answers for 10.99.0.2.
    - no process or thread lives in namespace 4026532459 (procfs)
    - it is held by descriptor 3 of process 11491 (sleep) (procfs)
    - eth0 in inode:4026532459 still has 10.99.0.2/24 and is up (rtnetlink)
    Mend: Remove vdead in ns:host, the cable that leads there.
    This could hurt; it is done only when you name it.
      ip netns exec host ip link delete dev vdead`,
  },
  'interface-down': {
    command: 'netwright doctor ns:db',
    output: `db
  ✗ error  interface-down
    eth0 in ns:db is switched off, although it has 10.81.1.12/24.
    - eth0 in ns:db is administratively down (rtnetlink)
    - it has 10.81.1.12/24 (rtnetlink)
    Mend: Bring eth0 in ns:db up.
      ip netns exec db ip link set dev eth0 up`,
  },
  'link-peer-missing': {
    command: 'netwright doctor docker:web',
    output: `web
  ✗ error  link-peer-missing
    web ought to be attached to network bridge as 172.17.0.2/16, but it has no
    interface for that any more.
    - docker has web on network bridge as 172.17.0.2/16 (docker)
    - docker:web has lo (rtnetlink)
    Mend: Detach web from bridge and attach it again.
      docker network disconnect --force bridge web
      docker network connect bridge web`,
  },
  'mtu-mismatch': {
    command: 'netwright doctor ns:db',
    output: `db
  ! warning  mtu-mismatch
    eth0 in ns:db takes packets of at most 1300 bytes, but vdb in
    ns:host at the other end sends up to 1500; the larger ones are
    lost.
    - eth0 in ns:db has MTU 1300 (rtnetlink)
    - vdb in ns:host has MTU 1500 (rtnetlink)
    Mend: Set the MTU of eth0 in ns:db to 1500.
      ip netns exec db ip link set dev eth0 mtu 1500`,
  },
  'address-duplicate': {
    command: 'netwright doctor ns:db',
    output: `db
  ✗ error  address-duplicate
    10.81.1.11 is on eth0 in ns:web and eth0 in ns:db,
    which are on one wire: whoever asks for it reaches now one, now the other.
    - eth0 in ns:web has 10.81.1.11/24 and MAC 02:81:00:00:01:11
    (rtnetlink)
    - eth0 in ns:db has 10.81.1.11/24 and MAC 02:81:00:00:01:12
    (rtnetlink)
    Mend: Take the address 10.81.1.11/24 from eth0 in ns:db. This
    could hurt; it is done only when you name it.
      ip netns exec db ip address del 10.81.1.11/24 dev eth0`,
  },
  'address-missing': {
    command: 'netwright doctor docker:web',
    output: `web
  ✗ error  address-missing
    eth0 in docker:web ought to have 172.17.0.2/16, but has no address: nobody
    answers where others look for it.
    - docker has web on network bridge as 172.17.0.2/16 (docker)
    - eth0 in docker:web has no address (rtnetlink)
    Mend: Give eth0 in docker:web the address 172.17.0.2/16. Add the route
    default via 172.17.0.1 dev eth0 in docker:web.
      nsenter --net=/run/docker/netns/f6ccbd404d3f ip address add 172.17.0.2/16 dev eth0
      nsenter --net=/run/docker/netns/f6ccbd404d3f ip route add default via 172.17.0.1 dev eth0`,
  },
  'mac-duplicate': {
    command: 'netwright doctor ns:web',
    output: `web
  ✗ error  mac-duplicate
    eth0 in ns:db and eth0 in ns:web have the same MAC
    02:81:00:00:01:11 on one wire: frames for the one reach the other.
    - eth0 in ns:db has MAC 02:81:00:00:01:11 (rtnetlink)
    - eth0 in ns:web has MAC 02:81:00:00:01:11 (rtnetlink)
    Mend: Give eth0 in ns:web a link-layer address of its own. This
    could hurt; it is done only when you name it.
      ip netns exec web ip link set dev eth0 address f6:72:11:9e:b4:44`,
  },
  'subnet-overlap': {
    command: 'netwright doctor ns:host',
    output: `host
  ! warning  subnet-overlap
    lan0 in ns:host and lan1 both claim 10.81.1.0/24, but are
    different wires: who is on the one cannot be reached while the other is
    preferred.
    - 10.81.1.0/24 is on the link of lan0 in ns:host (rtnetlink)
    - 10.81.1.0/24 is on the link of lan1 in ns:host (rtnetlink)`,
  },
  'bridge-port-missing': {
    command: 'netwright doctor ns:host',
    output: `host
  ✗ error  bridge-port-missing
    vdb in ns:host, where eth0 in ns:db is plugged in,
    is not a port of bridge lan0, so ns:db is cut off.
    - vdb in ns:host has no master and no address (rtnetlink)
    - its other end is eth0 in ns:db with 10.81.1.12/24 and
    fd81:1::12/64 (rtnetlink)
    - lan0 in ns:host has 10.81.1.1/24, of the same subnet
    (rtnetlink)
    Mend: Make vdb a port of the bridge lan0 in ns:host.
      ip netns exec host ip link set dev vdb master lan0`,
  },
  'bridge-port-isolated': {
    command: 'netwright doctor ns:host',
    output: `host
  · remark  bridge-port-isolated
    vweb in ns:host is an isolated port of bridge lan0: nothing
    passes between it and vdb.
    - vweb in ns:host is an isolated port (rtnetlink)
    Mend: End the isolation of the bridge port vweb in ns:host.
    This could hurt; it is done only when you name it.
      ip netns exec host bridge link set dev vweb isolated off`,
  },
  'bridge-port-blocked': {
    command: 'netwright doctor ns:host',
    output: `host
  ✗ error  bridge-port-blocked
    Bridge lan0 forwards nothing through vdb in ns:host, which is
    disabled, and no spanning tree will ever change that.
    - vdb in ns:host is disabled (rtnetlink)
    - lan0 in ns:host runs no spanning tree (rtnetlink)
    Mend: Let the bridge port vdb in ns:host forward.
      ip netns exec host bridge link set dev vdb state 3`,
  },
  'route-missing': {
    command: 'netwright trace ns:web 198.18.5.9',
    output: `ns:web → 198.18.5.9  dropped
icmp from 0.0.0.0 to 198.18.5.9

  …

route-missing ns:web has no route to 198.18.5.9.
  - no route to 198.18.5.9 among the 1 of table main in ns:web
    (rtnetlink)

Add the route default via 10.81.1.1 in ns:web.
  ip netns exec web ip route add default via 10.81.1.1`,
  },
  'route-blackhole': {
    command: 'netwright doctor ns:r1',
    output: `r1
  ! warning  route-blackhole
    ns:r1 throws away what goes to 10.82.4.0/24, where east in
    ns:r3 with 10.82.4.1 is.
    - blackhole 10.82.4.0/24 in table main of ns:r1 (rtnetlink)
    Mend: Delete the blackhole route to 10.82.4.0/24 in ns:r1. This
    could hurt; it is done only when you name it.
      ip netns exec r1 ip route del blackhole 10.82.4.0/24`,
  },
  'return-route-missing': {
    command: 'netwright trace ns:left ns:right',
    output: `ns:left → ns:right  no-reply
icmp from 10.82.1.2 to 10.82.4.2

  …

return-route-missing ns:r3 has no route to 10.82.1.2, so answers
cannot go back.
  - no route to 10.82.1.2 among the 3 of table main in ns:r3
    (rtnetlink)

Add the route 10.82.1.0/24 via 10.82.3.1 in ns:r3.
  ip netns exec r3 ip route add 10.82.1.0/24 via 10.82.3.1`,
  },
  'gateway-unreachable': {
    command: 'netwright doctor ns:db',
    output: `db
  ✗ error  gateway-unreachable
    ns:db sends what goes to the world outside to gateway
    10.81.1.254, but nobody on the wire of eth0 has that address.
    - default via 10.81.1.254 dev eth0 in ns:db (rtnetlink)
    - on that wire there are eth0 in ns:web (10.81.1.11), lan0 in
    ns:host (10.81.1.1) and eth0 in ns:db (10.81.1.12)
    (rtnetlink)
    Mend: Replace the route to default in ns:db by default via
    10.81.1.1 dev eth0. This could hurt; it is done only when you name it.
      ip netns exec db ip route replace default via 10.81.1.1 dev eth0`,
  },
  'forwarding-disabled': {
    command: 'netwright doctor ns:host',
    output: `host
  ✗ error  forwarding-disabled
    ns:web, ns:db and ns:cache use
    ns:host as their router, but it does not forward IPv4 packets.
    - net.ipv4.ip_forward is 0 in ns:host (procfs)
    - ns:web has the route default via 10.81.1.1 (rtnetlink)
    - ns:db has the route default via 10.81.1.1 (rtnetlink)
    - ns:cache has the route default via 10.81.2.1 (rtnetlink)
    Mend: Set net.ipv4.ip_forward=1 in ns:host.
      ip netns exec host sysctl -w net.ipv4.ip_forward=1`,
  },
  'reverse-path-filter': {
    command: 'netwright doctor ns:r2',
    output: `r2
  ! warning  reverse-path-filter
    west in ns:r2 drops what comes from 10.82.1.2
    (ns:left), because ns:r2 would answer through
    spare and its reverse path filter is strict.
    - rp_filter is strict on west in ns:r2 (all 0, west 1) (procfs)
    - ns:left sends through west in ns:r2 (rtnetlink)
    - ns:r2 reaches 10.82.1.2 by 10.82.1.0/24 via 10.82.20.1 dev
    spare (rtnetlink)
    Mend: Set net.ipv4.conf.west.rp_filter=2 in ns:r2. This could
    hurt; it is done only when you name it.
      ip netns exec r2 sysctl -w net.ipv4.conf.west.rp_filter=2`,
  },
  'neighbour-failed': {
    command: 'netwright doctor ns:host',
    output: `host
  ! warning  neighbour-failed
    vb in ns:host got no answer when it asked who has 10.98.0.2,
    which is eth0 in ns:b.
    - 10.98.0.2 is failed on vb in ns:host (rtnetlink)
    - eth0 in ns:b has 10.98.0.2 (rtnetlink)
    Mend: Forget the neighbour 10.98.0.2 on vb in ns:host; the
    kernel then asks anew.
      ip netns exec host ip neigh del 10.98.0.2 dev vb`,
  },
  'neighbour-missing': {
    command: 'netwright doctor ns:ov3',
    output: `ov3
  ✗ error  neighbour-missing
    vx0 in ns:ov3 answers questions about neighbours by itself, and
    has no answer for 10.83.0.20 (eth0 in ns:b).
    - vx0 in ns:ov3 is a proxy and has no neighbour entry for
    10.83.0.20 (rtnetlink)
    - eth0 in ns:b has 10.83.0.20 and MAC 02:42:0a:53:00:02
    (rtnetlink)
    Mend: Tell ns:ov3 that 10.83.0.20 on vx0 is 02:42:0a:53:00:02.
      ip netns exec ov3 ip neigh replace 10.83.0.20 lladdr 02:42:0a:53:00:02 dev vx0 nud permanent`,
  },
  'neighbour-wrong': {
    command: 'netwright doctor ns:web',
    output: `web
  ✗ error  neighbour-wrong
    eth0 in ns:web believes that 10.81.1.12 is 02:81:00:00:02:11,
    which nobody has; eth0 in ns:db has it with 02:81:00:00:01:12.
    - 10.81.1.12 lladdr 02:81:00:00:02:11 permanent on eth0 in
    ns:web (rtnetlink)
    - eth0 in ns:db has 10.81.1.12 and MAC 02:81:00:00:01:12
    (rtnetlink)
    Mend: Tell ns:web that 10.81.1.12 on eth0 is 02:81:00:00:01:12.
      ip netns exec web ip neigh replace 10.81.1.12 lladdr 02:81:00:00:01:12 dev eth0 nud permanent`,
  },
  'fdb-missing': {
    command: 'netwright doctor ns:ov1',
    output: `ov1
  ✗ error  fdb-missing
    vx0 in ns:ov1 does not know where to send frames for
    02:42:0a:53:00:03 (eth0 in ns:c), and floods nothing.
    - no forwarding entry for 02:42:0a:53:00:03 on vx0 in ns:ov1,
    and none for unknown addresses (rtnetlink)
    - eth0 in ns:c with MAC 02:42:0a:53:00:03 is behind vx0 in
    ns:ov3, reached at 10.84.3.2 (rtnetlink)
    Mend: Send frames for 02:42:0a:53:00:03 on vx0 in ns:ov1 to
    10.84.3.2.
      ip netns exec ov1 bridge fdb replace 02:42:0a:53:00:03 dev vx0 dst 10.84.3.2 self permanent`,
  },
  'fdb-wrong-destination': {
    command: 'netwright doctor ns:ov1',
    output: `ov1
  ✗ error  fdb-wrong-destination
    vx0 in ns:ov1 sends frames for 02:42:0a:53:00:03 (eth0 in
    ns:c) to 10.84.2.2, but it is behind 10.84.3.2.
    - 02:42:0a:53:00:03 dst 10.84.2.2 on vx0 in ns:ov1 (rtnetlink)
    - eth0 in ns:c with MAC 02:42:0a:53:00:03 is behind vx0 in
    ns:ov3, reached at 10.84.3.2 (rtnetlink)
    Mend: Send frames for 02:42:0a:53:00:03 on vx0 in ns:ov1 to
    10.84.3.2.
      ip netns exec ov1 bridge fdb replace 02:42:0a:53:00:03 dev vx0 dst 10.84.3.2 self permanent`,
  },
  'vxlan-vni-mismatch': {
    command: 'netwright doctor ns:hostA',
    output: `hostA
  ✗ error  vxlan-vni-mismatch
    vx42 in ns:hostA uses number 42, but vx42 in
    ns:hostB at the other end uses number 43: neither takes what
    the other sends.
    - vx42 in ns:hostA: vxlan id 42 dstport 8472 (rtnetlink)
    - vx42 in ns:hostB: vxlan id 43 dstport 8472 (rtnetlink)`,
  },
  filtered: {
    command: 'netwright trace ns:web ns:far',
    output: `ns:web → ns:far  dropped
icmp from 10.81.1.11 to 198.18.5.9

  …

filtered Rule with handle 2 of chain transit of table inet guard in
ns:host drops ICMP from 10.81.1.11 to 198.18.5.9.
  - ns:host: ip saddr 10.81.1.11 drop (nftables)

Delete the rule "ip saddr 10.81.1.11 drop" from chain transit of table inet
guard, in ns:host. Think first: this could hurt.
  ip netns exec host nft delete rule inet guard transit handle 2`,
  },
  'nat-missing': {
    command: 'netwright trace ns:web ns:far',
    output: `ns:web → ns:far  no-reply
icmp from 10.81.1.11 to 198.18.5.9

  …

nat-missing ns:host sends packets from 10.81.1.11 out of up0
untranslated, and ns:gw knows no way back to that address.
  - no rule of ns:host translates 10.81.1.11 where it leaves by up0
    (nftables)
  - no route to 10.81.1.11 among the 2 of table main in ns:gw
    (rtnetlink)

Masquerade 10.81.1.0/24 where it leaves ns:host through up0.
  ip netns exec host nft add table ip outgoing
  ip netns exec host nft add chain ip outgoing postrouting '{ type nat hook postrouting priority srcnat ; }'
  ip netns exec host nft add rule ip outgoing postrouting ip saddr 10.81.1.0/24 oifname up0 masquerade`,
  },
  'nat-target-missing': {
    command: 'netwright doctor ns:host',
    output: `host
  ✗ error  nat-target-missing
    In ns:host, rule with handle 8 of chain pre of table ip nat
    redirects to 10.81.1.99, an IPv4 address that nobody on that wire has.
    - rule with handle 8 of chain pre of table ip nat: tcp dport 8080 dnat to
    10.81.1.99:80 (nftables)
    - nobody on the wire towards 10.81.1.99 has it (rtnetlink)
    Mend: Delete the rule "tcp dport 8080 dnat to 10.81.1.99:80" from chain pre
    of table ip nat in ns:host. This could hurt; it is done only
    when you name it.
      ip netns exec host nft delete rule ip nat pre handle 8`,
  },
  'dns-unreachable': {
    command: 'netwright doctor ns:web',
    output: `web
  ✗ error  dns-unreachable
    ns:web asks 192.0.2.53 for names, but no route leads there.
    - resolv.conf (/etc/netns/web) names 192.0.2.53 (procfs)
    - ns:web has no route to 192.0.2.53 (rtnetlink)`,
  },
  'dns-misconfigured': {
    command: 'netwright doctor ns:web',
    output: `web
  ✗ error  dns-misconfigured
    ns:web asks 127.0.0.53 for names, which is itself, but nobody
    listens there.
    - resolv.conf (/etc/netns/web) names 127.0.0.53 (procfs)
    - no socket of ns:web takes packets for 127.0.0.53 port 53
    (sock_diag)`,
  },
  'port-closed': {
    command: 'netwright trace ns:web ns:db --tcp 80',
    output: `ns:web → ns:db  refused
tcp 80 from 10.81.1.11 to 10.81.1.12

  …

port-closed Nothing in ns:db listens on tcp port 80.
  - no tcp socket with port 80 in ns:db (sock_diag)`,
  },
  'listener-on-loopback': {
    command: 'netwright trace ns:web ns:db --tcp 80',
    output: `ns:web → ns:db  refused
tcp 80 from 10.81.1.11 to 10.81.1.12

  …

listener-on-loopback What listens on tcp port 80 in ns:db does so
on 127.0.0.1 only, not on 10.81.1.12.
  - a tcp socket in ns:db is bound to 127.0.0.1:80 (sock_diag)`,
  },
  'interface-orphaned': {
    command: 'netwright doctor host',
    output: `host
  ! warning  interface-orphaned
    br-0123456789ab in host is the bridge of a Docker network
    (0123456789ab) that does not exist any more.
    - docker knows no network whose id begins with 0123456789ab (docker)
    - br-0123456789ab in host has no ports (rtnetlink)
    Mend: Delete the bridge br-0123456789ab. This could hurt; it is done only
    when you name it.
      ip link delete dev br-0123456789ab`,
  },
}
