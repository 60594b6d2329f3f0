/** What separates two interfaces that ought to be in one layer 2 domain. */
import type { Link } from '../../../kernel/index.ts'
import { ownAddress } from '../../../kernel/index.ts'
import { fixAddressExtra, fixPortMissing } from '../../remedy/link-fix.ts'
import type { Place } from '../../scene/place.ts'
import { inSamePrefix } from '../addresses.ts'
import { portsOf } from '../bridge/switching.ts'
import { downStop } from '../link/transmit-stops.ts'
import { isUp, kindOf, nameOf } from '../links.ts'
import type { Stop } from '../transit.ts'
import type { Walk } from '../walk.ts'
import { type Attachment, attachmentOf, type End, sameEnd } from './attachment.ts'

/** Why `there` cannot be reached from `here` on layer 2; undefined when nothing separates them. */
export function separation(walk: Walk, here: End, there: End, address: string): Stop | undefined {
  const ours = attachmentOf(walk, here.place, here.link)
  const theirs = attachmentOf(walk, there.place, there.link)
  const broken = theirs.broken ?? ours.broken
  if (broken !== undefined) return broken
  if (ours.ends.some((end) => theirs.ends.some((other) => sameEnd(end, other)))) return undefined
  if (ours.bridge !== undefined && theirs.bridge !== undefined) return betweenBridges(walk, ours, theirs, address)
  const loose = ours.bridge === undefined ? ours : theirs
  return looseEnd(walk, loose, loose === ours ? theirs : ours, address)
}

/** An end that hangs on nothing, where the other hangs on a bridge. */
function looseEnd(walk: Walk, loose: Attachment, other: Attachment, address: string): Stop | undefined {
  const end = loose.ends.at(-1)
  if (end === undefined || loose.ends.length < 2) return undefined
  const here = other.bridge?.place.inode === end.place.inode ? other.bridge.link : bridgeFor(walk, end, address)
  return here === undefined ? undefined : portMissing(walk, end, here)
}

/** The interface ought to be a port of the bridge. */
export function portMissing(walk: Walk, { place, link }: End, bridge: Link): Stop {
  const now = link.master === undefined ? undefined : place.link(link.master)
  const where = now === undefined ? 'not a port of any bridge' : `a port of ${nameOf(now)}`
  const summary = `${nameOf(link)} in ${place.label} is ${where}, where it ought to be one of ${nameOf(bridge)}.`
  const siblings = portsOf(place, bridge).map(nameOf).slice(0, 5).join(', ')
  const evidence = [
    { fact: `${nameOf(link)} in ${place.label} is ${where}`, source: 'rtnetlink' },
    {
      fact: `ports of ${nameOf(bridge)} in ${place.label}: ${siblings === '' ? 'none' : siblings}`,
      source: 'rtnetlink',
    },
  ]
  const fix = fixPortMissing(place, walk.scene.home, nameOf(link), nameOf(bridge))
  return { code: 'bridge-port-missing', place, link, summary, evidence, fix }
}

/** The bridge of a namespace that serves an address: by its own address, by those behind its ports, or as the only one. */
export function bridgeFor(walk: Walk, { place }: End, address: string): Link | undefined {
  const bridges = place.links.filter((link) => kindOf(link) === 'bridge')
  const [only] = bridges
  return bridges.find((bridge) => serves(walk, place, bridge, address)) ?? (bridges.length === 1 ? only : undefined)
}

/** Whether a bridge, or somebody behind one of its ports, is in the subnet of an address. */
function serves(walk: Walk, place: Place, bridge: Link, address: string, except?: End): boolean {
  if (inSubnetOf(place, bridge, address)) return true
  return portsOf(place, bridge).some((port) => {
    const far = walk.scene.farEnd(place.inode, port.index)
    const peer = far === undefined || far === 'gone' ? undefined : far.place.link(far.index)
    if (far === undefined || far === 'gone' || peer === undefined) return false
    if (except !== undefined && sameEnd(except, { place: far.place, link: peer })) return false
    return inSubnetOf(far.place, peer, address)
  })
}

function inSubnetOf(place: Place, link: Link, address: string): boolean {
  return place.addresses.some((entry) => {
    const own = ownAddress(entry)
    return (
      entry.index === link.index &&
      entry.prefixLength > 0 &&
      own !== undefined &&
      inSamePrefix(own, address, entry.prefixLength)
    )
  })
}

function betweenBridges(walk: Walk, ours: Attachment, theirs: Attachment, address: string): Stop | undefined {
  const one = ours.bridge
  const other = theirs.bridge
  if (one === undefined || other === undefined || sameEnd(one, other)) return undefined
  if (one.place.inode !== other.place.inode) return trunkMissing(walk, one, other)
  return subnetInTwoPlaces(walk, ours, theirs, address) ?? wrongBridge(walk, ours, theirs, address)
}

