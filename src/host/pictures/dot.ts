/** The graph in the language of Graphviz: `dot -Tsvg`. */
import type { Graph, InterfaceNode, Link, NamespaceNode } from '../graph.ts'
import { type GraphIndex, indexGraph, isBackground } from './graph-index.ts'
import { linkLabel, shownText } from './labels.ts'
import { interfaceMarks } from './marks.ts'
import { namespaceTitles } from './titles.ts'

const INDENT = '  '

/** Draws a graph: a cluster for each namespace, a node for each interface, an edge for each link. */
export function drawDot(graph: Graph): string {
  const index = indexGraph(graph)
  const titles = namespaceTitles(graph.namespaces)
  const lines = [
    `graph ${quoted(graph.host)} {`,
    `${INDENT}graph [rankdir=LR, compound=true, fontname="sans-serif", nodesep=0.15, ranksep=1.2]`,
    `${INDENT}node [shape=box, style=rounded, fontname="sans-serif", fontsize=11, height=0.3]`,
    `${INDENT}edge [fontname="sans-serif", fontsize=9]`,
    ...graph.namespaces.flatMap((node) => cluster(index, node, titles.get(node.inode)!)),
    ...graph.links.flatMap((link, number) => edge(index, link, number)),
    '}',
  ]
  return lines.map((line) => `${line}\n`).join('')
}

function cluster(index: GraphIndex, node: NamespaceNode, title: string): string[] {
  const interfaces = (index.inNamespace.get(node.inode) ?? []).filter((own) => !isBackground(index, own))
  const label = node.role === 'host' ? `${title} ${index.graph.host}` : title
  return [
    `${INDENT}subgraph ${quoted(`cluster ${node.inode}`)} {`,
    `${INDENT}${INDENT}label=${quoted(label)}`,
    // A cluster without a node is not drawn.
    ...(interfaces.length === 0
      ? [`${INDENT}${INDENT}${quoted(node.inode)} [label="", shape=point, style=invis]`]
      : []),
    ...interfaces.map((own) => `${INDENT}${INDENT}${interfaceNode(index, own)}`),
    `${INDENT}}`,
  ]
}

function interfaceNode(index: GraphIndex, node: InterfaceNode): string {
  const marks = interfaceMarks(index, node)
  const lines = [node.name, ...(node.kind === 'veth' ? [] : [node.kind]), ...node.addresses]
  lines.push(...marks.map((mark) => `${mark.severity === 'broken' ? '✗' : '!'} ${mark.words}`))
  const broken = marks.some((mark) => mark.severity === 'broken') ? ', color=red, penwidth=2' : ''
  const bridge = node.kind === 'bridge' ? ', shape=box3d, style=""' : ''
  return `${quoted(node.id)} [label=${lines.map(quoted).join(' + "\\n" + ')}${bridge}${broken}]`
}

/** A far end on another host gets a node of its own, one for each address. */
function edge(index: GraphIndex, link: Link, number: number): string[] {
  if (!index.interfaces.has(link.from)) return []
  const label = linkLabel(link)
  const attributes = [`label=${quoted(label)}`, ...(link.kind === 'bridge-port' ? ['weight=4'] : [])]
  if (link.to !== null) {
    if (!index.interfaces.has(link.to)) return []
    return [`${INDENT}${quoted(link.from)} -- ${quoted(link.to)} [${attributes.join(', ')}]`]
  }
  const { remote } = link.details
  if (typeof remote !== 'string') return []
  const far = quoted(`remote ${number}`)
  return [
    `${INDENT}${far} [label=${quoted(remote)}, shape=cds, style=dashed]`,
    `${INDENT}${quoted(link.from)} -- ${far} [${attributes.join(', ')}, style=dashed]`,
  ]
}

/**
 * A quoted string of the language: within quotes only the quote itself and backslashes, which begin escapes such as `\N`
 * in labels, mean something (graphviz.org/doc/info/lang.html).
 */
function quoted(text: string): string {
  return `"${shownText(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
