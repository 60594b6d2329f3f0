/** IP in IP and its kin (net/ipv4/ip_tunnel.c, net/ipv6/ip6_tunnel.c, drivers/net/geneve.c). */
import type { Link } from '../../../kernel/index.ts'
import type { Place } from '../../scene/place.ts'
import { familyOfAddress, isUnspecified } from '../addresses.ts'
import { linksOfKind } from '../graph-links.ts'
import { hop, stopped } from '../hops.ts'
import { isUp, kindOf, nameOf } from '../links.ts'
import { type Packet, Protocol } from '../packet.ts'
import type { FrameEnding, Transit } from '../transit.ts'
import type { Walk } from '../walk.ts'

/** IP protocol numbers of tunnels. */
const PROTOCOLS: Readonly<Record<string, number>> = {
  ipip: 4,
  sit: 41,
  ip6tnl: 41,
  gre: 47,
  gretap: 47,
  ip6gre: 47,
  ip6gretap: 47,
  geneve: Protocol.udp,
}
const GENEVE_PORT = 6081
/** More than any of them adds. */
const OVERHEAD = 58

interface Ends {
  readonly local: string | undefined
  readonly remote: string | undefined
  readonly key: number
}

function endsOf(link: Link): Ends {
  const { ipip, sit, ip6tnl, gre, gretap, ip6gre, ip6gretap, geneve } = link.info ?? {}
  if (geneve !== undefined) return { local: undefined, remote: geneve.remote ?? geneve.remote6, key: geneve.id ?? 0 }
  const routed = gre ?? gretap ?? ip6gre ?? ip6gretap
  if (routed !== undefined) return { local: routed.local, remote: routed.remote, key: routed.outputKey ?? 0 }
  const plain = ipip ?? sit ?? ip6tnl
  return { local: plain?.local, remote: plain?.remote, key: 0 }
}

/** Sends a packet into a tunnel. */
export function tunnelTransmit(walk: Walk, place: Place, link: Link, transit: Transit): FrameEnding[] {
  const { local, remote, key } = endsOf(link)
  const underlay = walk.scene.underlay(place.inode, link.index)
  const detail = `${kindOf(link)} to ${remote ?? 'whoever a route names'}`
  const sent = hop(walk, place, link, transit, { action: 'encapsulate', passes: 'out', detail })
  if (underlay === undefined || remote === undefined || isUnspecified(remote)) {
    return [{ kind: 'left', place, link, nextHop: remote ?? transit.packet.destination, transit: sent }]
  }
  const outer = outerPacket(link, transit.packet, local, remote)
  const ending = walk.steps.send(walk, underlay, { packet: outer, hops: sent.hops }, { tunnelled: true })
  const inner = { ...transit.packet, mark: 0 }
  if (ending.kind !== 'delivered') return [{ ...ending, transit: { ...ending.transit, packet: inner } }]
  return decapsulate(walk, ending.place, { packet: inner, hops: ending.transit.hops }, link, {
    local: ending.transit.packet.destination,
    remote: ending.transit.packet.source,
    key,
  })
}

function outerPacket(link: Link, inner: Packet, local: string | undefined, remote: string): Packet {
  const family = familyOfAddress(remote)
  const kind = kindOf(link)
  return {
    family,
    source: local ?? (family === 'ipv4' ? '0.0.0.0' : '::'),
    destination: remote,
    protocol: PROTOCOLS[kind] ?? 0,
    sourcePort: kind === 'geneve' ? 49152 : 0,
    destinationPort: kind === 'geneve' ? GENEVE_PORT : 0,
    ttl: 64,
    length: inner.length + OVERHEAD,
    dontFragment: false,
    mark: 0,
    frame: undefined,
  }
}

function decapsulate(walk: Walk, underlay: Place, transit: Transit, sender: Link, outer: Ends): FrameEnding[] {
  const kind = kindOf(sender)
  const here = linksOfKind(walk.scene, (other) => other === kind).filter(
    ({ place, link }) => walk.scene.underlay(place.inode, link.index)?.inode === underlay.inode,
  )
  const taker = here.find(({ link }) => isUp(link) && matches(endsOf(link), outer))
  if (taker === undefined) {
    const summary = `No ${kind} tunnel in ${underlay.label} takes packets from ${outer.remote} to ${outer.local}.`
    const evidence = [{ fact: `no ${kind} interface with these ends in ${underlay.label}`, source: 'rtnetlink' }]
    return [stopped(walk, { code: 'link-peer-missing', place: underlay, summary, evidence, fix: null }, transit)]
  }
  const { place, link } = taker
  const detail = `${kind} from ${outer.remote} is ${nameOf(link)} in ${place.label}`
  const packet = /tap$|geneve/.test(kind) ? transit.packet : { ...transit.packet, frame: undefined }
  const inner = hop(walk, place, link, transit, { action: 'decapsulate', passes: 'in', detail, packet })
  return walk.steps.arrive(walk, place, link, inner)
}

function matches(own: Ends, outer: Ends): boolean {
  const local = isUnspecified(own.local) || own.local === outer.local
  const remote = isUnspecified(own.remote) || own.remote === outer.remote
  return local && remote && own.key === outer.key
}
