/** Two wires of one namespace whose subnets overlap: the kernel reaches the addresses that are in both on one of them only. */
import { RouteTable, RouteType, tableOf } from '../../../kernel/index.ts'
import type { Place } from '../../scene/place.ts'
import { overlaps, type Prefix, parsePrefixText } from '../address.ts'
import type { Check, Diagnosis, Examination } from '../examination.ts'
import type { Interface } from '../interface.ts'
import { called, fact, subjectOf } from '../words.ts'

/** `subnet-overlap` */
export const subnetOverlap: Check = {
  codes: ['subnet-overlap'],
  examine(examination) {
    return examination.scene.places().flatMap((place) => examinePlace(place, examination))
  },
}

interface OnLink {
  readonly one: Interface
  readonly prefix: Prefix
}

function examinePlace(place: Place, examination: Examination): Diagnosis[] {
  // Most namespaces have one wire.
  const wired = examination.wiring.of(place.inode).filter((one) => one.up && one.addresses.length > 0)
  if (wired.length < 2) return []
  const direct = (['ipv4', 'ipv6'] as const).flatMap((family) => onLink(place, family, examination))
  const found: Diagnosis[] = []
  const reported = new Set<string>()
  direct.forEach((a, i) => {
    for (const b of direct.slice(i + 1)) {
      const pair = [a.one.id, b.one.id].sort().join(' ')
      if (reported.has(pair) || !isHarmful(a, b, examination)) continue
      reported.add(pair)
      found.push(diagnosis(a, b))
    }
  })
  return found
}

/** Subnets that are reached without a gateway, in the table that everybody uses. */
function onLink(place: Place, family: 'ipv4' | 'ipv6', { wiring }: Examination): OnLink[] {
  return place.routes(family).flatMap((route) => {
    if (route.type !== RouteType.unicast || tableOf(route) !== RouteTable.main || route.gateway !== undefined) return []
    const one = route.outputInterface === undefined ? undefined : wiring.get(place.inode, route.outputInterface)
    const prefix =
      route.destination === undefined ? undefined : parsePrefixText(`${route.destination}/${route.destinationLength}`)
    if (one === undefined || !one.up || prefix === undefined || one.kind === 'loopback') return []
    const bits = family === 'ipv4' ? 32 : 128
    // A route to one address is meant as an exception; link-local subnets are on every wire.
    return prefix.length === bits || /^fe80:|^ff/i.test(route.destination!) ? [] : [{ one, prefix }]
  })
}

/** On one wire two interfaces may share a subnet (a second cable, a macvlan); on two they may not. */
function isHarmful(a: OnLink, b: OnLink, { segments }: Examination): boolean {
  if (a.one.id === b.one.id || !overlaps(a.prefix, b.prefix)) return false
  return segments.of(a.one) !== segments.of(b.one)
}

function diagnosis(a: OnLink, b: OnLink): Diagnosis {
  const [narrow, wide] = a.prefix.length >= b.prefix.length ? [a, b] : [b, a]
  const same = a.prefix.length === b.prefix.length
  return {
    finding: {
      code: 'subnet-overlap',
      severity: 'warning',
      subject: subjectOf(wide.one.place, wide.one),
      summary: same
        ? `${called(a.one)} and ${b.one.name} both claim ${a.prefix.text}, but are different wires: who is on the one cannot be reached while the other is preferred.`
        : `${narrow.prefix.text} of ${called(narrow.one)} is a part of ${wide.prefix.text} of ${wide.one.name}: who has such an address on ${wide.one.name} cannot be reached.`,
      evidence: [
        fact(`${narrow.prefix.text} is on the link of ${called(narrow.one)}`),
        fact(`${wide.prefix.text} is on the link of ${called(wide.one)}`),
      ],
      fix: null,
    },
  }
}
