/** Namespaces that are wired to each other: cards in a grid, wires in the channels between them. */
import type { InterfaceNode } from '../../graph.ts'
import { interfaceMarks } from '../marks.ts'
import { type Block, Size } from './block.ts'
import { type Card, makeCard } from './card.ts'
import { namespaceContent } from './contents.ts'
import { element, tooltip, wirePath } from './element.ts'
import { directWire, type Scene } from './scene.ts'
import { type Cell, type Grid, placeWires, type Wire, type WireEnd } from './wire-channels.ts'

/** Most columns of the grid: what the page has room for, with channels between them. */
const MOST_COLUMNS = 4

interface GridWire extends Wire {
  readonly near: InterfaceNode
  readonly far: InterfaceNode
}

/** A card, its place, and its lines. */
interface PlacedCard {
  readonly cell: Cell
  readonly card: Card
  readonly lineOf: ReadonlyMap<string, number>
}

/** The grid of a scene's wired namespaces. */
export function makeWireGrid(scene: Scene): Block {
  const columns = Math.min(MOST_COLUMNS, Math.ceil(Math.sqrt(scene.wired.length)))
  const found = findWires(scene)
  const cards = placeCards(scene, columns, new Set(found.flatMap(({ near, far }) => [near.id, far.id])))
  const wires = found.map(({ near, far }): GridWire => ({ near, far, from: endOf(cards, near), to: endOf(cards, far) }))
  const heights: number[] = []
  for (const { cell, card } of cards.values()) heights[cell.row] = Math.max(heights[cell.row] ?? 0, card.height)
  const grid = placeWires({ columns, cardWidth: Size.card, channelWidth: channelWidth(columns), heights, wires })
  return {
    width: grid.width,
    height: grid.height,
    draw(x, y) {
      const lines = wires.map((wire, at) => drawWire(scene, wire, shifted(grid, at, x, y)))
      const drawn = [...cards.values()].map(({ cell, card }) =>
        card.draw(x + grid.columnLeft[cell.column]!, y + grid.rowTop[cell.row]!),
      )
      return lines.join('') + drawn.join('')
    },
  }
}

/** Cards row by row, by inode. */
function placeCards(scene: Scene, columns: number, drawn: ReadonlySet<string>): Map<string, PlacedCard> {
  return new Map(
    scene.wired.map((node, at) => {
      const { content, lineOf } = namespaceContent(scene, node, undefined, drawn)
      const cell = { row: Math.floor(at / columns), column: at % columns }
      return [node.inode, { cell, card: makeCard(content), lineOf }]
    }),
  )
}

/** Where the wire of an interface leaves its card. */
function endOf(cards: ReadonlyMap<string, PlacedCard>, node: InterfaceNode): WireEnd {
  const { cell, card, lineOf } = cards.get(node.namespace)!
  return { cell, offset: card.lineMiddle(lineOf.get(node.id)!) }
}

/** Few columns stand far apart, so that wires are seen well. */
function channelWidth(columns: number): number {
  const free = Size.page - 2 * Size.margin - 2 * Size.padding - columns * Size.card
  return Math.max(34, Math.min(120, (free / columns) * 0.6))
}

function shifted(grid: Grid, wire: number, x: number, y: number): [number, number][] {
  return grid.paths[wire]!.map(([px, py]) => [px + x, py + y])
}

/** Each wire once. */
function findWires(scene: Scene): { near: InterfaceNode; far: InterfaceNode }[] {
  const framed = new Set(scene.frames.map((node) => node.inode))
  const seen = new Set<string>()
  return scene.wired.flatMap((node) =>
    (scene.index.inNamespace.get(node.inode) ?? []).flatMap((near) => {
      const far = directWire(scene.index, near, framed)
      if (far === undefined || seen.has(near.id)) return []
      seen.add(far.id)
      return [{ near, far }]
    }),
  )
}

function drawWire(scene: Scene, { near, far }: GridWire, points: [number, number][]): string {
  const broken = [near, far].some((end) => interfaceMarks(scene.index, end).some((mark) => mark.severity === 'broken'))
  const [from, to] = [near, far].map((end) => `${end.name} of ${scene.titles.get(end.namespace)}`)
  const plugs = [points[0]!, points[points.length - 1]!].map(([x, y]) =>
    element('rect', { x: x - 3.5, y: y - 3.5, width: 7, height: 7, rx: 1.5, class: 'plug' }),
  )
  const line = element('path', { d: wirePath(points), class: broken ? 'broken-wire' : 'wire' })
  return element('g', {}, tooltip(`${from} – ${to}`) + line + plugs.join(''))
}
