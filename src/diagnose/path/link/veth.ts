/** A pair of interfaces: what goes into one end comes out of the other (drivers/net/veth.c). */
import type { Link } from '../../../kernel/index.ts'
import { fixLinkDown, fixMtu } from '../../remedy/link-fix.ts'
import type { Place } from '../../scene/place.ts'
import { hop, stopped } from '../hops.ts'
import { isUp, mtuOf, nameOf } from '../links.ts'
import type { FrameEnding, Transit } from '../transit.ts'
import type { Walk } from '../walk.ts'

/** Room for a vlan tag that the receiving end grants beyond its MTU (is_skb_forwardable, net/core/dev.c). */
const TAG_ROOM = 4

/** Sends a frame into a veth. */
export function vethTransmit(walk: Walk, place: Place, link: Link, transit: Transit): FrameEnding[] {
  const far = walk.scene.farEnd(place.inode, link.index)
  if (far === 'gone') return [peerGone(walk, place, link, transit)]
  const peer = far?.place.link(far.index)
  if (far === undefined || peer === undefined) {
    const detail = `into a namespace that cannot be seen, through ${nameOf(link)}`
    const out = hop(walk, place, link, transit, { action: 'send', passes: 'out', detail })
    return [{ kind: 'left', place, link, nextHop: transit.packet.destination, transit: out }]
  }
  if (!isUp(peer)) return [peerDown(walk, far.place, peer, transit)]
  const { frame } = transit.packet
  const via = frame === undefined ? '' : `${frame.source} → ${frame.destination}, `
  const detail = `${via}out of ${nameOf(link)}`
  const sent = hop(walk, place, link, transit, { action: 'send', passes: 'out', detail })
  if (transit.packet.length > mtuOf(peer) + TAG_ROOM) return [peerTooSmall(walk, far.place, peer, link, sent)]
  // The flow is not attached any more on the other side, and the mark does not cross into another namespace (skb_scrub_packet).
  const packet = { ...sent.packet, mark: far.place.inode === place.inode ? sent.packet.mark : 0 }
  const crossing = `from ${nameOf(link)} in ${place.label} to ${nameOf(peer)} in ${far.place.label}`
  const untracked = { ...sent, tracked: undefined }
  const crossed = hop(walk, far.place, peer, untracked, { action: 'cross', passes: 'in', detail: crossing, packet })
  return walk.steps.arrive(walk, far.place, peer, crossed)
}

function peerGone(walk: Walk, place: Place, link: Link, transit: Transit): FrameEnding {
  const summary = `The other end of ${nameOf(link)} in ${place.label} is gone.`
  const evidence = [{ fact: `${nameOf(link)} in ${place.label} has no peer any more`, source: 'rtnetlink' }]
  return stopped(walk, { code: 'link-peer-missing', place, link, summary, evidence, fix: null }, transit)
}

function peerDown(walk: Walk, place: Place, peer: Link, transit: Transit): FrameEnding {
  const summary = `The interface ${nameOf(peer)} in ${place.label} is down.`
  const evidence = [{ fact: `${nameOf(peer)} in ${place.label} is administratively down`, source: 'rtnetlink' }]
  const fix = fixLinkDown(place, walk.scene.home, nameOf(peer))
  return stopped(walk, { code: 'interface-down', place, link: peer, summary, evidence, fix }, transit)
}

function peerTooSmall(walk: Walk, place: Place, peer: Link, link: Link, transit: Transit): FrameEnding {
  const { length } = transit.packet
  const summary = `${nameOf(peer)} in ${place.label} has MTU ${mtuOf(peer)} and drops the packet of ${length} bytes that ${nameOf(link)} sent.`
  const evidence = [
    { fact: `${nameOf(link)} has MTU ${mtuOf(link)}`, source: 'rtnetlink' },
    { fact: `${nameOf(peer)} in ${place.label} has MTU ${mtuOf(peer)}`, source: 'rtnetlink' },
  ]
  const fix = fixMtu(place, walk.scene.home, nameOf(peer), mtuOf(link))
  return stopped(walk, { code: 'mtu-mismatch', place, link: peer, summary, evidence, fix }, transit)
}
