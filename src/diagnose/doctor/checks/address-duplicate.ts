/** One address on two interfaces that hear each other. */
import { AddressFlag } from '../../../kernel/index.ts'
import { fixAddressExtra } from '../../remedy/link-fix.ts'
import type { Place } from '../../scene/place.ts'
import type { Check, Diagnosis, Examination } from '../examination.ts'
import { groupBy } from '../group-by.ts'
import type { Interface, OwnAddress } from '../interface.ts'
import type { Segment } from '../segment.ts'
import { called, fact, listed, subjectOf } from '../words.ts'

/** `address-duplicate` */
export const addressDuplicate: Check = {
  codes: ['address-duplicate'],
  examine(examination) {
    const shared = [...duplicates(examination), ...routedDuplicates(examination)]
    const known = new Set(shared.flatMap(({ holders }) => holders.map(({ one }) => one.id)))
    return [...shared.map((found) => duplicate(found, examination)), ...refused(examination, known)]
  },
}

interface Holding {
  readonly one: Interface
  readonly own: OwnAddress
}
interface Duplicate {
  readonly address: string
  /** Who routes to the address, where the holders are on wires of their own. */
  readonly router?: Place
  readonly holders: readonly Holding[]
}

/** The same address in segments that are apart is normal: hosts with many labs, or many daemons, have plenty. */
function duplicates({ segments, wideSegments }: Examination): Duplicate[] {
  const near = segments.all().flatMap((segment) => inSegment(segment))
  if (wideSegments === segments) return near
  const seen = new Set(near.flatMap(({ holders }) => holders.map(({ one, own }) => `${one.id} ${own.address}`)))
  const far = wideSegments.all().flatMap((segment) => inSegment(segment))
  return [
    ...near,
    ...far.filter(
      ({ holders }) =>
        !holders.every(({ one }) => one.kind === 'bridge') &&
        !holders.every(({ one, own }) => seen.has(`${one.id} ${own.address}`)),
    ),
  ]
}

/**
 * Where a host routes each container’s address by the container’s own cable (as Calico does), nobody hears anybody, and still
 * an address can be but once: the host sends to the one that its route names.
 */
function routedDuplicates({ wiring, scene, segments }: Examination): Duplicate[] {
  return scene.places().flatMap((router): Duplicate[] => {
    const served = wiring.of(router.inode).flatMap((near) => {
      const far = near.up && near.addresses.length === 0 && near.master === 0 ? wiring.seenPeer(near) : undefined
      return far?.up === true && far.place.inode !== router.inode ? [far] : []
    })
    if (served.length < 2) return []
    const routed = new Map(
      (['ipv4', 'ipv6'] as const).flatMap((family) =>
        router
          .routes(family)
          .filter((route) => route.destinationLength === (family === 'ipv4' ? 32 : 128) && route.gateway === undefined)
          .map((route) => [route.destination ?? '', route.outputInterface] as const),
      ),
    )
    const holders = groupBy(
      served.flatMap((one) => one.addresses.filter(({ address }) => routed.has(address)).map((own) => ({ one, own }))),
      ({ own }) => own.address,
    )
    return [...holders]
      .filter(([, group]) => new Set(group.map(({ one }) => segments.of(one))).size > 1)
      .map(([address, group]) => ({ address, holders: group, router }))
  })
}

function inSegment({ stations }: Segment): Duplicate[] {
  const byAddress = new Map<string, Holding[]>()
  for (const one of stations) {
    // What is down answers nobody. Each host of an overlay may have the gateway's address on its own bridge.
    if (!one.up) continue
    for (const own of one.addresses) {
      const known = byAddress.get(own.address)
      if (known === undefined) byAddress.set(own.address, [{ one, own }])
      else known.push({ one, own })
    }
  }
  return [...byAddress]
    .filter(([, holders]) => holders.length > 1 && new Set(holders.map(({ one }) => one.id)).size > 1)
    .map(([address, holders]) => ({ address, holders }))
}

function duplicate({ address, holders, router }: Duplicate, examination: Examination): Diagnosis {
  const [intruder] = [...holders].sort((a, b) => rightTo(a, examination) - rightTo(b, examination))
  const { one, own } = intruder!
  const consequence =
    router === undefined
      ? 'which are on one wire: whoever asks for it reaches now one, now the other.'
      : `of which ${router.label} reaches only the one that its route names.`
  return {
    finding: {
      code: 'address-duplicate',
      severity: 'error',
      subject: subjectOf(one.place, one),
      summary: `${address} is on ${listed(holders.map((holder) => called(holder.one)))}, ${consequence}`,
      evidence: holders.map((holder) => fact(`${called(holder.one)} has ${holder.own.text} and MAC ${holder.one.mac}`)),
      // Which of them should have it is for a person to decide.
      fix: fixAddressExtra(one.place, examination.scene.home, one.name, own.text),
    },
  }
}

/** How good a holder's claim is; the least is taken for the intruder. */
function rightTo({ one, own }: Holding, { intent }: Examination): number {
  const recorded = intent.containers.some(
    ({ namespace, endpoints }) =>
      namespace === one.place.inode &&
      endpoints.some(({ addresses }) => addresses.some((wanted) => wanted.split('/')[0] === own.address)),
  )
  const only = one.addresses.filter(({ family }) => family === own.family).length === 1
  return (recorded ? 4 : 0) + (one.kind === 'bridge' ? 2 : 0) + (only ? 1 : 0)
}

/** The kernel asked before it took an IPv6 address, and somebody answered (duplicate address detection, RFC 4862). */
function refused(examination: Examination, known: ReadonlySet<string>): Diagnosis[] {
  return examination.wiring.interfaces.flatMap((one) =>
    one.allAddresses
      .filter(({ flags }) => (flags & AddressFlag.dadFailed) !== 0 && !known.has(one.id))
      .map(
        (own): Diagnosis => ({
          finding: {
            code: 'address-duplicate',
            severity: 'error',
            subject: subjectOf(one.place, one),
            summary: `${called(one)} may not use ${own.address}: another on the same wire has it already.`,
            evidence: [fact(`duplicate address detection failed for ${own.text} on ${called(one)}`)],
            fix: fixAddressExtra(one.place, examination.scene.home, one.name, own.text),
          },
        }),
      ),
  )
}
