/** An address behind a vxlan: entries that miss or mislead, and networks that do not match. */
import type { Link } from '../../../kernel/index.ts'
import { ownAddress } from '../../../kernel/index.ts'
import { fixAddressMissing } from '../../remedy/link-fix.ts'
import { fixFloodEntry, fixNeighbourMissing, fixVtep } from '../../remedy/neighbour-fix.ts'
import type { Place } from '../../scene/place.ts'
import { hasAddress, inSamePrefix, isGroupMac, isUnspecified } from '../addresses.ts'
import { portsOf } from '../bridge/switching.ts'
import { entriesOf } from '../link/vxlan.ts'
import { kindOf, macOf, nameOf, ZERO_MAC } from '../links.ts'
import type { Stop } from '../transit.ts'
import type { Walk } from '../walk.ts'
import { attachmentOf, type End } from './attachment.ts'

/** What was looked for. */
interface Wanted {
  readonly target: string
  readonly mac: string | undefined
}

/** Codes of stops that are the vxlan's own; others are the underlay's. */
const OWN = new Set(['fdb-missing', 'neighbour-missing'])

/** Why the holder cannot be reached through the vxlan of the asker's bridge; undefined when there is none. */
export function overlayStop(
  walk: Walk,
  wanted: Wanted,
  here: End,
  holder: End,
  stops: readonly Stop[],
): Stop | undefined {
  const near = vxlanOf(walk, here)
  const far = vxlanOf(walk, holder)
  if (near === undefined || far === undefined || near.place.inode === far.place.inode) return undefined
  if (near.link.info?.vxlan?.id !== far.link.info?.vxlan?.id) return vniMismatch(near, far)
  const lost = lostTunnelEnd(walk, near, far)
  if (lost !== undefined) return lost
  const vtep = vtepOf(walk, near, far)
  const asking = wanted.mac === undefined || isGroupMac(wanted.mac)
  const used = usedVteps(near, asking ? ZERO_MAC : wanted.mac)
  const stop =
    stops.find(({ place, link }) => place.inode === near.place.inode && link?.index === near.link.index) ?? stops[0]
  if (stop?.code === 'neighbour-missing') {
    return {
      ...stop,
      fix: fixNeighbourMissing(near.place, walk.scene.home, nameOf(near.link), wanted.target, macOf(holder.link)),
    }
  }
  if (stop?.code === 'fdb-missing') return missingEntry(walk, stop, near, holder, vtep, wanted)
  if (vtep !== undefined && used.length > 0 && !used.includes(vtep)) return wrongEntry(walk, near, holder, vtep, used)
  return stop !== undefined && !OWN.has(stop.code) ? stop : undefined
}

/** The vxlan among the ports of the bridge that an interface hangs on. */
export function vxlanOf(walk: Walk, end: End): End | undefined {
  const { bridge } = attachmentOf(walk, end.place, end.link)
  const direct = kindOf(end.link) === 'vxlan' ? end : undefined
  if (bridge === undefined) return direct
  const link = portsOf(bridge.place, bridge.link).find((port) => kindOf(port) === 'vxlan')
  return link === undefined ? undefined : { place: bridge.place, link }
}

/** The underlay address at which the far vxlan takes packets. */
export function vtepOf(walk: Walk, near: End, far: End): string | undefined {
  const { local, local6 } = far.link.info?.vxlan ?? {}
  if (local !== undefined || local6 !== undefined) return local ?? local6
  const underlay = walk.scene.underlay(far.place.inode, far.link.index)
  const from = walk.scene.underlay(near.place.inode, near.link.index)
  if (underlay === undefined || from === undefined) return undefined
  const own = underlay.addresses.filter((entry) => entry.scope === 0 && (entry.family === 2 || entry.family === 10))
  const others = new Set(entriesOf(near.place, near.link).map(({ destination }) => destination))
  const known = own.map(ownAddress).find((address) => others.has(address))
  return known ?? own.map(ownAddress).find((address) => address !== undefined && sharesLink(from, address)) ?? undefined
}

function sharesLink(from: Place, address: string): boolean {
  const route = from.lookUpRoute({ destination: address })
  return route.kind === 'unicast'
}

