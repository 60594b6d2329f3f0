/** What cards say of namespaces and interfaces. */
import type { InterfaceNode, NamespaceNode } from '../../graph.ts'
import { farEndOf, parentLinkOf, tunnelLinksOf } from '../graph-index.ts'
import { interfaceMarks, namespaceMarks } from '../marks.ts'
import { shownAddresses } from '../outline/words.ts'
import { titleParts } from '../titles.ts'
import { addressLines, type CardContent, type CardLine, markLines } from './card.ts'
import { type Scene, shownInterfaces } from './scene.ts'

/** A card's content, and in which of its lines each interface stands. */
export interface NamespaceContent {
  readonly content: CardContent
  readonly lineOf: ReadonlyMap<string, number>
}

/** Interfaces that a card lists, beside those whose wires are drawn. */
const MOST_INTERFACES = 12

/**
 * The card of a namespace.
 * @param first the interface that it hangs by, listed first and without its far end, to which it is drawn
 * @param drawn interfaces whose wires are drawn: each has its line, without its far end
 */
export function namespaceContent(
  scene: Scene,
  node: NamespaceNode,
  first: InterfaceNode | undefined,
  drawn: ReadonlySet<string> = new Set(),
): NamespaceContent {
  const others = shownInterfaces(scene.index, node.inode).filter((own) => own.id !== first?.id)
  const interfaces = first === undefined ? others : [first, ...others]
  const lines: CardLine[] = markLines(namespaceMarks(node))
  const lineOf = new Map<string, number>()
  const listed = interfaces.filter((own, at) => at < MOST_INTERFACES || drawn.has(own.id))
  for (const own of listed) {
    lineOf.set(own.id, lines.length)
    lines.push(...addressLines(own.name, shownAddresses(own, false)))
    if (own !== first && !drawn.has(own.id)) lines.push(...farLines(scene, own))
    lines.push(...markLines(interfaceMarks(scene.index, own)))
  }
  const rest = interfaces.length - listed.length
  if (rest > 0) lines.push({ text: `and ${rest} more interfaces`, look: 'note' })
  const { name, knownTo } = titleParts(node)
  const title = scene.titles.get(node.inode)!
  return {
    lineOf,
    content: {
      name,
      aside: knownTo,
      lines,
      look: isBroken(lines) ? 'broken' : 'plain',
      description: [title, ...interfaces.map((own) => describe(scene, own))],
    },
  }
}

/** The card that stands for a namespace where another place shows it in full. */
export function referenceContent(scene: Scene, far: InterfaceNode): CardContent {
  const node = scene.index.namespaces.get(far.namespace)!
  const { name, knownTo } = titleParts(node)
  const marks = markLines(interfaceMarks(scene.index, far))
  return {
    name,
    aside: knownTo,
    lines: [...addressLines(far.name, shownAddresses(far, false)), ...marks],
    look: 'elsewhere',
    description: `${describe(scene, far)} of ${scene.titles.get(far.namespace)} (drawn in full elsewhere)`,
  }
}

/** The card of a single interface. */
export function interfaceContent(scene: Scene, node: InterfaceNode): CardContent {
  const lines = [
    ...shownAddresses(node, false)
      .slice(0, 3)
      .map((address): CardLine => ({ text: '', address, look: 'interface' })),
    ...farLines(scene, node),
    ...remoteLines(scene, node),
    ...markLines(interfaceMarks(scene.index, node)),
  ]
  return {
    name: node.name,
    aside: kindAside(node),
    lines,
    look: isBroken(lines) ? 'broken' : 'plain',
    description: describe(scene, node),
  }
}

/** Far ends of a tunnel, by their addresses. */
function remoteLines(scene: Scene, node: InterfaceNode): CardLine[] {
  const ends = tunnelLinksOf(scene.index, node.id).map(
    (link) => link.details[link.from === node.id ? 'remote' : 'local'],
  )
  return ends.flatMap((remote): CardLine[] =>
    typeof remote === 'string' ? [{ text: `⇢ ${remote}`, look: 'note' }] : [],
  )
}

function kindAside(node: InterfaceNode): string {
  const settings = node.details[node.kind]
  const id = typeof settings === 'object' && settings !== null ? (settings as Record<string, unknown>)['id'] : undefined
  return node.kind === 'vlan' && id !== undefined ? `vlan ${id}` : node.kind
}

/** Where an interface leads, when no line shows it: its far end, and the network that this is a port of. */
function farLines(scene: Scene, node: InterfaceNode): CardLine[] {
  const far = farEndOf(scene.index, node.id)?.interface
  const parent = parentLinkOf(scene.index, node.id)?.to
  const other = far ?? (parent == null ? undefined : scene.index.interfaces.get(parent))
  if (other === undefined) return []
  const networks = (other.master === null ? undefined : scene.index.networksOfBridge.get(other.master)) ?? []
  const network = networks.find((candidate) => candidate.runtime !== 'kernel')
  const namespace = other.namespace === node.namespace ? '' : ` of ${scene.titles.get(other.namespace)}`
  const place = network === undefined ? namespace : ` · ${network.name}`
  return [{ text: `${far === undefined ? 'on' : '↔'} ${other.name}${place}`, look: 'note' }]
}

/** An interface in words, for tooltips. */
export function describe(scene: Scene, node: InterfaceNode): string {
  const marks = interfaceMarks(scene.index, node).map((mark) => mark.words)
  return [
    node.name,
    node.kind,
    ...node.addresses,
    `mtu ${node.mtu}`,
    ...(node.mac === null ? [] : [node.mac]),
    ...marks,
  ].join(', ')
}

function isBroken(lines: readonly CardLine[]): boolean {
  return lines.some((line) => line.look === 'broken')
}
