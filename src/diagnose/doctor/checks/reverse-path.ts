/** Strict reverse path filters (RFC 3704) where the way back is another one than the way there. */
import { RouteType } from '../../../kernel/index.ts'
import { fixSettings, settingOf } from '../../remedy/setting-fix.ts'
import type { Place } from '../../scene/place.ts'
import type { Check, Diagnosis, Examination } from '../examination.ts'
import type { Interface } from '../interface.ts'
import { called, fact, subjectOf } from '../words.ts'

/** `reverse-path-filter` */
export const reversePath: Check = {
  codes: ['reverse-path-filter'],
  examine(examination) {
    return examination.wiring.interfaces.flatMap((one) => judge(one, examination) ?? [])
  },
}

/** Sources that are looked up for one interface; a wire may have thousands of stations. */
const MOST_SOURCES = 32
const STRICT = '1'

function judge(one: Interface, examination: Examination): Diagnosis | undefined {
  if (!one.up || one.addresses.length === 0 || one.kind === 'loopback' || examination.broken.has(one)) return undefined
  if (!leadsElsewhere(one)) return undefined
  // The stricter of the two counts: 2 is loose and beats 1 (ip-sysctl, rp_filter).
  const all = one.place.settings.get('net.ipv4.conf.all.rp_filter') ?? '0'
  const own = one.place.settings.ofInterface('ipv4', one.name, 'rp_filter') ?? '0'
  if ((all > own ? all : own) !== STRICT) return undefined
  for (const { address, from } of sourcesThrough(one, examination).slice(0, MOST_SOURCES)) {
    const answer = one.place.lookUpRoute({ destination: address })
    if (answer.kind !== 'unicast' || answer.output === one.index) continue
    const other = examination.wiring.get(one.place.inode, answer.output)
    if (other === undefined || sameMaster(one, other)) continue
    return {
      finding: {
        code: 'reverse-path-filter',
        severity: 'warning',
        subject: subjectOf(one.place, one),
        summary: `${called(one)} drops what comes from ${address} (${from.label}), because ${one.place.label} would answer through ${other.name} and its reverse path filter is strict.`,
        evidence: [
          fact(`rp_filter is strict on ${called(one)} (all ${all}, ${one.name} ${own})`, 'procfs'),
          fact(`${from.label} sends through ${called(one)}`),
          fact(`${one.place.label} reaches ${address} by ${answer.text}`),
        ],
        // Loose checks still drop what no route at all leads to.
        fix: fixSettings(one.place, examination.scene.home, [[settingOf('ipv4', one.name, 'rp_filter'), '2']], false),
      },
    }
  }
  return undefined
}

/** Whether anything is sent another way than through this interface. */
function leadsElsewhere({ place, index }: Interface): boolean {
  return place
    .routes('ipv4')
    .some(
      ({ type, outputInterface, nextHops }) =>
        type === RouteType.unicast && (nextHops !== undefined || outputInterface !== index),
    )
}

function sameMaster(a: Interface, b: Interface): boolean {
  return a.master !== 0 && a.master === b.master
}

interface Source {
  readonly address: string
  readonly from: Place
}

/** Addresses from which packets come in by an interface: of those who route through it, and of those behind these. */
function sourcesThrough(one: Interface, { segments, wiring, broken }: Examination): Source[] {
  const own = new Set(one.addresses.map(({ address }) => address))
  const senders = segments
    .of(one)
    .stations.filter((station) => station.place.inode !== one.place.inode && station.up && !broken.has(station))
  return senders.flatMap((sender) => {
    const { place } = sender
    const uses = place
      .routes('ipv4')
      .some(
        (route) =>
          route.type === RouteType.unicast &&
          route.outputInterface === sender.index &&
          route.gateway !== undefined &&
          own.has(route.gateway),
      )
    if (!uses) return []
    const direct = wiring
      .of(place.inode)
      .flatMap(({ addresses }) => addresses.filter(({ family }) => family === 'ipv4'))
    const behind =
      place.settings.ofInterface('ipv4', sender.name, 'forwarding') === '1'
        ? clientsOf(place, sender, { segments, wiring })
        : []
    const preferred = sender.addresses.filter(({ family }) => family === 'ipv4')
    const first = preferred.length > 0 ? preferred : direct
    return [...first.map(({ address }) => ({ address, from: place })), ...behind]
  })
}

/** Stations on the other wires of a router, who send through it. */
function clientsOf(
  router: Place,
  towards: Interface,
  { segments, wiring }: Pick<Examination, 'segments' | 'wiring'>,
): Source[] {
  const far = segments.of(towards)
  return wiring
    .of(router.inode)
    .filter((one) => one.up && one.addresses.length > 0 && segments.of(one) !== far)
    .flatMap((one) => segments.of(one).stations.filter((station) => station.place.inode !== router.inode && station.up))
    .flatMap(({ addresses, place }) =>
      addresses.filter(({ family }) => family === 'ipv4').map(({ address }) => ({ address, from: place })),
    )
}
