/** One link-layer address on two interfaces that hear each other: a bridge sends to the one that spoke last. */
import { randomBytes } from 'node:crypto'
import { fixMac } from '../../remedy/link-fix.ts'
import type { Check, Diagnosis, Examination } from '../examination.ts'
import type { Interface } from '../interface.ts'
import { called, fact, listed, subjectOf } from '../words.ts'

/** A link-layer address that is locally administered and no group's (IEEE 802, the two lowest bits of the first byte). */
function freshMac(): string {
  const bytes = randomBytes(6)
  bytes[0] = (bytes[0]! & 0xfc) | 0x02
  return bytes.toString('hex').replace(/..(?!$)/g, '$&:')
}

/** `mac-duplicate` */
export const macDuplicate: Check = {
  codes: ['mac-duplicate'],
  examine(examination) {
    return examination.wideSegments.all().flatMap(({ stations }) => {
      const byMac = new Map<string, Interface[]>()
      for (const one of stations) {
        if (!one.up || one.mac === undefined || !hasOwnMac(one, examination)) continue
        const known = byMac.get(one.mac)
        if (known === undefined) byMac.set(one.mac, [one])
        else known.push(one)
      }
      return [...byMac.values()]
        .filter((holders) => holders.length > 1 && !onlyBridges(holders))
        .map((holders) => diagnosis(holders, examination))
    })
  },
}

/** Vlans and ipvlans speak with their parent's address, a passthru macvlan is its parent, a bond's parts are one. */
function hasOwnMac(one: Interface, { wiring }: Examination): boolean {
  if (['vlan', 'ipvlan', 'ipvtap', 'vxlan', 'macsec'].includes(one.kind)) return false
  return !(one.link.info?.macvlan?.mode === 'passthru' && wiring.parent(one) !== undefined)
}

/** Bridges of several hosts may share a gateway's address on purpose (anycast gateways of overlays). */
function onlyBridges(holders: readonly Interface[]): boolean {
  return holders.every(({ kind }) => kind === 'bridge')
}

function diagnosis(holders: readonly Interface[], { scene }: Examination): Diagnosis {
  // Of a pair, the one without any other claim is as likely as the other; the last one made is usually the copy.
  const one = holders.at(-1)!
  return {
    finding: {
      code: 'mac-duplicate',
      severity: 'error',
      subject: subjectOf(one.place, one),
      summary: `${listed(holders.map(called))} have the same MAC ${one.mac} on one wire: frames for the one reach the other.`,
      evidence: holders.map((holder) => fact(`${called(holder)} has MAC ${holder.mac}`)),
      fix: fixMac(one.place, scene.home, one.name, freshMac()),
    },
  }
}
