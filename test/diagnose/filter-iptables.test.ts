/** Rule sets of iptables, of both backends: what the kernel makes of packets, and what we expect. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Packet, TrackedFlow } from '../../src/diagnose/path/packet.ts'
import { NamedNamespaces } from '../support/iproute.ts'
import { FilterWorld, type Passed, type Predicted, packet, type Side } from './filter-world.ts'

const namespaces = new NamedNamespaces('filter-iptables')

afterAll(() => namespaces.close())

/** As kube-proxy writes them: marks, service and endpoint chains, chance, hairpins. */
const KUBERNETES = `*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:KUBE-SERVICES - [0:0]
:KUBE-NODEPORTS - [0:0]
:KUBE-POSTROUTING - [0:0]
:KUBE-MARK-MASQ - [0:0]
:KUBE-SVC-ONE - [0:0]
:KUBE-SEP-A - [0:0]
:KUBE-SEP-B - [0:0]
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0
-A KUBE-POSTROUTING -m comment --comment "traffic requiring SNAT" -j MASQUERADE
-A KUBE-SERVICES -d 10.2.0.200/32 -p tcp -m comment --comment "default/web cluster IP" -m tcp --dport 80 -j KUBE-SVC-ONE
-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
-A KUBE-NODEPORTS -p tcp -m tcp --dport 8080 -j KUBE-MARK-MASQ
-A KUBE-NODEPORTS -p tcp -m tcp --dport 8080 -j KUBE-SVC-ONE
-A KUBE-SVC-ONE ! -s 10.1.0.0/24 -d 10.2.0.200/32 -p tcp -m tcp --dport 80 -j KUBE-MARK-MASQ
-A KUBE-SVC-ONE -m statistic --mode random --probability 1.00000000000 -j KUBE-SEP-A
-A KUBE-SVC-ONE -j KUBE-SEP-B
-A KUBE-SEP-A -s 10.2.0.3/32 -j KUBE-MARK-MASQ
-A KUBE-SEP-A -p tcp -m tcp -j DNAT --to-destination 10.2.0.3:8443
-A KUBE-SEP-B -p tcp -m tcp -j DNAT --to-destination 10.2.0.4:8443
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:KUBE-FORWARD - [0:0]
:KUBE-FIREWALL - [0:0]
-A INPUT -j KUBE-FIREWALL
-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
-A KUBE-FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT
-A KUBE-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A KUBE-FORWARD -d 10.2.0.3/32 -p tcp -m multiport --dports 443,8443 -j ACCEPT
-A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP
COMMIT
`

/** What people write by hand, with as many kinds of matches as there are. */
const BY_HAND = `*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A PREROUTING -p udp -m udp --dport 53 -j CT --notrack
-A PREROUTING -s 10.1.0.4/32 -i r+ -p tcp -m tcp --tcp-flags SYN,RST SYN --dport 22 -j DROP
COMMIT
*mangle
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -m conntrack --ctstate ESTABLISHED -j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xff
-A PREROUTING -m mark ! --mark 0x0/0xff -j ACCEPT
-A PREROUTING -p tcp -m multiport --dports 80,400:500 -j MARK --set-xmark 0x7/0xff
-A PREROUTING -m mark --mark 0x7/0xff -j CONNMARK --save-mark --nfmask 0xff --ctmask 0xff
-A FORWARD -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -d 10.1.0.1/32 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.2.0.9:80
-A PREROUTING -p tcp -m tcp --dport 443 -j REDIRECT --to-ports 8443
-A POSTROUTING -s 10.1.0.3/32 -o r1 -j SNAT --to-source 10.2.0.20
-A POSTROUTING -s 10.1.0.2/32 ! -o r0 -j MASQUERADE
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:user - [0:0]
:deep - [0:0]
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p tcp -m tcp --dport 8443 -m connmark --mark 0x0 -j ACCEPT
-A INPUT -p icmp -m icmp --icmp-type 8 -m limit --limit 1000/sec --limit-burst 1000 -j ACCEPT
-A INPUT -m pkttype --pkt-type broadcast -j ACCEPT
-A FORWARD -m state --state INVALID -j DROP
-A FORWARD -j user
-A FORWARD -m conntrack --ctstate UNTRACKED -j ACCEPT
-A FORWARD -p icmp -j REJECT --reject-with icmp-host-prohibited
-A user -m iprange --src-range 10.1.0.3-10.1.0.3 -m ttl --ttl-lt 100 -j deep
-A user -m conntrack --ctstate DNAT -j ACCEPT
-A user -m mark --mark 0x7/0xff -g deep
-A user -p tcp -j REJECT --reject-with tcp-reset
-A deep -d 10.2.0.3/32 -j RETURN
-A deep -m length --length 40:60 -m tos --tos 0x00 -m dscp ! --dscp 0x02 -m connlimit --connlimit-upto 1000 -m hashlimit --hashlimit-upto 1000/sec --hashlimit-mode srcip --hashlimit-name x -m conntrack --ctstate NEW --ctdir ORIGINAL -j ACCEPT
-A deep -m conntrack --ctstate ESTABLISHED -j ACCEPT
COMMIT
`

