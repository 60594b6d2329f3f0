/** What the signs of the drawing mean; only those that occur. */
import type { InterfaceNode } from '../../graph.ts'
import { farEndOf } from '../graph-index.ts'
import { interfaceMarks, namespaceMarks } from '../marks.ts'
import { type Block, Size, wrap } from './block.ts'
import { drawSign } from './card.ts'
import { element, label } from './element.ts'
import { textWidth } from './measure.ts'
import type { Scene } from './scene.ts'

const SIGN = 34

/** The legend of a drawing. */
export function makeLegend(scene: Scene): Block {
  const { graph } = scene.index
  const marks = [
    ...graph.interfaces.flatMap((node) => interfaceMarks(scene.index, node)),
    ...graph.namespaces.flatMap(namespaceMarks),
  ]
  const has = (severity: string) => marks.some((mark) => mark.severity === severity)
  const line = (style: string) => (x: number, y: number) => element('path', { d: `M${x} ${y}h26`, class: style })
  const box = (style: string) => (x: number, y: number) =>
    element('rect', { x, y: y - 7, width: 26, height: 14, rx: 3, class: style })
  const entries: [shown: boolean, sign: (x: number, y: number) => string, text: string][] = [
    [graph.interfaces.some((node) => node.kind === 'bridge'), line('rail'), 'bridge'],
    [graph.links.some((link) => link.kind === 'veth'), line('wire'), 'veth pair'],
    [graph.links.some((link) => link.kind === 'vxlan'), line('tunnel'), 'tunnel to another host'],
    [true, box('card'), 'namespace or interface'],
    [graph.interfaces.some((node) => isReference(scene, node)), box('elsewhere'), 'drawn in full elsewhere'],
    [has('broken'), (x, y) => drawSign('broken', x + 8, y), 'broken'],
    [has('odd'), (x, y) => drawSign('odd', x + 8, y), 'odd'],
  ]
  const blocks = entries
    .filter(([shown]) => shown)
    .map(
      ([, sign, text]): Block => ({
        width: SIGN + textWidth(text, 12, 'sans') + 14,
        height: 20,
        draw: (x, y) => sign(x, y + 10) + label(x + SIGN, y + 14, text, { class: 'muted', size: 12 }),
      }),
    )
  return wrap(blocks, Size.page - 2 * Size.margin, 8)
}

/** A port whose far namespace is drawn at another place. */
function isReference(scene: Scene, node: InterfaceNode): boolean {
  const far = node.master === null ? undefined : farEndOf(scene.index, node.id)?.interface
  if (far === undefined || far.namespace === node.namespace) return false
  const hasPlace = [...scene.wired, ...scene.frames].some((other) => other.inode === far.namespace)
  return hasPlace || scene.hangsOn.get(far.namespace)?.near.id !== node.id
}
