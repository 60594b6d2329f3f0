/** Whether a name still leads where it should, and why not. */
import type { NamespaceNode } from '../graph.ts'
import type { HostIndex } from './host-index.ts'
import type { NameEntry } from './name-entry.ts'
import type { NameRecord } from './name-records.ts'
import type { RightfulNamespace } from './rightful-namespace.ts'

/** What is the matter with a name. */
export type NameCondition =
  /** It leads to a namespace, and nothing speaks against it. */
  | 'live'
  /** A symbolic link to a process that is no more. */
  | 'dead-process'
  /** A symbolic link to a process that was started after the link was made: the number was used again. */
  | 'reused-process'
  /** A symbolic link to anything else that is no more. */
  | 'dangling-link'
  /** A file on which no namespace is mounted. */
  | 'plain-file'
  /** A mount of a namespace that its container has left, by being restarted. */
  | 'container-moved'
  /** Neither a namespace nor the rest of one. */
  | 'not-a-namespace'

/** A name, judged. */
export interface NameReport {
  readonly name: string
  readonly condition: NameCondition
  /** It does not lead where people expect. */
  readonly stale: boolean
  /** We made it. */
  readonly attached: boolean
  /** nsfs inode of the namespace that it leads to. */
  readonly inode: string | null
  /** One sentence. */
  readonly summary: string
  /** Where it should lead, when it is stale and that is known. */
  readonly rightful: RightfulNamespace | null
  /** Why a stale name may not be mended now. */
  readonly obstacle: string | null
  readonly entry: NameEntry
}

/** What a judgement stands on. */
export interface NameEvidence {
  readonly host: HostIndex
  readonly record: NameRecord | undefined
  /** Milliseconds since 1970, by the clock as it is set now. */
  readonly bootedAt: number
}

/** A link is made some time after its process was started; the clock of files is a few milliseconds behind the other. */
const CLOCK_TOLERANCE = 1000

/** Judges one entry of /run/netns. */
export function judgeName(entry: NameEntry, evidence: NameEvidence): NameReport {
  const rightful = evidence.host.rightful.find(entry.name, evidence.record) ?? null
  const attached = isOurs(entry, evidence.record)
  const inode = entry.namespace?.inode ?? null
  const report = (condition: NameCondition, summary: string, obstacle: string | null = null): NameReport => {
    const stale = condition !== 'live' && condition !== 'not-a-namespace'
    return {
      name: entry.name,
      condition,
      stale,
      attached,
      inode,
      summary,
      rightful: stale ? rightful : null,
      obstacle,
      entry,
    }
  }
  switch (entry.kind) {
    case 'other':
      return report('not-a-namespace', 'it is no network namespace, nor what one leaves behind')
    case 'file':
      return report('plain-file', 'it is an empty place on which no namespace is mounted')
    case 'link':
      return judgeLink(entry, evidence, report)
    case 'mount':
      return judgeMount(entry, evidence, rightful, report)
  }
}

type Report = (condition: NameCondition, summary: string, obstacle?: string | null) => NameReport

function judgeLink(entry: NameEntry, { host, bootedAt }: NameEvidence, report: Report): NameReport {
  const { target, madeAt, process } = entry.link!
  if (process !== undefined && process.startedAt === undefined) {
    return report('dead-process', `it is a link to process ${process.pid}, which is no more`)
  }
  if (entry.namespace === undefined)
    return report('dangling-link', `it is a link to ${target}, where no network namespace is`)
  // /run is emptied at boot. A link that seems older shows that the clock was set since, and then times tell nothing.
  const clockHolds = madeAt >= bootedAt - CLOCK_TOLERANCE
  if (clockHolds && process?.startedAt !== undefined && process.startedAt > madeAt + CLOCK_TOLERANCE) {
    return report(
      'reused-process',
      `it is a link to process ${process.pid}, whose number was used again after the link was made; ` +
        `it now leads to ${host.label(entry.namespace.inode)}`,
    )
  }
  return report('live', `it is a link to ${host.label(entry.namespace.inode)}`)
}

function judgeMount(
  entry: NameEntry,
  { host, record }: NameEvidence,
  rightful: RightfulNamespace | null,
  report: Report,
): NameReport {
  const inode = entry.namespace!.inode
  const node = host.node(inode)
  const live = (): NameReport => report('live', `it is mounted and leads to ${host.label(inode)}`)
  if (rightful === null || node === undefined || rightful.inode === inode) return live()
  const ours = isOurs(entry, record)
  // Somebody may call a namespace of his own like a container. Only an abandoned one is taken for what a container left.
  if (!ours && !isAbandoned(host, node)) return live()
  const obstacle = isInhabited(node) ? 'a process still lives in the namespace that it leads to' : null
  return report('container-moved', `${rightful.label} now lives in namespace ${rightful.inode}`, obstacle)
}

/** We made this very mount; or, when we were stopped while making it, the file for it. */
export function isOurs(entry: NameEntry, record: NameRecord | undefined): boolean {
  if (record === undefined) return false
  if (entry.kind === 'file') return true
  if (entry.kind !== 'mount' || record.inode !== entry.namespace?.inode) return false
  return record.id === null || entry.namespace.id === null || record.id === entry.namespace.id
}

/** A process, or a thread of one, lives in it. */
function isInhabited(node: NamespaceNode): boolean {
  return node.pids.length > 0 || node.holders.some((holder) => holder.kind === 'thread')
}

/** Somebody has it open, or a socket in it. */
function isHeld(node: NamespaceNode): boolean {
  return node.holders.some((holder) => holder.kind !== 'mount' && holder.kind !== 'neighbour')
}

/** Nothing uses it, and no interface in it but the loopback is up or has an address: what a container leaves behind. */
function isAbandoned(host: HostIndex, node: NamespaceNode): boolean {
  const left = host.interfacesOf(node.inode).filter((link) => link.name !== 'lo')
  return !isInhabited(node) && !isHeld(node) && !left.some((link) => link.up || link.addresses.length > 0)
}
