/** What pictures and sentences call a namespace: as its owner does, and never two alike. */
import type { NamespaceNode, Owner } from '../graph.ts'

/** UTF-16 units of a name that fit in a title. */
const LONGEST_NAME = 40
/** Names said before the rest of them is counted. */
const MOST_NAMES = 2

/** A title in two parts: the name, and who knows it by that name. */
export interface TitleParts {
  readonly name: string
  /** `docker`, `netns`, `process 812`; empty where the name says it all. */
  readonly knownTo: string
}

/** Titles by inode. A title that several namespaces would have is followed by the inode. */
export function namespaceTitles(namespaces: readonly NamespaceNode[]): ReadonlyMap<string, string> {
  const uses = new Map<string, number>()
  const titles = namespaces.map((node) => ({ inode: node.inode, title: namespaceTitle(node) }))
  for (const { title } of titles) uses.set(title, (uses.get(title) ?? 0) + 1)
  return new Map(
    titles.map(({ inode, title }) => [inode, uses.get(title) === 1 ? title : `${title} [${inode}]`] as const),
  )
}

/** `host`, `web (docker)`, `overlay backend (docker)`, `blue (netns)`, `nginx (process 812)`, or `namespace 4026532373`. */
export function namespaceTitle(node: NamespaceNode): string {
  const { name, knownTo } = titleParts(node)
  return knownTo === '' ? name : `${name} (${knownTo})`
}

/** The parts of a namespace's title. */
export function titleParts(node: NamespaceNode): TitleParts {
  if (node.role === 'host') return { name: 'host', knownTo: '' }
  const [owner] = node.owners
  if (owner?.network !== undefined) return { name: serverWord(node, owner), knownTo: owner.runtime }
  if (owner !== undefined && owner.runtime !== 'process') return { name: namesOf(node.owners), knownTo: owner.runtime }
  if (node.names.length > 0) return { name: listed(node.names), knownTo: 'netns' }
  if (owner !== undefined) return { name: short(owner.name), knownTo: `process ${owner.id}` }
  // Of a namespace that only a neighbour's link shows, the key says which link that is: `behind:4026531840/7`.
  return { name: `namespace ${node.inode.replace(/^behind:/, 'behind ')}`, knownTo: '' }
}

/** What a namespace that serves a network is to it. */
function serverWord(node: NamespaceNode, owner: Owner): string {
  switch (node.role) {
    case 'ingress':
      return 'ingress sandbox'
    case 'loadbalancer':
      return `load balancer of ${short(owner.network!)}`
    default:
      return `overlay ${short(owner.network!)}`
  }
}

/** Containers that share one namespace (a pod, `network_mode: container:…`) are all named. */
function namesOf(owners: readonly Owner[]): string {
  return listed(owners.filter((owner) => owner.runtime === owners[0]!.runtime).map((owner) => owner.name))
}

function listed(names: readonly string[]): string {
  const rest = names.length - MOST_NAMES
  return names.slice(0, MOST_NAMES).map(short).join(', ') + (rest > 0 ? ` +${rest}` : '')
}

function short(name: string): string {
  return name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME - 1)}…`
}
