/** What happened to links between interfaces that are there at both moments, and to tunnel ends on other hosts. */
import type { Link } from '../graph.ts'
import { counted } from '../pictures/summary.ts'
import { type GraphChange, interfaceWords, type Moment } from './change.ts'
import { missingFrom } from './compare-namespaces.ts'
import { type Comparison, placeOfLater } from './comparison.ts'

/** Changes of links. Those of bridge ports are told as changes of their master, those of new interfaces with these. */
export function compareLinks(comparison: Comparison): GraphChange[] {
  const earlier = keyed(comparison.before, (id) => comparison.interfaces.later.get(id))
  const known = new Set(comparison.interfaces.later.values())
  const later = keyed(comparison.after, (id) => (known.has(id) ? id : undefined))
  const changes: GraphChange[] = []
  for (const [key, placed] of earlier) {
    const now = later.get(key)
    if (now === undefined) changes.push(linkChange(comparison, placed, 'removed'))
    else changes.push(...compareEntries(comparison, placed.link, now))
  }
  for (const [key, placed] of later) {
    if (!earlier.has(key)) changes.push(linkChange(comparison, placed, 'added'))
  }
  return changes
}

/** A link, with its ends as the later graph calls them. */
interface PlacedLink {
  readonly link: Link
  readonly from: string
  readonly to: string | null
}

/** Links whose ends exist at both moments, by what makes them the same link. */
function keyed(moment: Moment, laterId: (id: string) => string | undefined): Map<string, PlacedLink> {
  const found = new Map<string, PlacedLink>()
  for (const link of moment.graph.links) {
    if (link.kind === 'bridge-port') continue
    const from = laterId(link.from)
    const to = link.to === null ? null : laterId(link.to)
    if (from === undefined || to === undefined) continue
    const ends = isTwoSided(link) ? [from, to].sort() : [from, to]
    found.set(JSON.stringify([link.kind, ...ends, remoteOf(link)]), { link, from, to })
  }
  return found
}

function isTwoSided(link: Link): boolean {
  return link.kind === 'veth' && link.to !== null
}

/** What tells links apart whose far end is not here: the address, or that there is none. */
function remoteOf(link: Link): string | null {
  if (typeof link.details['remote'] === 'string') return link.details['remote']
  if (link.details['missing'] === true) return 'missing'
  return null
}

function linkChange(comparison: Comparison, { link, from, to }: PlacedLink, what: 'added' | 'removed'): GraphChange {
  const { after } = comparison
  const near = after.index.interfaces.get(from)!
  const isTunnel = link.kind === 'vxlan' || link.kind === 'tunnel'
  const far = farWords(comparison, near.namespace, link, to)
  return {
    kind: `${isTunnel ? 'tunnel-end' : 'link'}-${what}`,
    ...placeOfLater(after, near.namespace),
    interface: near.name,
    summary: sentence(near.name, far, isTunnel, what, remoteOf(link) === 'missing'),
    before: what === 'removed' ? far : null,
    after: what === 'added' ? far : null,
  }
}

function sentence(near: string, far: string, isTunnel: boolean, what: 'added' | 'removed', missing: boolean): string {
  if (missing) return what === 'added' ? `${near} lost its far end` : `${near} has a far end again`
  if (isTunnel) return what === 'added' ? `${near} has a new tunnel end ${far}` : `${near} lost tunnel end ${far}`
  return what === 'added' ? `${near} is joined with ${far} now` : `${near} is no longer joined with ${far}`
}

function farWords({ after }: Comparison, inode: string, link: Link, to: string | null): string {
  const remote = remoteOf(link)
  if (to === null) return remote ?? 'an end out of sight'
  const here = interfaceWords(after, to, inode)
  return remote === null || remote === 'missing' ? here : `${remote} (${here})`
}

/** MAC addresses named in a sentence. */
const MACS_NAMED = 4

/** MAC addresses that came to lie behind a tunnel end, or no longer do. */
function compareEntries({ after }: Comparison, was: Link, now: PlacedLink): GraphChange[] {
  if (now.link.kind !== 'vxlan') return []
  const [old, present] = [macsOf(was), macsOf(now.link)]
  const [gone, came] = [missingFrom(present, old), missingFrom(old, present)]
  const [before, count] = [entriesOf(was), entriesOf(now.link)]
  if (gone.length === 0 && came.length === 0 && before === count) return []
  const near = after.index.interfaces.get(now.from)!
  const details = [...listed('new', came), ...listed('gone', gone)].join('; ')
  const summary = `${near.name} has ${counted(count, 'MAC')} behind ${remoteOf(now.link) ?? 'its tunnel end'}, had ${before}`
  return [
    {
      kind: 'tunnel-end-entries',
      ...placeOfLater(after, near.namespace),
      interface: near.name,
      summary: details === '' ? summary : `${summary} (${details})`,
      before,
      after: count,
    },
  ]
}

function macsOf(link: Link): string[] {
  return Array.isArray(link.details['macs']) ? link.details['macs'].map(String) : []
}

function entriesOf(link: Link): number {
  return typeof link.details['entries'] === 'number' ? link.details['entries'] : macsOf(link).length
}

function listed(word: string, macs: readonly string[]): string[] {
  if (macs.length === 0) return []
  const rest = macs.length - MACS_NAMED
  return [`${word}: ${macs.slice(0, MACS_NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`]
}
