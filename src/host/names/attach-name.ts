/** Giving a namespace a name in /run/netns, so that `ip netns exec NAME` reaches it. */
import { bootedAt, hasCode, type Namespace, pinNamespace } from '../../kernel/index.ts'
import type { Graph, NamespaceNode } from '../graph.ts'
import { openTarget } from '../targets/open-target.ts'
import type { ResolvedTarget } from '../targets/resolve-target.ts'
import { HostIndex } from './host-index.ts'
import { judgeName } from './judge-name.ts'
import { checkName, namePath } from './name.ts'
import { readNameEntry } from './name-entry.ts'
import { NameInvalidError, NameTakenError } from './name-errors.ts'
import type { NameRecord, NameRecords, NameTarget } from './name-records.ts'

/** The outcome of an attachment. */
export interface Attachment {
  readonly name: string
  readonly path: string
  /** nsfs inode, decimal. */
  readonly inode: string
  /** The target that was attached. */
  readonly target: string
  /** False when the name led there already and nothing was done. */
  readonly changed: boolean
}

/** What an attachment stands on. */
export interface AttachContext {
  readonly graph: Graph
  readonly records: NameRecords
}

/**
 * Mounts a target's namespace at /run/netns/NAME. The mount keeps the namespace, and leads to it whatever becomes of the
 * processes; a container that is restarted gets another namespace, which `repairNames` notices.
 * @param name the name of the target's owner when left out
 * @throws NameInvalidError for a name that cannot be used, or without one when nobody owns the target
 * @throws NameTakenError when the name exists and is not this namespace's already; nothing is changed
 * @throws KernelError EPERM, EACCES without root
 */
export function attachName(target: ResolvedTarget, name: string | undefined, context: AttachContext): Attachment {
  const chosen = checkName(name ?? ownName(target))
  const outcome = { name: chosen, path: namePath(chosen), inode: target.inode, target: target.label }
  if (isAttachedAlready(chosen, target, context)) return { ...outcome, changed: false }
  using namespace = openTarget(target)
  mountRecorded(chosen, namespace, durableTarget(target.node, target.label), context.records)
  return { ...outcome, changed: true }
}

/**
 * Records a name, then mounts the namespace there. The record goes again when the mount is refused; a process that is killed
 * in between leaves a record and an empty file, which `repairNames` mends.
 * @throws NameTakenError when something stands there meanwhile
 */
export function mountRecorded(name: string, namespace: Namespace, target: NameTarget, records: NameRecords): void {
  const { inode, id } = namespace.identity
  const before = records.read(name)
  records.write(recordFor(name, target, inode, id?.toString() ?? null))
  try {
    pinNamespace(namespace, namePath(name))
  } catch (error) {
    if (before === undefined) records.remove(name)
    else records.write(before)
    if (hasCode(error, 'EEXIST')) throw new NameTakenError(`${namePath(name)} was made by another program meanwhile`)
    throw error
  }
}

/** A node's owner in a form that outlives its restart. */
export function durableTarget(node: NamespaceNode, label: string): NameTarget {
  const owner = node.owners.find((candidate) => candidate.network === undefined && candidate.runtime !== 'process')
  if (owner === undefined) return { runtime: null, id: null, name: label }
  return { runtime: owner.runtime, id: owner.id, name: owner.name }
}

function recordFor(name: string, target: NameTarget, inode: string, id: string | null): NameRecord {
  return { schema: 'netwright/name/v1', name, target, inode, id, attachedAt: new Date().toISOString() }
}

function ownName(target: ResolvedTarget): string {
  const owner = target.node.owners.find((candidate) => candidate.runtime !== 'process')
  const name = owner?.network ?? owner?.name
  if (name !== undefined) return name
  throw new NameInvalidError(
    `${target.label} has no name of its own: say one, as in netwright ns attach ${target.label} NAME`,
  )
}

/** @throws NameTakenError when the name stands for something else */
function isAttachedAlready(name: string, target: ResolvedTarget, { graph, records }: AttachContext): boolean {
  const entry = readNameEntry(name)
  if (entry === undefined) return false
  if (entry.kind === 'mount' && entry.namespace?.inode === target.inode) return true
  const report = judgeName(entry, { host: new HostIndex(graph), record: records.read(name), bootedAt: bootedAt() })
  const advice = report.stale ? `netwright ns repair ${name} mends or removes it` : 'choose another name'
  throw new NameTakenError(`the name ${name} is taken: ${report.summary}; ${advice}`)
}
