/** Tables of tracked connections that are full, or nearly. */
import { fixSettings } from '../../remedy/setting-fix.ts'
import type { Place } from '../../scene/place.ts'
import type { Check, Diagnosis, Examination } from '../examination.ts'
import { fact, subjectOf } from '../words.ts'

/** `conntrack-full` */
export const conntrackFull: Check = {
  codes: ['conntrack-full'],
  examine(examination) {
    return examination.scene.places().flatMap((place) => judge(place, examination) ?? [])
  },
}

/** Share of the table from which on a burst of new connections may not fit. */
const NEARLY_FULL = 0.9
const COUNT = 'net.netfilter.nf_conntrack_count'
const MAXIMUM = 'net.netfilter.nf_conntrack_max'

function judge(place: Place, { scene }: Examination): Diagnosis | undefined {
  const count = Number(place.settings.get(COUNT) ?? 0)
  // Most namespaces track nothing, and reading a setting takes longer than most checks.
  if (count === 0) return undefined
  const maximum = Number(place.settings.get(MAXIMUM) ?? 0)
  if (!(maximum > 0) || count < maximum * NEARLY_FULL) return undefined
  const full = count >= maximum
  // The limit is one for the whole host; its own namespace alone may set it.
  const keeper = scene.graph.namespaces.find(({ role }) => role === 'host')?.inode ?? scene.home
  const owner = scene.places().find(({ inode }) => inode === keeper) ?? place
  return {
    finding: {
      code: 'conntrack-full',
      severity: full ? 'error' : 'warning',
      subject: subjectOf(place),
      summary: full
        ? `${place.label} tracks ${count} connections, as many as it may: packets of new connections are dropped.`
        : `${place.label} tracks ${count} of at most ${maximum} connections: when the table is full, new connections are dropped.`,
      evidence: [fact(`${COUNT} is ${count}`, 'procfs'), fact(`${MAXIMUM} is ${maximum}`, 'procfs')],
      fix: fixSettings(owner, scene.home, [[MAXIMUM, String(maximum * 2)]]),
    },
  }
}
