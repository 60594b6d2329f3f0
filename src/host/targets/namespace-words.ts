/** Every word that means a namespace of a graph, best first. */
import type { Graph, NamespaceNode, Owner } from '../graph.ts'

/** Characters of an id that a word needs to be told from others by a person. */
const SHORT_ID = 12

/** Runtimes whose nodes are called `lab:LAB/NODE`. */
const LAB_RUNTIMES = ['netwright', 'containerlab']

/**
 * Words that lead to a namespace, best first: `host`, then names, owners, processes, and `inode:N` which always works.
 * Processes are bounded to the first few.
 */
export function namespaceWords(node: NamespaceNode): string[] {
  const names = node.names.map((name) => `ns:${name}`)
  const owners = node.owners.flatMap(ownerWords)
  return [
    ...(node.role === 'host' ? ['host'] : []),
    // A container that shares somebody's namespace does not give it its name.
    ...(node.role === 'named' ? [...names, ...owners] : [...owners, ...names]),
    ...processWords(node),
    `inode:${node.inode}`,
  ]
}

/** Processes that words are made of. */
const MOST_PROCESSES = 4

/** The process that the namespace is taken to belong to, then the others: ours may be among them and ends soon. */
function processWords({ pids, owners }: NamespaceNode): string[] {
  const main = Number(owners.find(({ runtime }) => runtime === 'process')?.id)
  const others = pids.filter((pid) => pid !== main)
  const first = others.length < pids.length ? [main] : []
  return [...first, ...others].slice(0, MOST_PROCESSES).map((pid) => `pid:${pid}`)
}

/** The best word for a namespace. */
export function namespaceLabel(node: NamespaceNode): string {
  return namespaceWords(node)[0]!
}

/** Words that mean an owner's namespace: its name, then its id, as its runtime's prefix wants them. */
export function ownerWords(owner: Owner): string[] {
  if (isNetwork(owner)) return [`network:${owner.network}`]
  // A load balancer or an ingress sandbox has its network's id.
  if (owner.network !== undefined) return [`${owner.runtime}:${owner.name}`]
  if (owner.runtime === 'process') return []
  const lab = labNodeOf(owner)
  const words = lab === undefined ? [] : [`lab:${lab.lab}/${lab.node}`]
  if (owner.runtime === 'netwright') return words
  return [...words, `${owner.runtime}:${owner.name}`, `${owner.runtime}:${shortId(owner.id)}`]
}

/** True for what is a network's own namespace, and not one that serves it in another way. */
export function isNetwork(owner: Owner): boolean {
  return owner.network !== undefined && owner.network === owner.name
}

/**
 * Laboratory and node of an owner that is one. Containerlab writes both into labels of the container it starts
 * (`containerlab`, `clab-node-name`); Netwright's own nodes are named `LAB/NODE`.
 */
export function labNodeOf(owner: Owner): { readonly lab: string; readonly node: string } | undefined {
  const lab = owner.labels['containerlab']
  const node = owner.labels['clab-node-name']
  if (lab !== undefined && node !== undefined) return { lab, node }
  if (!LAB_RUNTIMES.includes(owner.runtime)) return undefined
  const at = owner.name.indexOf('/')
  return at < 0 ? undefined : { lab: owner.name.slice(0, at), node: owner.name.slice(at + 1) }
}

/** The namespace of an inode. */
export function namespaceOf(graph: Graph, inode: string): NamespaceNode | undefined {
  return graph.namespaces.find((node) => node.inode === inode)
}

/** An id as people write it. Only hexadecimal ids are cut; other names would become other names. */
export function shortId(id: string): string {
  return /^[0-9a-f]{13,}$/.test(id) ? id.slice(0, SHORT_ID) : id
}
