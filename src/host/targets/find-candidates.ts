/** Which namespaces of a graph a target may mean. */
import type { Graph, NamespaceNode, Owner } from '../graph.ts'
import { isNetwork, labNodeOf, namespaceOf, shortId } from './namespace-words.ts'
import { TARGET_RUNTIMES, type Target } from './target.ts'

/** A namespace that a word may mean, and the words that say so without doubt. */
export interface Candidate {
  readonly node: NamespaceNode
  /** With its prefix, as people would write it. */
  readonly word: string
  /** With something that is unique, for when two candidates have the same word. */
  readonly exactWord: string
}

/** Opens a path and says which namespace it leads to; undefined when it leads to none. */
export type PathInode = (path: string) => string | undefined

/** All namespaces that `target` may mean; several words may lead to the same one. */
export function findCandidates(target: Target, graph: Graph, pathInode: PathInode): Candidate[] {
  switch (target.kind) {
    case 'host':
      return select(graph, (node) => node.role === 'host', 'host')
    case 'name':
      return select(graph, (node) => node.names.includes(target.name), `ns:${target.name}`)
    case 'pid':
      return select(graph, (node) => holdsProcess(node, target.pid), `pid:${target.pid}`)
    case 'inode':
      return select(graph, (node) => node.inode === target.inode, `inode:${target.inode}`)
    case 'path':
      return byPath(target.path, graph, pathInode)
    case 'owner':
      return byOwner(graph, target.runtime, target.name)
    case 'lab':
      return byLab(graph, (lab, node) => lab === target.lab && node === target.node)
    case 'sandbox':
      return bySandbox(graph, target.name)
    case 'network':
      return byNetwork(graph, target.name)
    case 'bare':
      return interpretations(target.word).flatMap((meaning) => findCandidates(meaning, graph, pathInode))
  }
}

/** What a bare word may mean, in the order in which people are told of it. */
function interpretations(word: string): Target[] {
  const meanings: Target[] = [{ kind: 'name', name: word }]
  if (/^[1-9]\d{0,9}$/.test(word)) meanings.push({ kind: 'pid', pid: Number(word) })
  if (/^[1-9]\d{0,19}$/.test(word)) meanings.push({ kind: 'inode', inode: word })
  if (word.startsWith('/')) meanings.push({ kind: 'path', path: word })
  meanings.push(...TARGET_RUNTIMES.map((runtime) => ({ kind: 'owner', runtime, name: word }) as const))
  const slash = word.indexOf('/')
  if (slash > 0) meanings.push({ kind: 'lab', lab: word.slice(0, slash), node: word.slice(slash + 1) })
  meanings.push({ kind: 'sandbox', name: word }, { kind: 'network', name: word })
  return meanings
}

function select(graph: Graph, matches: (node: NamespaceNode) => boolean, word: string): Candidate[] {
  return graph.namespaces.filter(matches).map((node) => ({ node, word, exactWord: `inode:${node.inode}` }))
}

function holdsProcess(node: NamespaceNode, number: number): boolean {
  return node.pids.includes(number) || node.holders.some((holder) => holder.kind === 'thread' && holder.tid === number)
}

function byPath(path: string, graph: Graph, pathInode: PathInode): Candidate[] {
  const mounted = select(graph, (node) => node.mounts.includes(path), `path:${path}`)
  if (mounted.length > 0) return mounted
  const inode = pathInode(path)
  return inode === undefined ? [] : select(graph, (node) => node.inode === inode, `path:${path}`)
}

/** By exact name, else by exact id, else by the beginning of an id, as the runtimes' own commands do. */
function byOwner(graph: Graph, runtime: string, name: string): Candidate[] {
  const owned = owners(graph).filter(({ owner }) => owner.runtime === runtime && !isNetwork(owner))
  const named = owned.filter(({ owner }) => owner.name === name || idOf(owner) === name)
  const byPrefix = named.length === 0 && /^[0-9a-f]{3,}$/.test(name)
  const found = byPrefix ? owned.filter(({ owner }) => idOf(owner)?.startsWith(name)) : named
  return found.map(({ node, owner }) => ({
    node,
    word: `${runtime}:${owner.name}`,
    exactWord: idOf(owner) === undefined ? `inode:${node.inode}` : `${runtime}:${shortId(owner.id)}`,
  }))
}

/** What serves a network has the network's id, which is not its own. */
function idOf(owner: Owner): string | undefined {
  return owner.network === undefined ? owner.id : undefined
}

function byLab(graph: Graph, matches: (lab: string, node: string) => boolean): Candidate[] {
  return owners(graph).flatMap(({ node, owner }) => {
    const place = labNodeOf(owner)
    if (place === undefined || !matches(place.lab, place.node)) return []
    return [{ node, word: `lab:${place.lab}/${place.node}`, exactWord: `inode:${node.inode}` }]
  })
}

function bySandbox(graph: Graph, name: string): Candidate[] {
  return owners(graph)
    .filter(({ node, owner }) => node.role === 'sandbox' && (owner.name === name || owner.id === name))
    .map(({ node }) => ({ node, word: `sandbox:${name}`, exactWord: `inode:${node.inode}` }))
}

/** Namespaces that serve a network: as their owner says, or as the network does. */
function byNetwork(graph: Graph, name: string): Candidate[] {
  const inodes = new Set<string>()
  for (const network of graph.networks) {
    if ((network.name === name || network.id === name) && network.namespace !== null) inodes.add(network.namespace)
  }
  if (inodes.size === 0) {
    for (const { node, owner } of owners(graph)) {
      if (owner.network === name && isNetwork(owner)) inodes.add(node.inode)
    }
  }
  return [...inodes].flatMap((inode) => {
    const node = namespaceOf(graph, inode)
    return node === undefined ? [] : [{ node, word: `network:${name}`, exactWord: `inode:${inode}` }]
  })
}

function owners(graph: Graph): { readonly node: NamespaceNode; readonly owner: Owner }[] {
  return graph.namespaces.flatMap((node) => node.owners.map((owner) => ({ node, owner })))
}
