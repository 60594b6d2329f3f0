/** A container host whose routes, settings, filters and translations are broken. */
import { buildContainerHost } from './container-host.ts'
import { connect, type Gauntlet, guard, ping } from './fault.ts'
import { runGauntlet } from './run-gauntlet.ts'
import type { World } from './world.ts'

const listenOnWeb = (world: World) => world.listen('web', 80)
const published = { from: 'far', to: '198.51.100.2', flags: ['--tcp', '8080'] } as const

const gauntlet: Gauntlet = {
  name: 'routing',
  build: buildContainerHost,
  healthy: [
    { from: 'web', to: '198.18.5.9' },
    { from: 'web', to: 'fd83::9' },
    { ...published, prepare: listenOnWeb },
    { from: 'db', to: '198.51.100.2', flags: ['--tcp', '8080'], prepare: listenOnWeb },
    { from: 'host', to: '198.51.100.2', flags: ['--tcp', '8080'], prepare: listenOnWeb },
    { from: 'cache', to: 'web', flags: ['--tcp', '80'], prepare: listenOnWeb },
  ],
  faults: [
    {
      name: 'the answering container has no default route',
      break: (world) => world.inside('cache', 'ip route del default'),
      trace: { from: 'web', to: 'cache', codes: ['return-route-missing'], at: ['cache'] },
      mended: ['web', ping('10.81.2.11')],
    },
    {
      name: 'the asking container has no default route',
      break: (world) => world.inside('db', 'ip -6 route del default'),
      trace: { from: 'db', to: 'fd83::9', codes: ['route-missing'], at: ['db'] },
      mended: ['db', ping('fd83::9')],
    },
    {
      name: 'the host has no default route',
      break: (world) => world.inside('host', 'ip route del default'),
      trace: { from: 'web', to: '198.18.5.9', codes: ['route-missing'], at: ['host'] },
    },
    {
      name: 'the default gateway is nobody’s address',
      break: (world) => world.inside('db', 'ip route replace default via 10.81.1.254'),
      trace: { from: 'db', to: '198.18.5.9', codes: ['gateway-unreachable'], at: ['db'] },
    },
    {
      name: 'the default gateway is nobody’s address, seen by doctor',
      break: (world) => world.inside('db', 'ip route replace default via 10.81.1.254'),
      doctor: { codes: ['gateway-unreachable'], at: ['db'] },
    },
    {
      name: 'forwarding is off for one interface',
      break: (world) => world.inside('host', 'sysctl -qw net.ipv4.conf.lan0.forwarding=0'),
      trace: { from: 'web', to: 'cache', codes: ['forwarding-disabled'], at: ['host'] },
      mended: ['web', ping('10.81.2.11')],
    },
    {
      name: 'forwarding of IPv6 is off',
      break: (world) => world.inside('host', 'sysctl -qw net.ipv6.conf.all.forwarding=0'),
      trace: { from: 'web', to: 'fd83::9', codes: ['forwarding-disabled'], at: ['host'] },
    },
    {
      name: 'forwarding is off, seen by doctor',
      break: (world) => world.inside('host', 'sysctl -qw net.ipv4.ip_forward=0'),
      doctor: { codes: ['forwarding-disabled'], at: ['host'] },
      mended: ['web', ping('10.81.2.11')],
    },
    {
      name: 'a strict reverse path filter with the way back elsewhere',
      break: (world) =>
        world.inside('host', 'sysctl -qw net.ipv4.conf.lan0.rp_filter=1; ip route add 10.81.1.11/32 dev lan1'),
      trace: { from: 'web', to: 'cache', codes: ['reverse-path-filter'], at: ['host'] },
    },
    {
      name: 'a blackhole on the host',
      break: (world) => world.inside('host', 'ip route add blackhole 198.18.5.0/24'),
      trace: { from: 'web', to: '198.18.5.9', codes: ['route-blackhole'], at: ['host'] },
      mended: ['web', ping('198.18.5.9')],
    },
    {
      name: 'a rule that prohibits in the container',
      break: (world) => world.inside('web', 'ip rule add to 10.81.2.0/24 prohibit'),
      trace: { from: 'web', to: 'cache', codes: ['route-blackhole'], at: ['web'] },
    },
    {
      name: 'an unreachable IPv6 route on the host',
      break: (world) => world.inside('host', 'ip -6 route add unreachable fd83::/64'),
      trace: { from: 'web', to: 'fd83::9', codes: ['route-blackhole'], at: ['host'] },
      mended: ['web', ping('fd83::9')],
    },
    {
      name: 'masquerading was flushed',
      break: (world) => world.inside('host', 'nft flush chain ip nat post'),
      trace: { from: 'web', to: '198.18.5.9', codes: ['nat-missing'], at: ['host'] },
      mended: ['web', ping('198.18.5.9')],
    },
    {
      name: 'the whole translation table was deleted',
      break: (world) => world.inside('host', 'nft delete table ip nat'),
      trace: { from: 'db', to: '198.18.5.9', codes: ['nat-missing', 'return-route-missing'], at: ['host', 'gw'] },
    },
    {
      name: 'a published port leads to nobody’s address',
      prepare: listenOnWeb,
      break: (world) =>
        world.inside(
          'host',
          'nft flush chain ip nat pre; nft add rule ip nat pre tcp dport 8080 dnat to 10.81.1.99:80',
        ),
      trace: { ...published, codes: ['nat-target-missing'], at: ['host'] },
    },
    {
      name: 'a published port leads to nobody’s address, seen by doctor',
      break: (world) =>
        world.inside(
          'host',
          'nft flush chain ip nat pre; nft add rule ip nat pre tcp dport 8080 dnat to 10.81.1.99:80',
        ),
      doctor: { codes: ['nat-target-missing'], at: ['host'] },
    },
    {
      name: 'nobody listens behind a published port',
      break: () => undefined,
      trace: { ...published, codes: ['port-closed'], at: ['web'] },
    },
    {
      name: 'the container behind a published port listens on loopback only',
      prepare: (world) => world.listen('web', 80, '127.0.0.1'),
      break: () => undefined,
      trace: { ...published, codes: ['listener-on-loopback'], at: ['web'] },
    },
    {
      name: 'a listener on ::1 only',
      prepare: (world) => world.listen('db', 5432, '::1'),
      break: () => undefined,
      trace: { from: 'web', to: 'fd81:1::12', flags: ['--tcp', '5432'], codes: ['listener-on-loopback'], at: ['db'] },
    },
    {
      name: 'a closed UDP port',
      break: () => undefined,
      trace: { from: 'web', to: 'db', flags: ['--udp', '5353'], codes: ['port-closed'], at: ['db'] },
    },
    {
      name: 'a forward chain whose policy is drop',
      break: (world) =>
        world.inside(
          'host',
          `nft add table inet fw; nft 'add chain inet fw forward { type filter hook forward priority 0; policy drop; }'`,
        ),
      trace: { from: 'web', to: 'cache', codes: ['filtered'], at: ['host'], rule: /fw.*forward/ },
      mended: ['web', ping('10.81.2.11')],
    },
    {
      name: 'a rule behind a jump and a set',
      prepare: (world) => world.listen('cache', 6379),
      break: (world) =>
        world.inside(
          'host',
          `nft -f - <<'END'
table inet fw {
  set banned { type ipv4_addr; flags interval; elements = { 10.81.1.8-10.81.1.15 } }
  chain deny { ct state new ip saddr @banned tcp dport { 80, 6379 } counter drop; }
  chain forward { type filter hook forward priority 10; ct state established,related accept; iifname "lan0" jump deny; }
}
END`,
        ),
      trace: { from: 'web', to: 'cache', flags: ['--tcp', '6379'], codes: ['filtered'], at: ['host'], rule: /deny/ },
      mended: ['web', connect('10.81.2.11', 6379)],
    },
    {
      name: 'a rejecting rule',
      prepare: (world) => world.listen('cache', 6379),
      break: (world) => world.inside('host', guard('ip', 'forward', 'tcp dport 6379', 'reject with tcp reset')),
      trace: { from: 'web', to: 'cache', flags: ['--tcp', '6379'], codes: ['filtered'], at: ['host'], rule: /guard/ },
      mended: ['web', connect('10.81.2.11', 6379)],
    },
    {
      name: 'a filter in the bridge family',
      break: (world) => world.inside('host', guard('bridge', 'forward', 'ether saddr 02:81:00:00:01:11')),
      trace: { from: 'web', to: 'db', codes: ['filtered'], at: ['host'], rule: /guard/ },
      mended: ['web', ping('10.81.1.12')],
    },
    {
      name: 'a filter of ARP',
      break: (world) => world.inside('db', guard('arp', 'input', 'arp operation request')),
      trace: { from: 'web', to: 'db', codes: ['filtered'], at: ['db'], rule: /guard/ },
      mended: ['web', ping('10.81.1.12')],
    },
    {
      name: 'a filter at a device',
      break: (world) =>
        world.inside(
          'db',
          `nft add table netdev guard; nft 'add chain netdev guard in { type filter hook ingress device eth0 priority 0; }'
           nft add rule netdev guard in ip protocol icmp drop`,
        ),
      trace: { from: 'web', to: 'db', codes: ['filtered'], at: ['db'], rule: /guard/ },
      mended: ['web', ping('10.81.1.12')],
    },
    {
      name: 'a filter at a device, in a table of family inet',
      break: (world) =>
        world.inside(
          'db',
          `nft add table inet guard; nft 'add chain inet guard in { type filter hook ingress device eth0 priority 0; }'
           nft add rule inet guard in ip protocol icmp drop`,
        ),
      trace: { from: 'web', to: 'db', codes: ['filtered'], at: ['db'], rule: /guard/ },
      mended: ['web', ping('10.81.1.12')],
    },
    {
      name: 'iptables-legacy in the asking container',
      break: (world) => world.inside('web', 'iptables-legacy -A OUTPUT -d 10.81.1.12 -p icmp -j DROP'),
      trace: { from: 'web', to: 'db', codes: ['filtered'], at: ['web'], rule: /OUTPUT/ },
      mended: ['web', ping('10.81.1.12')],
    },
    {
      name: 'ip6tables in the answering container',
      break: (world) =>
        world.inside('db', 'ip6tables -A INPUT -s fd81:1::11 -p icmpv6 --icmpv6-type echo-request -j DROP'),
      trace: { from: 'web', to: 'fd81:1::12', codes: ['filtered'], at: ['db'], rule: /INPUT/ },
      mended: ['web', ping('fd81:1::12')],
    },
    {
      name: 'iptables drops what was translated',
      prepare: listenOnWeb,
      break: (world) =>
        world.inside(
          'host',
          'iptables -A FORWARD -p tcp -d 10.81.1.11 --dport 80 -m conntrack --ctstate NEW,INVALID -j DROP',
        ),
      trace: { ...published, codes: ['filtered'], at: ['host'], rule: /FORWARD/ },
      mended: ['far', connect('198.51.100.2', 8080)],
    },
    {
      name: 'the answer is filtered on its way out',
      break: (world) => world.inside('db', guard('inet', 'output', 'icmp type echo-reply')),
      trace: { from: 'web', to: 'db', codes: ['filtered'], at: ['db'], rule: /guard/ },
      mended: ['web', ping('10.81.1.12')],
    },
  ],
}

runGauntlet(gauntlet)
