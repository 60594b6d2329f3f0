/** From a word to the one namespace that it means. */
import { hasCode, Namespace } from '../../kernel/index.ts'
import type { Graph, NamespaceNode } from '../graph.ts'
import { editDistance } from './edit-distance.ts'
import { type Candidate, findCandidates, type PathInode } from './find-candidates.ts'
import { namespaceLabel, namespaceWords } from './namespace-words.ts'
import { parseTarget, type Target } from './target.ts'
import { TargetAmbiguousError, type TargetChoice, TargetUnknownError } from './target-errors.ts'

/** A target that was found. */
export interface ResolvedTarget {
  /** nsfs inode, decimal. */
  readonly inode: string
  /** With its prefix, as people would write it: `docker:web`. */
  readonly label: string
  readonly node: NamespaceNode
}

/** Suggestions that one sentence bears. */
const MOST_SUGGESTIONS = 3

/**
 * Finds the namespace that a word means (see `parseTarget`).
 * @throws TargetUnknownError when there is none, with words that look alike
 * @throws TargetAmbiguousError when there are several
 */
export function resolveTarget(word: string, graph: Graph, pathInode: PathInode = openInode): ResolvedTarget {
  const target = parseTarget(word)
  const candidates = findCandidates(target, graph, pathInode)
  const [first] = candidates
  if (first === undefined) throw unknown(word, target, graph)
  if (candidates.some((candidate) => candidate.node.inode !== first.node.inode))
    throw ambiguous(word, candidates, graph)
  return { inode: first.node.inode, label: first.word, node: first.node }
}

function unknown(word: string, target: Target, graph: Graph): TargetUnknownError {
  const misses = nearMisses(word, graph)
  const blind = misses.length === 0 && process.geteuid?.() !== 0
  const reason = reasonFor(target, graph)
  return new TargetUnknownError(word, blind ? `${reason}, as far as this user can see; run it as root` : reason, misses)
}

function ambiguous(word: string, candidates: readonly Candidate[], graph: Graph): TargetAmbiguousError {
  const places = new Map<string, Set<string>>()
  for (const { word: called, node } of candidates) {
    places.set(called, (places.get(called) ?? new Set()).add(node.inode))
  }
  const choices = new Map<string, TargetChoice>()
  for (const { node, word: called, exactWord } of candidates) {
    // One way to say it is enough for each namespace.
    if (choices.has(node.inode)) continue
    const shared = places.get(called)!.size > 1
    const place = shared ? makerOf(node, graph) : undefined
    choices.set(node.inode, {
      word: shared ? exactWord : called,
      inode: node.inode,
      ...(place === undefined ? {} : { place }),
    })
  }
  return new TargetAmbiguousError(word, [...choices.values()])
}

/** Where the process lives whose mount holds the namespace: two daemons may call what they make by the same name. */
function makerOf(node: NamespaceNode, graph: Graph): string | undefined {
  const mount = node.holders.find((holder) => holder.kind === 'mount' && holder.pid !== undefined)
  if (mount?.pid === undefined) return undefined
  const home = graph.namespaces.find(({ pids }) => pids.includes(mount.pid!))
  return home === undefined
    ? undefined
    : `made by ${mount.command ?? 'process'} (${mount.pid}) in ${namespaceLabel(home)}`
}

function reasonFor(target: Target, graph: Graph): string {
  switch (target.kind) {
    case 'host':
      return "the host's own namespace cannot be seen from here"
    case 'name':
      return `/run/netns has no working entry of that name`
    case 'pid':
      return 'no process of that number has a network namespace that can be seen'
    case 'inode':
      return 'no network namespace has that inode'
    case 'path':
      return 'that path leads to no network namespace'
    case 'owner':
      return `${target.runtime} runs nothing of that name or id`
    case 'lab':
      return 'no such node runs in that lab'
    case 'sandbox':
      return 'there is no such sandbox'
    case 'network':
      return networkReason(target.name, graph)
    case 'bare':
      return 'nothing on this host is called so (netwright ns list shows what there is)'
  }
}

function networkReason(name: string, graph: Graph): string {
  const network = graph.networks.find((candidate) => candidate.name === name || candidate.id === name)
  if (network === undefined) return 'there is no such network'
  return `that ${network.driver} network has no namespace of its own`
}

/** Known words whose name lies within two slips, or one for short names; a slip in the prefix counts as well. */
function nearMisses(word: string, graph: Graph): string[] {
  const limit = withoutPrefix(word).length <= 4 ? 1 : 2
  const found: { word: string; distance: number }[] = []
  for (const known of new Set(graph.namespaces.flatMap(namespaceWords))) {
    if (/^(pid|inode):/.test(known)) continue
    const distance = Math.min(editDistance(word, known, limit), editDistance(word, withoutPrefix(known), limit))
    if (distance <= limit) found.push({ word: known, distance })
  }
  found.sort((a, b) => a.distance - b.distance)
  return found.slice(0, MOST_SUGGESTIONS).map((miss) => miss.word)
}

function withoutPrefix(word: string): string {
  return word.slice(word.indexOf(':') + 1)
}

function openInode(path: string): string | undefined {
  try {
    using namespace = Namespace.open({ path })
    return namespace.identity.inode
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EINVAL', 'ENXIO', 'ELOOP', 'ESRCH')) return undefined
    throw error
  }
}
