/** What changed on a host between two moments. */
import type { Graph } from '../graph.ts'
import { compareNatural } from '../pictures/natural-order.ts'
import type { GraphChange } from './change.ts'
import { compareInterfaces } from './compare-interfaces.ts'
import { compareLinks } from './compare-links.ts'
import { compareNamespaces } from './compare-namespaces.ts'
import { compareNetworks } from './compare-networks.ts'
import { prepareComparison } from './comparison.ts'

/**
 * Compares two graphs. Changes of one namespace stand together, those of the host first and those of networks last.
 * Graphs of the same state give none, whenever they were taken.
 */
export function compareGraphs(before: Graph, after: Graph): GraphChange[] {
  const comparison = prepareComparison(before, after)
  const changes = [
    ...compareNamespaces(comparison.before, comparison.after, comparison.namespaces),
    ...compareInterfaces(comparison),
    ...compareLinks(comparison),
  ]
  const hosts = new Set([before, after].flatMap((graph) => hostInodes(graph)))
  const rank = (change: GraphChange) => (change.namespace !== null && hosts.has(change.namespace) ? 0 : 1)
  const byPlace = (a: GraphChange, b: GraphChange) => rank(a) - rank(b) || compareNatural(a.title, b.title)
  const byInterface = (a: GraphChange, b: GraphChange) => compareNatural(a.interface ?? '', b.interface ?? '')
  const networks = compareNetworks(before, after).sort((a, b) => compareNatural(a.title, b.title))
  return [...changes.sort((a, b) => byPlace(a, b) || byInterface(a, b)), ...networks]
}

function hostInodes(graph: Graph): string[] {
  return graph.namespaces.filter((node) => node.role === 'host').map((node) => node.inode)
}
