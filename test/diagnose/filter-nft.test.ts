/** Rule sets of nftables as programs and people write them: what the kernel makes of flows, and what we expect. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Packet, TrackedFlow } from '../../src/diagnose/path/packet.ts'
import { NamedNamespaces } from '../support/iproute.ts'
import { FilterWorld, type Passed, type Predicted, packet, type Side } from './filter-world.ts'

const namespaces = new NamedNamespaces('filter-nft')
let world: FilterWorld

beforeAll(() => {
  world = new FilterWorld(namespaces, 'a')
})

afterAll(() => {
  world.close()
  namespaces.close()
})

/** As firewalld writes them: zones by interface and source, policies between zones, everything else rejected. */
const FIREWALLD = `table inet firewalld {
  chain mangle_PREROUTING { type filter hook prerouting priority -140; policy accept; jump mangle_PREROUTING_ZONES; }
  chain mangle_PREROUTING_ZONES { iifname "r0" goto mangle_PRE_public; goto mangle_PRE_public; }
  chain mangle_PRE_public { tcp dport 7000 meta mark set mark & 0x0 ^ 0x64; }
  chain nat_PREROUTING { type nat hook prerouting priority -90; policy accept; jump nat_PREROUTING_ZONES; }
  chain nat_PREROUTING_ZONES { iifname "r0" goto nat_PRE_public; }
  chain nat_PRE_public { meta mark 0x64 meta l4proto tcp dnat ip to 10.2.0.4:7070; ip6 daddr fd00:1::1 tcp dport 7001 dnat to [fd00:2::4]:7071; }
  chain nat_POSTROUTING { type nat hook postrouting priority 110; policy accept; oifname "r1" goto nat_POST_public; }
  chain nat_POST_public { meta nfproto ipv4 oifname != "lo" masquerade; }
  chain filter_INPUT {
    type filter hook input priority 10; policy accept;
    ct state { established, related } accept
    ct status dnat accept
    iifname "lo" accept
    ct state invalid drop
    jump filter_INPUT_ZONES
    reject with icmpx admin-prohibited
  }
  chain filter_INPUT_ZONES { iifname "r0" goto filter_IN_public; goto filter_IN_public; }
  chain filter_IN_public { tcp dport 22 accept; ip6 daddr fe80::/64 udp dport 546 accept; meta l4proto { icmp, ipv6-icmp } accept; }
  chain filter_FORWARD {
    type filter hook forward priority 10; policy accept;
    ct state { established, related } accept
    ct status dnat accept
    iifname "lo" accept
    ct state invalid drop
    ip6 daddr { ::/96, 2002:a00::/24 } reject with icmpv6 addr-unreachable
    jump filter_FORWARD_ZONES
    reject with icmpx admin-prohibited
  }
  chain filter_FORWARD_ZONES { iifname "r0" oifname "r1" goto filter_FWD_public; }
  chain filter_FWD_public { meta l4proto { icmp, ipv6-icmp } accept; tcp dport { 443, 8443 } accept; }
}
`

/** As kube-proxy of nftables and people with load balancers write them: concatenations and maps everywhere. */
const MAPS = `table ip services {
  set blocked { type ipv4_addr . inet_proto . inet_service; flags interval; elements = { 10.1.0.3 . tcp . 1-1024 }; }
  map service-ips { type ipv4_addr . inet_proto . inet_service : verdict; elements = { 10.2.0.200 . tcp . 80 : goto service-web, 10.2.0.200 . udp . 53 : goto service-dns }; }
  map masquerading { type ifname . ipv4_addr : verdict; elements = { "r1" . 10.1.0.4 : goto masq }; }
  map endpoints { type inet_proto . inet_service : ipv4_addr . inet_service; elements = { udp . 53 : 10.2.0.6 . 5353 }; }
  chain first { type filter hook prerouting priority -110; policy accept; ip saddr . meta l4proto . th dport @blocked drop; }
  chain translate { type nat hook prerouting priority dstnat; policy accept; ip daddr . meta l4proto . th dport vmap @service-ips; }
  chain service-web { ip saddr 10.1.0.4 meta mark set mark | 0x4000; numgen random mod 1 vmap { 0 : goto endpoint }; }
  chain service-dns { dnat ip to meta l4proto . th dport map @endpoints; }
  chain endpoint { meta l4proto tcp dnat to 10.2.0.5:8080; }
  chain leaving { type nat hook postrouting priority srcnat; policy accept; meta mark & 0x4000 == 0x4000 masquerade; oifname . ip saddr vmap @masquerading; }
  chain masq { meta l4proto tcp snat to 10.2.0.20:20000-65000; snat to 10.2.0.20; }
  chain reject-not-ready { type filter hook forward priority -100; policy accept; ct state new ip daddr . meta l4proto . th dport { 10.2.0.201 . tcp . 80 } reject; }
}
`

