/** The graph as a Mermaid flowchart, which GitHub and many wikis draw. */
import type { Graph, InterfaceNode, Link, NamespaceNode } from '../graph.ts'
import { type GraphIndex, indexGraph, isBackground } from './graph-index.ts'
import { linkLabel, shownText } from './labels.ts'
import { interfaceMarks } from './marks.ts'
import { namespaceTitles } from './titles.ts'

/** Draws a graph: a subgraph for each namespace, a node for each interface, a line for each link. */
export function drawMermaid(graph: Graph): string {
  const index = indexGraph(graph)
  const titles = namespaceTitles(graph.namespaces)
  // Ids are made of digits alone: a word such as `end` or a name from outside could end the diagram.
  const ids = new Map(graph.interfaces.map((node, number) => [node.id, `i${number}`]))
  const lines = [
    'flowchart LR',
    ...graph.namespaces.flatMap((node, number) => subgraph(index, ids, node, titles.get(node.inode)!, number)),
    ...graph.links.flatMap((link, number) => line(index, ids, link, number)),
    '  classDef broken stroke:#c62828,stroke-width:3px',
    '  classDef bridge stroke-width:2px',
    '  classDef remote stroke-dasharray:4 3',
  ]
  return lines.map((text) => `${text}\n`).join('')
}

type Ids = ReadonlyMap<string, string>

function subgraph(index: GraphIndex, ids: Ids, node: NamespaceNode, title: string, number: number): string[] {
  const interfaces = (index.inNamespace.get(node.inode) ?? []).filter((own) => !isBackground(index, own))
  const label = node.role === 'host' ? `${title} ${index.graph.host}` : title
  // An empty subgraph is drawn as a node, which is right for a namespace without interfaces.
  return [
    `  subgraph n${number}[${quoted([label])}]`,
    ...interfaces.map((own) => `    ${interfaceNode(index, ids, own)}`),
    '  end',
  ]
}

function interfaceNode(index: GraphIndex, ids: Ids, node: InterfaceNode): string {
  const marks = interfaceMarks(index, node)
  const broken = marks.some((mark) => mark.severity === 'broken')
  const label = quoted([
    node.name,
    ...(node.kind === 'veth' ? [] : [node.kind]),
    ...node.addresses,
    ...marks.map((mark) => `${mark.severity === 'broken' ? '✗' : '!'} ${mark.words}`),
  ])
  const shape = node.kind === 'bridge' ? `[[${label}]]` : `(${label})`
  const style = broken ? ':::broken' : node.kind === 'bridge' ? ':::bridge' : ''
  return ids.get(node.id)! + shape + style
}

function line(index: GraphIndex, ids: Ids, link: Link, number: number): string[] {
  const from = drawnId(index, ids, link.from)
  if (from === undefined) return []
  const label = linkLabel(link)
  const text = label === '' ? '' : `|${quoted([label])}|`
  if (link.to !== null) {
    const to = drawnId(index, ids, link.to)
    return to === undefined ? [] : [`  ${from} ---${text} ${to}`]
  }
  const { remote } = link.details
  return typeof remote === 'string' ? [`  ${from} -.-${text} r${number}>${quoted([remote])}]:::remote`] : []
}

/** The id of an interface that has a node; a line to any other id would make one. */
function drawnId(index: GraphIndex, ids: Ids, id: string): string | undefined {
  const node = index.interfaces.get(id)
  return node === undefined || isBackground(index, node) ? undefined : ids.get(id)
}

/**
 * A quoted label. Mermaid reads labels as HTML and Markdown and has its own escapes (`#35;`), so every character that
 * could mean something in any of them is written as its number.
 */
function quoted(lines: readonly string[]): string {
  const escaped = (text: string) => shownText(text).replace(/[^\p{L}\p{N} .:/,()+✗!…�-]/gu, escapeCharacter)
  return `"${lines.map(escaped).join('<br/>')}"`
}

function escapeCharacter(character: string): string {
  return `#${character.codePointAt(0)};`
}
