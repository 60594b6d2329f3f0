/** One subnet on two wires of a namespace: it looks for somebody on the one, and he is on the other. */
import { ownAddress } from '../../../kernel/index.ts'
import { fixAddressExtra } from '../../remedy/link-fix.ts'
import { addressTowards } from '../addresses.ts'
import { isUp, nameOf } from '../links.ts'
import type { Stop } from '../transit.ts'
import type { Walk } from '../walk.ts'
import { othersOnWire } from '../wire.ts'
import { type End, sameEnd } from './attachment.ts'

/** The stop that it is; undefined when the one who is looked for is on the wire where he is looked for, or on none of ours. */
export function subnetTwice(walk: Walk, { place, link }: End, holder: End, target: string): Stop | undefined {
  const hears = (of: End['link']) => othersOnWire(walk.scene, place, of).some((other) => sameEnd(other, holder))
  const entry = addressTowards(place, link.index, target)
  if (entry === undefined || hears(link)) return undefined
  const right = place.links.find((other) => {
    if (other.index === link.index || !isUp(other)) return false
    return addressTowards(place, other.index, target) !== undefined && hears(other)
  })
  const theirs = right === undefined ? undefined : addressTowards(place, right.index, target)
  if (right === undefined || theirs === undefined) return undefined
  const prefix = `${ownAddress(entry)}/${entry.prefixLength}`
  const [here, there] = [nameOf(link), nameOf(right)]
  const summary = `${place.label} looks for ${target} on ${here}, whose subnet overlaps that of ${there}, where ${target} is.`
  const evidence = [
    { fact: `${here} in ${place.label} has ${prefix}`, source: 'rtnetlink' },
    { fact: `${there} in ${place.label} has ${ownAddress(theirs)}/${theirs.prefixLength}`, source: 'rtnetlink' },
    {
      fact: `${nameOf(holder.link)} in ${holder.place.label}, on the wire of ${there}, has ${target}`,
      source: 'rtnetlink',
    },
  ]
  const fix = fixAddressExtra(place, walk.scene.home, here, prefix)
  return { code: 'subnet-overlap', place, link, summary, evidence, fix }
}