const packets: readonly Partial<Packet>[] = [2, 3, 4].flatMap((host) => {
  const source = `10.1.0.${host}`
  const ports = [22, 80, 443, 8080]
  return [
    ...ports.map((destinationPort) => ({ source, destinationPort })),
    ...ports.map((destinationPort) => ({ source, destinationPort, destination: '10.1.0.1' })),
    { source, destination: '10.2.0.3', destinationPort: 450 },
    { source, destination: '10.2.0.200', destinationPort: 80 },
    { source, protocol: 17, destinationPort: 53 },
    { source, protocol: 17, destinationPort: 80 },
    { source, protocol: 1 },
    { source, protocol: 1, destination: '10.1.0.1' },
    { source, destinationPort: 80, tcpFlags: 16 },
    { source, destinationPort: 80, tcpFlags: 18 },
  ]
})

describe.each([
  ['nft', true],
  ['legacy', false],
] as const)('iptables-%s', (backend, isTraced) => {
  let world: FilterWorld

  beforeAll(() => {
    world = new FilterWorld(namespaces, backend)
    world.observe()
    return () => world.close()
  })

  test.each([
    ['as kube-proxy writes them', KUBERNETES],
    ['as people write them', BY_HAND],
  ])('rules %s', async (_, rules) => {
    world.run([`iptables-${backend}-restore`], rules)
    world.run(['conntrack', '-F'])
    const asked = world.rules()
    expect(asked.warnings).toEqual([])
    let accepted = 0
    for (const given of packets) {
      const sent = packet(given)
      const expected = world.predict(asked, sent, 'client')
      const found = await world.send(sent, 'client')
      const about = `${JSON.stringify(given)} ${JSON.stringify(expected.outcome.rule)}`
      expect(expected.doubts, about).toEqual([])
      expect(view(expected, isTraced), about).toEqual(view(found, isTraced))
      if (expected.verdict === 'accept' && !isLocal(expected)) {
        accepted += 1
        await sendAnswer(world, sent, expected, isTraced)
      }
    }
    expect(accepted).toBeGreaterThan(2)
  })
})

/** The answer, and another packet of the same flow: what the first one's translation makes of them. */
async function sendAnswer(world: FilterWorld, sent: Packet, first: Predicted, isTraced: boolean): Promise<void> {
  const rules = world.rules()
  const hasPorts = sent.protocol === 6 || sent.protocol === 17
  const { packet: seen, flow } = first.outcome
  const answer: Packet = {
    ...seen,
    source: seen.destination,
    destination: seen.source,
    ...(hasPorts ? { sourcePort: seen.destinationPort, destinationPort: seen.sourcePort } : {}),
    ...(sent.protocol === 1 ? { icmp: { type: 0, code: 0 } } : {}),
    ...(sent.protocol === 6 ? { tcpFlags: 18 } : {}),
    ttl: 64,
    mark: 0,
  }
  const way = async (one: Packet, from: Side, known: TrackedFlow | undefined, reply: boolean): Promise<Predicted> => {
    const expected = world.predict(rules, one, from, known, reply)
    const found = await world.send(one, from)
    const about = `${reply ? 'answer' : 'second'} ${JSON.stringify(one)} ${JSON.stringify(known)}`
    expect(view(expected, isTraced), about).toEqual(view(found, isTraced))
    return expected
  }
  // Answers of packets that are not tracked begin a flow of their own.
  const isTracked = flow !== undefined && !flow.untracked
  await way(answer, 'server', isTracked ? flow : undefined, isTracked)
  if (!isTracked) return
  const again = { ...sent, ...(sent.protocol === 6 ? { tcpFlags: 16 } : {}) }
  await way(again, 'client', { ...flow, answered: true }, false)
}

function isLocal({ hook }: Passed): boolean {
  return hook === 'input'
}

function view(
  { verdict, handle, chain, source, destination, sourcePort, destinationPort, mark }: Passed,
  isTraced: boolean,
): object {
  return {
    verdict,
    ...(isTraced && verdict === 'drop' ? { handle, chain } : {}),
    ...(verdict === 'accept' ? { source, destination, sourcePort, destinationPort, mark } : {}),
  }
}
