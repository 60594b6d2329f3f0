/** A bridge as a bus: a rail with its name, ports hanging from it in rows, its vxlan with the far tunnel ends. */
import { type Block, beside, rowsOf, Size } from './block.ts'
import { DROP, drawHanging, type Hanging } from './bus-port.ts'
import { drawSign } from './card.ts'
import { element, label, tooltip } from './element.ts'
import { textWidth } from './measure.ts'

/** A bus. */
export interface BusContent {
  readonly name: string
  /** Behind the name: kind, network. */
  readonly aside: string
  readonly addresses: readonly string[]
  readonly trouble: string
  readonly description: string
  readonly look: 'bridge' | 'overlay' | 'loose'
  readonly hanging: readonly Hanging[]
  /** Strips across the whole width beneath the ports: vxlan interfaces. */
  readonly strips: readonly Block[]
}

const HEADER = 26
const INDENT = 18
const ROW_GAP = 18
const RAILS = { bridge: 'rail', overlay: 'overlay-rail', loose: 'thin-rail' } as const

/** Lays a bus out in `width` pixels. */
export function makeBus(content: BusContent, width: number): Block {
  const lanes = [...hangingLanes(content.hanging, width), ...stripLanes(content)]
  const height =
    HEADER + 4 + lanes.reduce((sum, lane) => sum + lane.height, 0) + ROW_GAP * Math.max(0, lanes.length - 1)
  return {
    width,
    height,
    draw(x, y) {
      const first = y + HEADER
      let top = first
      const rails = [`M${x} ${first}H${x + headerWidth(content, width)}`]
      const parts = lanes.map((lane) => {
        rails.push(`M${x} ${first}V${top + lane.railAt}H${x + lane.railWidth}`)
        const drawn = lane.draw(x + INDENT, top)
        top += lane.height + ROW_GAP
        return drawn
      })
      const rail = element('path', { d: rails.join(''), class: RAILS[content.look] })
      return element('g', {}, tooltip(content.description) + rail + drawHeader(content, x, y, width) + parts.join(''))
    },
  }
}

/** A row of the bus: what hangs on one stretch of its rail. */
interface Lane {
  readonly height: number
  /** Where its rail is, from the lane's upper edge, and how far it reaches. */
  readonly railAt: number
  readonly railWidth: number
  draw(x: number, y: number): string
}

function hangingLanes(hanging: readonly Hanging[], width: number): Lane[] {
  const blocks = hanging.map(
    (item): Block => ({
      width: item.card.width,
      height: DROP + item.card.height,
      draw: (x, y) => drawHanging(item, x, y),
    }),
  )
  return rowsOf(blocks, width - INDENT, Size.gap).map((row) => {
    const block = beside(row, Size.gap)
    return { height: block.height, railAt: 0, railWidth: INDENT + block.width, draw: block.draw }
  })
}

function stripLanes({ strips, hanging }: BusContent): Lane[] {
  return strips.map((strip, at) => {
    // The first one under a bare rail keeps the distance that ports would.
    const above = at === 0 && hanging.length === 0 ? ROW_GAP : 0
    return {
      height: strip.height + above,
      railAt: above + 15,
      railWidth: INDENT,
      draw: (x, y) => strip.draw(x, y + above),
    }
  })
}

function headerWidth(content: BusContent, width: number): number {
  return Math.min(width, INDENT + textWidth(content.name, 14, 'bold') + textWidth(content.aside, 12, 'sans') + 24)
}

function drawHeader(content: BusContent, x: number, y: number, width: number): string {
  const colour = { bridge: 'bridge-text', overlay: 'overlay-text', loose: 'muted' }[content.look]
  const nameWidth = Math.min(textWidth(content.name, 14, 'bold'), width / 3)
  const asideX = x + nameWidth + 10
  const asideWidth = Math.min(textWidth(content.aside, 12, 'sans'), width / 3)
  const addressX = asideX + asideWidth + (content.aside === '' ? 0 : 12)
  const addresses = content.addresses.join('  ')
  const troubleX = addressX + textWidth(addresses, 12, 'mono') + 12
  return (
    label(x, y + 16, content.name, { class: colour, size: 14, face: 'bold', width: width / 3 }) +
    label(asideX, y + 16, content.aside, { class: 'muted', size: 12, width: width / 3 }) +
    (addresses === ''
      ? ''
      : label(addressX, y + 16, addresses, { class: 'ink', size: 12, face: 'mono', width: x + width - addressX })) +
    (content.trouble === '' || troubleX > x + width - 60
      ? ''
      : drawSign('broken', troubleX, y + 12) +
        label(troubleX + 16, y + 16, content.trouble, {
          class: 'broken-text',
          size: 12,
          width: x + width - troubleX - 16,
        }))
  )
}
