/** An outer packet of a vxlan came in: which interface takes what is in it (vxlan_rcv, drivers/net/vxlan/vxlan_core.c). */
import type { Link } from '../../../kernel/index.ts'
import { fixVtep } from '../../remedy/neighbour-fix.ts'
import type { Place } from '../../scene/place.ts'
import { isUnspecified } from '../addresses.ts'
import { linksOfKind } from '../graph-links.ts'
import { hop, stopped } from '../hops.ts'
import { isUp, macOf, nameOf } from '../links.ts'
import type { FrameEnding, Stop, Transit } from '../transit.ts'
import type { Walk } from '../walk.ts'
import { downStop } from './transmit-stops.ts'

/** The outer headers, and who sent them. */
export interface OuterHeaders {
  readonly vtep: string
  readonly from: string
  readonly port: number
  readonly vni: number
  readonly sender: Place
  readonly senderLink: Link
}

/** A vxlan, and the namespace that it is in. */
export interface Endpoint {
  readonly place: Place
  readonly link: Link
}

/** Vxlan interfaces whose outer packets come in at a namespace. */
export function vxlansOver(walk: Walk, underlay: Place): Endpoint[] {
  return linksOfKind(walk.scene, (kind) => kind === 'vxlan').filter(
    ({ place, link }) => walk.scene.underlay(place.inode, link.index)?.inode === underlay.inode,
  )
}

/** Hands the inner frame to the vxlan that listens for it. */
export function decapsulate(walk: Walk, underlay: Place, transit: Transit, outer: OuterHeaders): FrameEnding[] {
  const here = vxlansOver(walk, underlay)
  const listening = here.filter(({ link }) => (link.info?.vxlan?.port ?? 8472) === outer.port && isUp(link))
  const taker = listening.find(
    ({ link }) => (link.info?.vxlan?.id === outer.vni || link.info?.vxlan?.collectMetadata === 1) && isFor(link, outer),
  )
  if (taker === undefined) return [stopped(walk, nobody(walk, underlay, here, transit, outer), transit)]
  const { place, link } = taker
  learnSender(walk, taker, transit, outer)
  const detail = `vxlan ${outer.vni} from ${outer.from} is ${nameOf(link)} in ${place.label}`
  const inner = hop(
    walk,
    place,
    link,
    { ...transit, tracked: undefined },
    { action: 'decapsulate', passes: 'in', detail },
  )
  // Its own frames come back to it where somebody floods in a circle (vxlan_set_mac).
  if (inner.packet.frame?.source === macOf(link)) return []
  return walk.steps.arrive(walk, place, link, inner)
}

function isFor(link: Link, outer: OuterHeaders): boolean {
  const local = outer.vtep.includes(':') ? link.info?.vxlan?.local6 : link.info?.vxlan?.local
  return isUnspecified(local) || local === outer.vtep
}

function learnSender(walk: Walk, { place, link }: Endpoint, transit: Transit, outer: OuterHeaders): void {
  const source = transit.packet.frame?.source
  if (link.info?.vxlan?.learning === 0 || source === undefined) return
  const table = `${place.inode}/${link.index}`
  const known = place.forwarding.some(
    (entry) => entry.index === link.index && entry.lladdr === source && (entry.state & 0xc0) !== 0,
  )
  if (!known) walk.learnPort(table, 0, source, outer.from)
}

function nobody(walk: Walk, underlay: Place, here: readonly Endpoint[], transit: Transit, outer: OuterHeaders): Stop {
  const down = here.find(({ link }) => link.info?.vxlan?.id === outer.vni && !isUp(link))
  if (down !== undefined) return downStop(walk, down.place, down.link)
  const misled = wrongDetails(walk, transit, outer)
  if (misled !== undefined) return misled
  const other = here.find(({ link }) => (link.info?.vxlan?.port ?? 8472) === outer.port)
  if (other !== undefined) return otherVni(other, outer)
  const elsewhere = here.find(({ link }) => link.info?.vxlan?.id === outer.vni)
  if (elsewhere !== undefined) return otherPort(elsewhere, outer)
  const summary = `Nobody in ${underlay.label} takes vxlan packets on port ${outer.port}.`
  const evidence = [
    { fact: `${underlay.label} has no vxlan with VNI ${outer.vni} on port ${outer.port}`, source: 'rtnetlink' },
  ]
  return { code: 'fdb-wrong-destination', place: outer.sender, link: outer.senderLink, summary, evidence, fix: null }
}

/** The sender's forwarding entry names a port or VNI that is not its vxlan's own (bridge(8), `port` and `vni`). */
function wrongDetails(walk: Walk, { packet }: Transit, outer: OuterHeaders): Stop | undefined {
  const { sender, senderLink, vni, port, vtep } = outer
  const own = senderLink.info?.vxlan
  if (own === undefined || own.collectMetadata === 1 || (own.id === vni && (own.port ?? 8472) === port))
    return undefined
  const mac = packet.frame?.destination
  const name = nameOf(senderLink)
  const summary = `The forwarding entry of ${name} in ${sender.label} for ${mac ?? 'the frame'} leads to VNI ${vni} on port ${port} of ${vtep}, where nobody takes it.`
  const evidence = [
    { fact: `${name} in ${sender.label} has VNI ${own.id ?? 0} and port ${own.port ?? 8472}`, source: 'rtnetlink' },
  ]
  const fix = mac === undefined ? null : fixVtep(sender, walk.scene.home, name, mac, vtep)
  return { code: 'fdb-wrong-destination', place: sender, link: senderLink, summary, evidence, fix }
}

function vniFacts({ place, link }: Endpoint, outer: OuterHeaders) {
  return [
    {
      fact: `${nameOf(outer.senderLink)} in ${outer.sender.label} sends with VNI ${outer.vni} on port ${outer.port}`,
      source: 'rtnetlink',
    },
    {
      fact: `${nameOf(link)} in ${place.label} has VNI ${link.info?.vxlan?.id ?? 0} on port ${link.info?.vxlan?.port ?? 8472}`,
      source: 'rtnetlink',
    },
  ]
}

function otherVni(other: Endpoint, outer: OuterHeaders): Stop {
  const { place, link } = other
  const summary = `${nameOf(link)} in ${place.label} has VNI ${link.info?.vxlan?.id ?? 0}, but ${nameOf(outer.senderLink)} in ${outer.sender.label} sends with VNI ${outer.vni}.`
  return { code: 'vxlan-vni-mismatch', place, link, summary, evidence: vniFacts(other, outer), fix: null }
}

function otherPort(other: Endpoint, outer: OuterHeaders): Stop {
  const { place, link } = other
  const summary = `${nameOf(link)} in ${place.label} listens on port ${link.info?.vxlan?.port ?? 8472}, but ${nameOf(outer.senderLink)} in ${outer.sender.label} sends to port ${outer.port}.`
  return { code: 'vxlan-vni-mismatch', place, link, summary, evidence: vniFacts(other, outer), fix: null }
}
