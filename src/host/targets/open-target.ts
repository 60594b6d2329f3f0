/** Opening the namespace that a target means, by whichever trace of it still works. */
import { Namespace, type NamespaceTrace, openTrace } from '../../kernel/index.ts'
import type { Holder, NamespaceNode } from '../graph.ts'
import type { ResolvedTarget } from './resolve-target.ts'
import { short, TargetGoneError } from './target-errors.ts'

/** Processes and holders to try before giving up: when this many are gone, all are. */
const MOST_TRIED = 32

/**
 * Opens a target's namespace and makes sure that it is the one the graph saw: process numbers, names and paths may lead
 * elsewhere by now. The caller closes it.
 * @throws TargetGoneError when no trace leads there any more, or none may be followed
 */
export function openTarget(target: ResolvedTarget): Namespace {
  const inode = Number(target.inode)
  for (const trace of Number.isSafeInteger(inode) ? tracesOf(target.node) : []) {
    const fd = openTrace(trace, inode)
    if (fd === undefined) continue
    const namespace = Namespace.adopt(fd, target.label)
    if (isSame(namespace, target.node)) return namespace
    namespace.close()
  }
  throw new TargetGoneError(target.label, `${short(target.label)} cannot be opened: ${reasonFor(target.node)}`)
}

/** Inodes are used again; the kernel's ids are not. */
function isSame(namespace: Namespace, node: NamespaceNode): boolean {
  const { id } = namespace.identity
  return node.id === null || id === undefined || id.toString() === node.id
}

function reasonFor(node: NamespaceNode): string {
  if (process.geteuid?.() !== 0) return 'only root may enter a namespace; run it as root'
  const others = node.holders.every((holder) => holder.kind === 'neighbour')
  if (others && node.pids.length === 0 && node.mounts.length === 0) {
    return 'only the link of a neighbour leads to it, and nothing that could be opened'
  }
  return `nothing leads to its namespace ${node.inode} any more; look again with netwright ns list`
}

/** Ways to open a namespace, the cheapest and surest first. */
function* tracesOf(node: NamespaceNode): Generator<NamespaceTrace> {
  for (const path of node.mounts) yield mountTrace(path)
  for (const pid of node.pids.slice(0, MOST_TRIED)) yield { kind: 'process', pid }
  for (const holder of node.holders.slice(0, MOST_TRIED)) {
    const trace = holderTrace(holder)
    if (trace !== undefined) yield trace
  }
  if (node.id !== null) yield { kind: 'id', id: BigInt(node.id) }
}

/** Mounts of other mount namespaces are given as `/proc/PID/root/…`, where a link must not lead outside. */
function mountTrace(path: string): NamespaceTrace {
  const foreign = /^\/proc\/(\d+)\/root(\/.*)$/.exec(path)
  return foreign === null ? { kind: 'mount', path } : { kind: 'mount', pid: Number(foreign[1]), path: foreign[2]! }
}

function holderTrace({ kind, pid, tid, fd, path }: Holder): NamespaceTrace | undefined {
  if (pid === undefined) return undefined
  if (kind === 'thread' && tid !== undefined) return { kind, pid, tid }
  if (kind === 'mount' && path !== undefined) return { kind, pid, path }
  if ((kind === 'descriptor' || kind === 'socket' || kind === 'tap') && fd !== undefined) return { kind, pid, fd }
  return undefined
}
