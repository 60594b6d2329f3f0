/** A vxlan interface with a line to each far tunnel end (VTEP), which leaves the frame at its right edge. */
import type { InterfaceNode, Link } from '../../graph.ts'
import { tunnelLinksOf } from '../graph-index.ts'
import { interfaceMarks } from '../marks.ts'
import type { Block } from './block.ts'
import { type CardLine, makeCard, markLines } from './card.ts'
import { describe } from './contents.ts'
import { element, label, tooltip } from './element.ts'
import { textWidth } from './measure.ts'
import type { Scene } from './scene.ts'

const CARD_WIDTH = 250
const LANE = 26
/** Tunnel ends that have a line of their own. */
const MOST_ENDS = 12
/** How far arrows reach beyond the strip: over the frame's padding and edge. */
const BEYOND = 34

/** The strip of a vxlan interface. */
export function makeTunnelStrip(scene: Scene, node: InterfaceNode, width: number): Block {
  const ends = tunnelLinksOf(scene.index, node.id)
  const card = makeCard({
    name: node.name,
    aside: `${node.kind} id ${settingsOf(node)['id'] ?? '?'}`,
    lines: stripLines(scene, node, ends),
    look: interfaceMarks(scene.index, node).some((mark) => mark.severity === 'broken') ? 'broken' : 'plain',
    description: describe(scene, node),
    width: CARD_WIDTH,
  })
  const shown = ends.filter((end) => typeof end.details['remote'] === 'string' || end.to !== null)
  const lanes = shown.slice(0, MOST_ENDS)
  const rest = shown.length - lanes.length
  const height = Math.max(card.height, (lanes.length + (rest > 0 ? 1 : 0)) * LANE + 4)
  return {
    width,
    height,
    draw(x, y) {
      const left = x + CARD_WIDTH
      const more = { class: 'muted', size: 12 }
      return (
        // The card is as high as its lines are many, so that every line begins at it.
        element('path', { d: `M${left} ${y + 4}V${y + height - 4}`, class: 'tunnel', style: 'stroke-dasharray:none' }) +
        card.draw(x, y) +
        lanes.map((end, at) => drawEnd(scene, node, end, left, y + at * LANE + LANE - 5, x + width + BEYOND)).join('') +
        (rest > 0 ? label(left + 14, y + lanes.length * LANE + 18, `and ${rest} more tunnel ends`, more) : '')
      )
    },
  }
}

function stripLines(scene: Scene, node: InterfaceNode, ends: readonly Link[]): CardLine[] {
  const { port } = settingsOf(node)
  const underlay = scene.index.interfaces.get(String(ends[0]?.details['underlayInterface'] ?? ''))
  const over = underlay === undefined ? [] : [`over ${underlay.name} of ${scene.titles.get(underlay.namespace)}`]
  const facts = [[...(typeof port === 'number' ? [`port ${port}`] : []), `mtu ${node.mtu}`].join(', '), ...over]
  return [...facts.map((text): CardLine => ({ text, look: 'note' })), ...markLines(interfaceMarks(scene.index, node))]
}

function drawEnd(scene: Scene, node: InterfaceNode, end: Link, left: number, y: number, right: number): string {
  const remote = String(end.details['remote'] ?? '')
  const far = end.to === null ? undefined : scene.index.interfaces.get(end.to === node.id ? end.from : end.to)
  const place = far === undefined ? '' : `${far.name} of ${scene.titles.get(far.namespace)}`
  const macs = Array.isArray(end.details['macs']) ? end.details['macs'].map(String).sort() : []
  const count = typeof end.details['entries'] === 'number' ? end.details['entries'] : macs.length
  const facts = [place, end.kind === 'vxlan' ? `${count} ${count === 1 ? 'MAC' : 'MACs'}` : '', macWords(macs, count)]
  const text = facts.filter((fact) => fact !== '').join(' · ')
  const remoteWidth = textWidth(remote, 12, 'mono')
  return element(
    'g',
    {},
    tooltip([`tunnel of ${node.name} to ${remote || place}`, ...macs]) +
      element('path', { d: `M${left} ${y}H${right - 8}`, class: 'tunnel' }) +
      element('path', { d: `M${right} ${y}l-9 -4.5v9z`, class: 'tunnel-head' }) +
      label(left + 14, y - 5, remote, { class: 'ink', size: 12, face: 'mono' }) +
      label(left + 26 + remoteWidth, y - 5, text, {
        class: 'muted',
        size: 11.5,
        width: right - left - remoteWidth - 70,
      }),
  )
}

/** MAC addresses that a line names. */
const MACS_NAMED = 4

function macWords(macs: readonly string[], count: number): string {
  return macs.slice(0, MACS_NAMED).join(', ') + (count > MACS_NAMED ? ' …' : '')
}

function settingsOf(node: InterfaceNode): Readonly<Record<string, unknown>> {
  const settings = node.details[node.kind]
  return typeof settings === 'object' && settings !== null ? (settings as Record<string, unknown>) : {}
}
