/** Cards: a namespace or a single interface, with what is known of it in lines. */

import type { Mark } from '../marks.ts'
import { type Block, Size } from './block.ts'
import { element, label, tooltip } from './element.ts'
import { textWidth } from './measure.ts'

/** A line of a card. */
export interface CardLine {
  readonly text: string
  /** Set behind the text, or alone: an address. */
  readonly address?: string
  readonly look: 'interface' | 'note' | 'broken' | 'odd'
}

/** What a card shows. */
export interface CardContent {
  readonly name: string
  /** In small letters at the right: the runtime, the kind. */
  readonly aside: string
  readonly lines: readonly CardLine[]
  /** `elsewhere`: drawn in full at another place. */
  readonly look: 'plain' | 'broken' | 'elsewhere'
  /** All of it in words. */
  readonly description: string | readonly string[]
  readonly width?: number
}

/** A card that knows where its lines are. */
export interface Card extends Block {
  /** Middle of a line, from the card's upper edge. */
  lineMiddle(line: number): number
}

const PAD = 10
const TITLE_HEIGHT = 28
const LINE_HEIGHT = 17
const NAME_SIZE = 13
const ASIDE_SIZE = 11
/** Room that the sign of a mark takes. */
const SIGN = 15

/** Makes a card. An aside that has no room beside the name becomes the first line. */
export function makeCard(content: CardContent): Card {
  const width = content.width ?? Size.card
  const room = width - 2 * PAD - textWidth(content.aside, ASIDE_SIZE, 'sans') - 8
  const isBeside = content.aside === '' || textWidth(content.name, NAME_SIZE, 'bold') <= room
  const aside: CardLine[] = isBeside ? [] : [{ text: content.aside, look: 'note' }]
  const lines = [...aside, ...content.lines]
  const height = TITLE_HEIGHT + lines.length * LINE_HEIGHT + (lines.length > 0 ? 7 : 2)
  return {
    width,
    height,
    lineMiddle: (line) => TITLE_HEIGHT + (aside.length + line) * LINE_HEIGHT + LINE_HEIGHT / 2 - 1,
    draw(x, y) {
      const style = { plain: 'card', broken: 'broken-card', elsewhere: 'elsewhere' }[content.look]
      const name = { class: 'ink', size: NAME_SIZE, face: 'bold' as const, width: width - 2 * PAD }
      const beside = { class: 'muted', size: ASIDE_SIZE, anchor: 'end' as const }
      return element(
        'g',
        {},
        tooltip(content.description) +
          element('rect', { x, y, width, height, rx: 5, class: style }) +
          label(x + PAD, y + 19, content.name, name) +
          (isBeside && content.aside !== '' ? label(x + width - PAD, y + 19, content.aside, beside) : '') +
          lines.map((line, at) => drawLine(line, x, y + TITLE_HEIGHT + at * LINE_HEIGHT, width)).join(''),
      )
    },
  }
}

const LINE_CLASSES = {
  interface: 'ink',
  note: 'muted',
  broken: 'broken-text',
  odd: 'odd-text',
} as const

function drawLine(line: CardLine, x: number, y: number, width: number): string {
  const baseline = y + 12
  const room = width - 2 * PAD
  const style = { class: LINE_CLASSES[line.look], size: 12 }
  if (line.address === undefined) {
    if (line.look !== 'broken' && line.look !== 'odd')
      return label(x + PAD, baseline, line.text, { ...style, width: room })
    return (
      drawSign(line.look, x + PAD, y + 8) + label(x + PAD + SIGN, baseline, line.text, { ...style, width: room - SIGN })
    )
  }
  const address = { class: 'ink', size: 11.5, face: 'mono' as const }
  if (line.text === '') return label(x + PAD, baseline, line.address, { ...address, width: room })
  const nameWidth = Math.min(textWidth(line.text, 12, 'sans'), room / 2)
  return (
    label(x + PAD, baseline, line.text, { ...style, width: room / 2 }) +
    label(x + PAD + nameWidth + 8, baseline, line.address, { ...address, width: room - nameWidth - 8 })
  )
}

/** The sign of a mark, told apart by its shape: a cross for what is broken, a triangle for what is odd. */
export function drawSign(severity: Mark['severity'], x: number, y: number): string {
  if (severity === 'broken') {
    const d = `M${x + 1} ${y - 4}L${x + 9} ${y + 4}M${x + 9} ${y - 4}L${x + 1} ${y + 4}`
    return element('path', { d, class: 'broken-wire', style: 'stroke-dasharray:none;stroke-width:2.2' })
  }
  return element('path', { d: `M${x + 5} ${y - 5}L${x + 10} ${y + 4}H${x}Z`, class: 'odd-text' })
}

/** Lines for marks; one that is too long for a line goes on in the next. */
export function markLines(marks: readonly Mark[]): CardLine[] {
  return marks.flatMap((mark): CardLine[] => {
    const [first, rest] = brokenAtWord(mark.words, Size.card - 2 * PAD - SIGN)
    return [{ text: first, look: mark.severity }, ...(rest === '' ? [] : [{ text: rest, look: 'note' as const }])]
  })
}

function brokenAtWord(text: string, width: number): [string, string] {
  if (textWidth(text, 12, 'sans') <= width) return [text, '']
  const words = text.split(' ')
  let first = words.shift()!
  while (words.length > 0 && textWidth(`${first} ${words[0]}`, 12, 'sans') <= width) first += ` ${words.shift()}`
  return [first, words.join(' ')]
}

/** Addresses that a card lists. */
const MOST_ADDRESSES = 3

/** Lines for an interface's addresses, the first of them behind `name`. */
export function addressLines(name: string, addresses: readonly string[]): CardLine[] {
  const [first, ...others] = addresses
  const lines: CardLine[] = [{ text: name, look: 'interface', ...(first === undefined ? {} : { address: first }) }]
  // A long address (IPv6) has a line of its own, or nothing would be left of it.
  if (first !== undefined && first.length > 20) {
    lines[0] = { text: name, look: 'interface' }
    others.unshift(first)
  }
  for (const address of others.slice(0, MOST_ADDRESSES - 1)) lines.push({ text: '', address, look: 'interface' })
  const rest = others.length - (MOST_ADDRESSES - 1)
  if (rest > 0) lines.push({ text: `and ${rest} more`, look: 'note' })
  return lines
}
