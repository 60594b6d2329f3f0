/** The graph in one sentence. */
import type { Graph } from '../graph.ts'
import { indexGraph } from './graph-index.ts'
import { interfaceMarks } from './marks.ts'

/** `4 namespaces, 12 interfaces, 6 links, 2 networks; nothing looks broken` */
export function summarizeGraph(graph: Graph): string {
  const counts = [
    counted(graph.namespaces.length, 'namespace'),
    counted(graph.interfaces.length, 'interface'),
    counted(graph.links.length, 'link'),
    counted(graph.networks.length, 'network'),
  ]
  const index = indexGraph(graph)
  const isBroken = (marks: ReturnType<typeof interfaceMarks>) => marks.some((mark) => mark.severity === 'broken')
  const broken = graph.interfaces.filter((node) => isBroken(interfaceMarks(index, node))).length
  const verdict = broken === 0 ? 'nothing looks broken' : `${counted(broken, 'interface')} marked as broken`
  return `${counts.join(', ')}; ${verdict}`
}

/** `1 link`, `2 links` */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
