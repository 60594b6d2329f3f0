/**
 * What is near in the graph. Many networks with the same addresses may be on one host, so that an address alone says nothing:
 * only namespaces that are joined by links, or by tunnels over them, belong together.
 */
import type { Graph, Link } from '../../../host/index.ts'
import type { Scene } from '../../scene/scene.ts'

/** How many steps each namespace is from one; those that are not joined to it are missing. */
export function distancesFrom(scene: Scene, inode: string): ReadonlyMap<string, number> {
  const neighbours = adjacency(scene.graph)
  const distances = new Map([[inode, 0]])
  const queue = [inode]
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    const next = (distances.get(at) ?? 0) + 1
    for (const other of neighbours.get(at) ?? []) {
      if (distances.has(other)) continue
      distances.set(other, next)
      queue.push(other)
    }
  }
  return distances
}

function adjacency(graph: Graph): Map<string, Set<string>> {
  const out = new Map<string, Set<string>>()
  const join = (one: string, other: string) => {
    if (one === other) return
    out.set(one, (out.get(one) ?? new Set()).add(other))
    out.set(other, (out.get(other) ?? new Set()).add(one))
  }
  for (const link of graph.links) for (const [one, other] of joints(link)) join(one, other)
  return out
}

/** Namespaces that a link joins; a tunnel also joins its own to the one in which its outer packets travel. */
function joints({ from, to, details }: Link): [string, string][] {
  const here = namespaceOf(from)
  const underlay = typeof details.underlay === 'string' ? namespaceOf(details.underlay) : undefined
  return [
    ...(to === null ? [] : [[here, namespaceOf(to)] satisfies [string, string]]),
    ...(underlay === undefined ? [] : [[here, underlay] satisfies [string, string]]),
  ]
}

function namespaceOf(id: string): string {
  return id.split('/')[0] ?? id
}