/** The tunnel's own address is not there any more. */
function lostTunnelEnd(walk: Walk, near: End, far: End): Stop | undefined {
  const own = far.link.info?.vxlan?.local ?? far.link.info?.vxlan?.local6
  const underlay = walk.scene.underlay(far.place.inode, far.link.index)
  if (own === undefined || isUnspecified(own) || underlay === undefined || hasAddress(underlay, own)) return undefined
  const device = underlay.link(far.link.info?.vxlan?.link ?? 0)
  const from = walk.scene.underlay(near.place.inode, near.link.index)
  const entry = from?.addresses.find((candidate) =>
    inSamePrefix(ownAddress(candidate) ?? '', own, candidate.prefixLength),
  )
  const summary = `${nameOf(far.link)} in ${far.place.label} sends from ${own}, which ${underlay.label} does not have.`
  const evidence = [{ fact: `no interface of ${underlay.label} has ${own}`, source: 'rtnetlink' }]
  const length = entry?.prefixLength ?? (own.includes(':') ? 128 : 32)
  const fix =
    device === undefined ? null : fixAddressMissing(underlay, walk.scene.home, nameOf(device), `${own}/${length}`)
  return { code: 'address-missing', place: underlay, link: device, summary, evidence, fix }
}

function usedVteps({ place, link }: End, mac: string): string[] {
  const entries = entriesOf(place, link)
  const own = entries.filter((entry) => entry.lladdr === mac)
  const used = own.length > 0 ? own : entries.filter((entry) => entry.lladdr === ZERO_MAC)
  return used.flatMap(({ destination }) => (destination === undefined ? [] : [destination]))
}

function missingEntry(walk: Walk, stop: Stop, near: End, holder: End, vtep: string | undefined, wanted: Wanted): Stop {
  const name = nameOf(near.link)
  if (vtep === undefined) return stop
  const flood = wanted.mac === undefined || isGroupMac(wanted.mac)
  const fix = flood
    ? fixFloodEntry(near.place, walk.scene.home, name, vtep)
    : fixVtep(near.place, walk.scene.home, name, macOf(holder.link), vtep)
  const fact = `${wanted.target} is ${macOf(holder.link)}, ${nameOf(holder.link)} in ${holder.place.label}, behind ${vtep}`
  return { ...stop, evidence: [...stop.evidence, { fact, source: 'rtnetlink' }], fix }
}

function wrongEntry(walk: Walk, near: End, holder: End, vtep: string, used: readonly string[]): Stop {
  const mac = macOf(holder.link)
  const name = nameOf(near.link)
  const floods = !entriesOf(near.place, near.link).some((entry) => entry.lladdr === mac)
  const summary = `${name} in ${near.place.label} sends frames for ${mac} to ${used.join(', ')}, but ${holder.place.label} is behind ${vtep}.`
  const evidence = [
    { fact: `${name} in ${near.place.label}: ${mac} dst ${used.join(', ')}`, source: 'rtnetlink' },
    {
      fact: `${nameOf(holder.link)} in ${holder.place.label} has ${mac}; its vxlan is at ${vtep}`,
      source: 'rtnetlink',
    },
  ]
  const fix = floods
    ? fixFloodEntry(near.place, walk.scene.home, name, vtep, used)
    : fixVtep(near.place, walk.scene.home, name, mac, vtep)
  return { code: 'fdb-wrong-destination', place: near.place, link: near.link, summary, evidence, fix }
}

function vniMismatch(near: End, far: End): Stop {
  const id = ({ link }: { link: Link }) => link.info?.vxlan?.id ?? 0
  const summary = `${nameOf(near.link)} in ${near.place.label} has VNI ${id(near)}, ${nameOf(far.link)} in ${far.place.label} has ${id(far)}.`
  const evidence = [near, far].map((end) => ({
    fact: `${nameOf(end.link)} in ${end.place.label} has VNI ${id(end)}`,
    source: 'rtnetlink',
  }))
  return { code: 'vxlan-vni-mismatch', place: far.place, link: far.link, summary, evidence, fix: null }
}
