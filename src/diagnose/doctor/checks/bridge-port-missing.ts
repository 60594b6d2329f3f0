/** Ends of containers' cables that ought to be ports of a bridge, and are not. */

import { fixPortMissing } from '../../remedy/link-fix.ts'
import { contains } from '../address.ts'
import type { Check, Diagnosis, Examination } from '../examination.ts'
import type { Interface } from '../interface.ts'
import type { TunnelEnd } from '../overlay.ts'
import { called, fact, listed, subjectOf } from '../words.ts'

/** `bridge-port-missing` */
export const bridgePortMissing: Check = {
  codes: ['bridge-port-missing'],
  examine(examination) {
    const loose = examination.wiring.interfaces.filter((one) => isLoose(one, examination))
    return [
      ...loose.flatMap((one) => judge(one, examination) ?? []),
      ...examination.overlays.ends.flatMap((end) => judgeTunnel(end, examination) ?? []),
    ]
  },
}

/** The near end of a cable to somebody with an address, not told to do anything itself: no master, no address. */
function isLoose(one: Interface, { wiring, broken }: Examination): boolean {
  if (one.kind !== 'veth' || one.master !== 0 || one.addresses.length > 0 || broken.has(one)) return false
  const peer = wiring.seenPeer(one)
  return peer !== undefined && peer.master === 0 && peer.addresses.length > 0 && peer.place.inode !== one.place.inode
}

function judge(one: Interface, examination: Examination): Diagnosis | undefined {
  const peer = examination.wiring.seenPeer(one)!
  const found = findBridge(one, peer, examination)
  // A cable that packets are routed into needs no bridge.
  if (found === undefined || isRouted(one) || isAnsweredFor(one)) return undefined
  const { bridge, reason } = found
  return {
    finding: {
      code: 'bridge-port-missing',
      severity: 'error',
      subject: subjectOf(one.place, one),
      summary: `${called(one)}, where ${called(peer)} is plugged in, is not a port of bridge ${bridge.name}, so ${peer.place.label} is cut off.`,
      evidence: [
        fact(`${called(one)} has no master and no address`),
        fact(`its other end is ${called(peer)} with ${listed(peer.addresses.map(({ text }) => text))}`),
        reason,
      ],
      fix: fixPortMissing(one.place, examination.scene.home, one.name, bridge.name),
    },
    breaks: [one, peer],
  }
}

/** The end of a tunnel that hangs loose beside a bridge of the same subnet as those behind its other ends. */
function judgeTunnel(end: TunnelEnd, examination: Examination): Diagnosis | undefined {
  const { vxlan } = end
  const { wiring, overlays, scene, broken } = examination
  if (vxlan.master !== 0 || vxlan.addresses.length > 0 || !vxlan.up || broken.has(vxlan) || isRouted(vxlan))
    return undefined
  const bridges = wiring.of(vxlan.place.inode).filter(({ kind }) => kind === 'bridge')
  for (const { stations } of overlays.partners(end)) {
    for (const station of stations) {
      const found = bridgeOfSubnet(station, bridges, examination)
      if (found === undefined) continue
      const { bridge, reason } = found
      return {
        finding: {
          code: 'bridge-port-missing',
          severity: 'error',
          subject: subjectOf(vxlan.place, vxlan),
          summary: `${called(vxlan)}, the tunnel to ${called(station)}, is not a port of bridge ${bridge.name}, so the two halves of that network are cut off from each other.`,
          evidence: [
            fact(`${called(vxlan)} has no master and no address`),
            reason,
            fact(`${called(station)} is behind its other end`),
          ],
          fix: fixPortMissing(vxlan.place, scene.home, vxlan.name, bridge.name),
        },
        breaks: [vxlan],
      }
    }
  }
  return undefined
}

/** The bridge that it belongs to: by the runtime's word, or because the bridge or those behind it are in the same subnet. */
function findBridge(
  one: Interface,
  peer: Interface,
  examination: Examination,
): { bridge: Interface; reason: Evidence } | undefined {
  const bridges = examination.wiring.of(one.place.inode).filter(({ kind }) => kind === 'bridge')
  return recordedBridge(peer, bridges, examination) ?? bridgeOfSubnet(peer, bridges, examination)
}

type Evidence = Diagnosis['finding']['evidence'][number]

function recordedBridge(
  peer: Interface,
  bridges: readonly Interface[],
  { intent }: Examination,
): { bridge: Interface; reason: Evidence } | undefined {
  const container = intent.containers.find(({ namespace }) => namespace === peer.place.inode)
  const endpoint = container?.endpoints.find(({ mac }) => mac !== null && mac === peer.mac)
  const network = intent.networks.find(({ id }) => id === endpoint?.networkId)
  const bridge = bridges.find(({ name }) => name === network?.bridgeName)
  if (container === undefined || network === undefined || bridge === undefined) return undefined
  return {
    bridge,
    reason: fact(
      `${container.runtime} has ${container.name} on network ${network.name}, whose bridge is ${bridge.name}`,
      container.runtime,
    ),
  }
}

function bridgeOfSubnet(
  peer: Interface,
  bridges: readonly Interface[],
  { wiring }: Examination,
): { bridge: Interface; reason: Evidence } | undefined {
  for (const bridge of bridges) {
    const own = bridge.addresses.find(({ subnet }) => peer.addresses.some(({ address }) => contains(subnet, address)))
    if (own !== undefined) return { bridge, reason: fact(`${called(bridge)} has ${own.text}, of the same subnet`) }
  }
  for (const bridge of bridges) {
    for (const port of wiring.ports(bridge)) {
      const sibling = wiring.seenPeer(port)
      const shared = sibling?.addresses.find(({ subnet }) =>
        peer.addresses.some(({ address }) => contains(subnet, address)),
      )
      if (sibling === undefined || shared === undefined) continue
      return {
        bridge,
        reason: fact(`${called(sibling)} with ${shared.text}, of the same subnet, is behind bridge ${bridge.name}`),
      }
    }
  }
  return undefined
}

function isRouted({ place, index }: Interface): boolean {
  return (['ipv4', 'ipv6'] as const).some((family) =>
    place.routes(family).some((route) => {
      const leads = route.outputInterface === index || route.nextHops?.some((hop) => hop.index === index) === true
      // The kernel gives every interface routes to fe80::/64 and ff00::/8.
      return leads && !/^(fe80:|ff)/i.test(route.destination ?? '')
    }),
  )
}

/** The host answers for others on it (proxy ARP), as routed container networks do. */
function isAnsweredFor({ place, name }: Interface): boolean {
  return place.settings.ofInterface('ipv4', name, 'proxy_arp') === '1'
}