const packets: readonly Partial<Packet>[] = [
  ...[2, 3, 4].flatMap((host) => [
    ...[22, 80, 443, 7000].map((destinationPort) => ({ source: `10.1.0.${host}`, destinationPort })),
    ...[80, 443].map((destinationPort) => ({ source: `10.1.0.${host}`, destination: '10.2.0.200', destinationPort })),
    { source: `10.1.0.${host}`, destination: '10.2.0.200', destinationPort: 53, protocol: 17 },
    { source: `10.1.0.${host}`, destination: '10.2.0.201' },
    { source: `10.1.0.${host}`, destination: '10.1.0.1', destinationPort: 22 },
    { source: `10.1.0.${host}`, destination: '10.1.0.1', destinationPort: 80 },
    { source: `10.1.0.${host}`, protocol: 1 },
    { source: `10.1.0.${host}`, tcpFlags: 18 },
  ]),
  { family: 'ipv6', destinationPort: 443 },
  { family: 'ipv6', destinationPort: 80 },
  { family: 'ipv6', destination: 'fd00:1::1', destinationPort: 7001 },
  { family: 'ipv6', protocol: 58 },
]

test.each([
  ['firewalld', FIREWALLD],
  ['services and maps', MAPS],
])('%s: packets, their answers, and those that follow', async (_, rules) => {
  world.nft(rules.replaceAll('; }', ';\n}'))
  const asked = world.rules()
  expect(asked.warnings).toEqual([])
  let accepted = 0
  for (const given of packets) {
    const sent = packet(given)
    const first = await both(sent, 'client', undefined, false)
    if (first.verdict !== 'accept' || first.hook === 'input') continue
    accepted += 1
    const { flow, packet: seen } = first.outcome
    if (flow === undefined) continue
    await both(answerTo(seen), 'server', flow, true)
    await both(
      { ...sent, ...(sent.protocol === 6 ? { tcpFlags: 16 } : {}) },
      'client',
      { ...flow, answered: true },
      false,
    )
  }
  expect(accepted).toBeGreaterThan(5)

  async function both(one: Packet, from: Side, flow: TrackedFlow | undefined, reply: boolean): Promise<Predicted> {
    const expected = world.predict(asked, one, from, flow, reply)
    const found = await world.send(one, from)
    const about = `${reply ? 'answer ' : ''}${JSON.stringify(one)} ${JSON.stringify(flow)}`
    expect(
      expected.doubts.filter((doubt) => !doubt.includes('one of the ports')),
      about,
    ).toEqual([])
    expect(view(expected), about).toEqual(view(found))
    return expected
  }
})

function answerTo(seen: Packet): Packet {
  const isEcho = seen.protocol === 1 || seen.protocol === 58
  return {
    ...seen,
    source: seen.destination,
    destination: seen.source,
    ...(isEcho
      ? { icmp: { type: seen.protocol === 1 ? 0 : 129, code: 0 } }
      : { sourcePort: seen.destinationPort, destinationPort: seen.sourcePort }),
    ...(seen.protocol === 6 ? { tcpFlags: 18 } : {}),
    ttl: 64,
    mark: 0,
  }
}

function view({ verdict, handle, chain, source, destination, sourcePort, destinationPort, mark }: Passed): object {
  if (verdict === 'drop') return { verdict, handle, chain }
  return { verdict, source, destination, sourcePort, destinationPort, mark }
}
