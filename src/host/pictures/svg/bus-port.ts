/** A port of a bus: the line that drops from the rail, its name, and the card at its end. */
import { type Card, drawSign } from './card.ts'
import { element, label, tooltip, wirePath } from './element.ts'

/** What hangs on a bus. */
export interface Hanging {
  /** Name of the port, written at its line. */
  readonly port: string
  /** What is wrong with the port, in words; empty when nothing is. */
  readonly trouble: string
  readonly description: string
  readonly card: Card
}

/** Height of the line, from the rail to the card. */
export const DROP = 40

/** Draws a port beneath the rail at `top`. */
export function drawHanging(item: Hanging, x: number, top: number): string {
  const middle = x + 22
  const broken = item.trouble !== ''
  const bottom = top + DROP
  const line = wirePath([
    [middle, top],
    [middle, bottom],
  ])
  const room = item.card.width - 22 - 12
  return (
    element(
      'g',
      {},
      tooltip(item.description) +
        element('path', { d: line, class: broken ? 'broken-wire' : 'wire' }) +
        element('rect', { x: middle - 4, y: top - 4, width: 8, height: 8, rx: 1.5, class: 'plug' }) +
        label(middle + 9, top + (broken ? 18 : 26), item.port, { class: 'muted', size: 11.5, width: room }) +
        (broken ? drawSign('broken', middle + 8, top + 29) : '') +
        (broken
          ? label(middle + 23, top + 33, item.trouble, { class: 'broken-text', size: 11.5, width: room - 14 })
          : ''),
    ) + item.card.draw(x, bottom)
  )
}
