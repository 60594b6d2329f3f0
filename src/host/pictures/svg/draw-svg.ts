/** The graph as a drawing: frames for the host and overlays, bridges as buses, namespaces as cards. */
import type { Graph } from '../../graph.ts'
import { summarizeGraph } from '../summary.ts'
import { type Block, Size, stack, wrap } from './block.ts'
import { makeCard } from './card.ts'
import { namespaceContent } from './contents.ts'
import { element, escaped, label } from './element.ts'
import { makeFrame } from './frame.ts'
import { makeLegend } from './legend.ts'
import { makeScene, type Scene } from './scene.ts'
import { styleSheet, type Theme } from './theme.ts'
import { makeWireGrid } from './wire-grid.ts'

/** How a drawing looks. */
export interface SvgOptions {
  /** Default `auto`: as the viewer prefers. */
  readonly theme?: Theme
}

const INNER = Size.page - 2 * Size.margin
const SECTION_HEADER = 44

/** Draws a graph as an SVG document that needs nothing else: no script, no font, no style sheet. */
export function drawSvg(graph: Graph, { theme = 'auto' }: SvgOptions = {}): string {
  const scene = makeScene(graph)
  const body = stack(
    [heading(graph), ...scene.frames.map((node) => makeFrame(scene, node)), ...loose(scene), makeLegend(scene)],
    22,
  )
  const width = Math.max(Size.page, body.width + 2 * Size.margin)
  const height = body.height + 2 * Size.margin
  const name = `Network map of ${graph.host}`
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${Math.ceil(width)} ${Math.ceil(height)}`,
    width: Math.ceil(width),
    height: Math.ceil(height),
    role: 'img',
    'aria-label': `${name}: ${summarizeGraph(graph)}`,
  }
  const content =
    `<title>${escaped(name)}</title><style>${styleSheet(theme)}</style>` +
    element('rect', { width: '100%', height: '100%', class: 'paper' }) +
    body.draw(Size.margin, Size.margin)
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('svg', attributes, content)}\n`
}

function heading(graph: Graph): Block {
  return {
    width: INNER,
    height: 44,
    draw: (x, y) =>
      label(x, y + 20, graph.host, { class: 'ink', size: 22, face: 'bold', width: INNER * 0.6 }) +
      label(x + INNER, y + 20, graph.takenAt, { class: 'muted', size: 12, anchor: 'end', width: INNER * 0.35 }) +
      label(x, y + 40, summarizeGraph(graph), { class: 'muted', size: 13, width: INNER }),
  }
}

/** Namespaces that hang on no frame: those wired to each other, then the rest. */
function loose(scene: Scene): Block[] {
  const blocks: Block[] = []
  if (scene.wired.length > 0) blocks.push(section('Joined directly', makeWireGrid(scene)))
  if (scene.alone.length > 0) {
    const cards = scene.alone.map((node) => makeCard(namespaceContent(scene, node, undefined).content))
    blocks.push(section('Other namespaces', wrap(cards, INNER - 2 * Size.padding, Size.gap)))
  }
  return blocks
}

/** A frame with a title that is no namespace. */
function section(title: string, block: Block): Block {
  const width = Math.max(INNER, block.width + 2 * Size.padding)
  const height = block.height + SECTION_HEADER + Size.padding
  return {
    width,
    height,
    draw: (x, y) =>
      element('rect', { x, y, width, height, rx: 8, class: 'frame' }) +
      label(x + Size.padding, y + 27, title, { class: 'ink', size: 15, face: 'bold' }) +
      block.draw(x + Size.padding, y + SECTION_HEADER),
  }
}
