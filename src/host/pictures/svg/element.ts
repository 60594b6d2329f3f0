/** Elements of an SVG document, as text that is well-formed whatever it is made of. */
import { shownText } from '../labels.ts'
import { type Face, fitted } from './measure.ts'

/** Values of attributes; numbers are rounded to tenths of a pixel, undefined ones are left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>

/** An element. `content` is SVG already. */
export function element(name: string, attributes: Attributes, content = ''): string {
  const written = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined
      ? []
      : [` ${key}="${escaped(typeof value === 'number' ? String(Math.round(value * 10) / 10) : value)}"`],
  )
  return content === '' ? `<${name}${written.join('')}/>` : `<${name}${written.join('')}>${content}</${name}>`
}

/** What a reader is told of the element that contains it, by pointing at it or by a screen reader; one line or several. */
export function tooltip(text: string | readonly string[]): string {
  const lines = typeof text === 'string' ? [text] : text
  return `<title>${lines.map(escaped).join('\n')}</title>`
}

/** Text from outside as XML text or attribute value. */
export function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return shownText(text, LONGEST_TEXT).replace(/[&<>"']/g, (character) => entities[character]!)
}

/** Longest text, in UTF-16 units: tooltips hold what a label had no room for. */
const LONGEST_TEXT = 400

/** How a line of text is set. */
export interface TextStyle {
  readonly class: string
  readonly size: number
  readonly face?: Face
  /** Pixels that it may take; what does not fit is cut, and stands whole in a tooltip. */
  readonly width?: number
  readonly anchor?: 'start' | 'middle' | 'end'
}

/** A line of text on the base line `y`. */
export function label(x: number, y: number, text: string, style: TextStyle): string {
  const face = style.face ?? 'sans'
  const whole = shownText(text, LONGEST_TEXT)
  const shown = style.width === undefined ? whole : fitted(whole, style.size, face, style.width)
  const attributes = {
    x,
    y,
    class: `${style.class}${face === 'sans' ? '' : ` ${face}`}`,
    'font-size': style.size,
    'text-anchor': style.anchor === undefined || style.anchor === 'start' ? undefined : style.anchor,
  }
  return element('text', attributes, (shown === whole ? '' : tooltip(text)) + escaped(shown))
}

/** A line through points, its corners rounded. */
export function wirePath(points: readonly (readonly [number, number])[], radius = 5): string {
  const parts: string[] = []
  points.forEach(([x, y], at) => {
    const [before, after] = [points[at - 1], points[at + 1]]
    if (before === undefined) parts.push(`M${rounded(x)} ${rounded(y)}`)
    else if (after === undefined) parts.push(`L${rounded(x)} ${rounded(y)}`)
    else {
      const [ax, ay] = towards([x, y], before, radius)
      const [bx, by] = towards([x, y], after, radius)
      parts.push(`L${rounded(ax)} ${rounded(ay)}Q${rounded(x)} ${rounded(y)} ${rounded(bx)} ${rounded(by)}`)
    }
  })
  return parts.join('')
}

/** The point `distance` away from a corner on the way to its neighbour, at most half of that way. */
function towards(
  [x, y]: readonly [number, number],
  [tx, ty]: readonly [number, number],
  distance: number,
): [number, number] {
  const length = Math.hypot(tx - x, ty - y)
  if (length === 0) return [x, y]
  const part = Math.min(distance, length / 2) / length
  return [x + (tx - x) * part, y + (ty - y) * part]
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10
}
