/** A connection table that is full takes no new flows (nf_conntrack_alloc, net/netfilter/nf_conntrack_core.c). */
import type { Link } from '../../../kernel/index.ts'
import { fixSettings } from '../../remedy/setting-fix.ts'
import type { Place } from '../../scene/place.ts'
import type { Stop, Transit } from '../transit.ts'
import type { Walk } from '../walk.ts'

/** Why the namespace cannot track the packet's flow; undefined when it can, knows it, or tracks nothing. */
export function conntrackStop(walk: Walk, place: Place, link: Link | undefined, transit: Transit): Stop | undefined {
  if (place.filters.isEmpty('ip')) return undefined
  const { flow } = walk.trackedFlow(place, transit.packet)
  if (flow !== undefined) return undefined
  const count = Number(place.settings.get('net.netfilter.nf_conntrack_count') ?? 0)
  const most = Number(place.settings.get('net.netfilter.nf_conntrack_max') ?? 0)
  if (count === 0 || most === 0 || count < most) return undefined
  const summary = `The connection table of ${place.label} is full: ${count} of ${most} entries.`
  return {
    code: 'conntrack-full',
    place,
    link,
    summary,
    evidence: [
      { fact: `net.netfilter.nf_conntrack_count is ${count} in ${place.label}`, source: 'procfs' },
      { fact: `net.netfilter.nf_conntrack_max is ${most}`, source: 'procfs' },
    ],
    fix: roomier(walk, Math.max(most, count) * 2),
  }
}

/** The bound can be set in the host's namespace alone (nf_conntrack_standalone_init_sysctl, net/netfilter). */
function roomier({ scene }: Walk, entries: number): Stop['fix'] {
  const host = scene.graph.namespaces.find(({ role }) => role === 'host')?.inode ?? scene.home
  return fixSettings(scene.place(host), scene.home, [['net.netfilter.nf_conntrack_max', String(entries)]])
}
