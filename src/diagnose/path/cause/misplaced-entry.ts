/** A bridge that has somebody's link-layer address behind another port than the one that he hangs on. */
import { fixBridgeEntry } from '../../remedy/neighbour-fix.ts'
import { macOf, nameOf } from '../links.ts'
import type { Stop } from '../transit.ts'
import type { Walk } from '../walk.ts'
import { attachmentOf, type End } from './attachment.ts'

/** The entry of the bridge that the holder hangs on; undefined where it is right, or there is none. */
export function misplacedEntry(walk: Walk, holder: End): Stop | undefined {
  const { bridge, ends } = attachmentOf(walk, holder.place, holder.link)
  const port = ends.at(-1)
  if (bridge === undefined || port === undefined || port.place.inode !== bridge.place.inode) return undefined
  const { place, link } = bridge
  const mac = macOf(holder.link)
  const entry = place.forwarding.find(
    ({ master, lladdr, index }) => master === link.index && lladdr === mac && index !== port.link.index,
  )
  const wrong = entry === undefined ? undefined : place.link(entry.index)
  if (entry === undefined || wrong === undefined) return undefined
  const summary = `The bridge ${nameOf(link)} in ${place.label} believes ${mac} to be behind ${nameOf(wrong)}, but ${nameOf(holder.link)} in ${holder.place.label} hangs on ${nameOf(port.link)}.`
  const evidence = [
    { fact: `${nameOf(link)} in ${place.label}: ${mac} dev ${nameOf(wrong)}`, source: 'rtnetlink' },
    { fact: `${nameOf(holder.link)} in ${holder.place.label} has ${mac}`, source: 'rtnetlink' },
  ]
  const fix = fixBridgeEntry(place, walk.scene.home, nameOf(wrong), mac, entry.vlan)
  return { code: 'fdb-wrong-destination', place, link: wrong, summary, evidence, fix }
}