/** The asker is where it belongs by another of its addresses: it is the subnet that is in two places. */
function subnetInTwoPlaces(walk: Walk, ours: Attachment, theirs: Attachment, address: string): Stop | undefined {
  const [end] = ours.ends
  const [own, other] = [ours.bridge, theirs.bridge]
  if (end === undefined || own === undefined || other === undefined || serves(walk, own.place, own.link, address, end))
    return undefined
  const addresses = end.place.addresses.filter((entry) => entry.index === end.link.index)
  const belongs = addresses.some((entry) => {
    const local = ownAddress(entry)
    return (
      local !== undefined && !inSamePrefix(local, address, entry.prefixLength) && inSubnetOf(own.place, own.link, local)
    )
  })
  if (!belongs) return undefined
  const summary = `${nameOf(end.link)} in ${end.place.label} has an address in the subnet of ${address}, but that subnet is behind ${nameOf(other.link)} in ${other.place.label}, not behind ${nameOf(own.link)}.`
  const evidence = addresses.map((entry) => ({
    fact: `${nameOf(end.link)} in ${end.place.label} has ${ownAddress(entry)}/${entry.prefixLength}`,
    source: 'rtnetlink',
  }))
  const wrong = addresses.find((entry) => inSamePrefix(ownAddress(entry) ?? '', address, entry.prefixLength))
  const fix =
    wrong === undefined
      ? null
      : fixAddressExtra(end.place, walk.scene.home, nameOf(end.link), `${ownAddress(wrong)}/${wrong.prefixLength}`)
  return { code: 'subnet-overlap', place: end.place, link: end.link, summary, evidence, fix }
}

/** Both on bridges of one namespace, but on different ones: the one whose bridge does not serve the subnet is misplaced. */
function wrongBridge(walk: Walk, ours: Attachment, theirs: Attachment, address: string): Stop | undefined {
  const [one, other] = [ours.bridge, theirs.bridge]
  const [ourPort, theirPort] = [ours.ends.at(-1), theirs.ends.at(-1)]
  if (one === undefined || other === undefined || ourPort === undefined || theirPort === undefined) return undefined
  const weight = (bridge: End, port: End) => servingCount(walk, bridge, port, address)
  const theirsIsRight = weight(other, theirPort) > weight(one, ourPort)
  if (theirsIsRight && ourPort.place.inode === other.place.inode && !sameEnd(ourPort, one))
    return portMissing(walk, ourPort, other.link)
  if (theirPort.place.inode === one.place.inode && !sameEnd(theirPort, other))
    return portMissing(walk, theirPort, one.link)
  return undefined
}

/** How much speaks for a bridge: its own address, and every member of the subnet behind a port other than the one in question. */
function servingCount(walk: Walk, { place, link }: End, except: End, address: string): number {
  const others = portsOf(place, link).filter((port) => port.index !== except.link.index)
  const members = others.filter((port) => {
    const far = walk.scene.farEnd(place.inode, port.index)
    const peer = far === undefined || far === 'gone' ? undefined : far.place.link(far.index)
    return far !== undefined && far !== 'gone' && peer !== undefined && inSubnetOf(far.place, peer, address)
  })
  return (inSubnetOf(place, link, address) ? 2 : 0) + members.length
}

/** Bridges of two namespaces: what joined them, a pair or a vxlan, is down or not a port any more. */
function trunkMissing(walk: Walk, one: End, other: End): Stop | undefined {
  const loose = looseVxlan(walk, one) ?? looseVxlan(walk, other)
  if (loose !== undefined || (hasVxlan(one) && hasVxlan(other))) return loose
  for (const [here, there] of [
    [one, other],
    [other, one],
  ] as const) {
    const trunk = here.place.links.find((link) => leadsTo(walk, here.place, link, there.place))
    if (trunk !== undefined) {
      if (!isUp(trunk)) return downStop(walk, here.place, trunk)
      if (trunk.master !== here.link.index) return portMissing(walk, { place: here.place, link: trunk }, here.link)
    }
  }
  return undefined
}

function leadsTo(walk: Walk, place: Place, link: Link, target: Place): boolean {
  const far = walk.scene.farEnd(place.inode, link.index)
  if (far === undefined || far === 'gone' || far.place.inode !== target.inode || place.inode === target.inode)
    return false
  // With an address of its own it is a routed wire, under a tunnel perhaps.
  return !place.addresses.some((entry) => entry.index === link.index && entry.scope === 0)
}

function hasVxlan({ place, link }: End): boolean {
  return portsOf(place, link).some((port) => kindOf(port) === 'vxlan')
}

/** A vxlan in the bridge's namespace that is down, or a port of nothing, while the bridge has none. */
function looseVxlan(walk: Walk, { place, link }: End): Stop | undefined {
  const vxlans = place.links.filter((candidate) => kindOf(candidate) === 'vxlan')
  if (vxlans.length === 0 || vxlans.some((candidate) => candidate.master === link.index && isUp(candidate)))
    return undefined
  const own = vxlans.find((candidate) => candidate.master === link.index)
  if (own !== undefined) return downStop(walk, place, own)
  const loose = vxlans.find((candidate) => candidate.master === undefined)
  return loose === undefined ? undefined : portMissing(walk, { place, link: loose }, link)
}
