/**
 * Routes wires between cards of a grid through the channels between columns and the corridors between rows, so that no
 * wire crosses a card and no two run upon each other. Channels are as wide as the wires in them need.
 */

import { assignTracks, type Span } from './wire-tracks.ts'

/** Place of a card. */
export interface Cell {
  readonly row: number
  readonly column: number
}

/** An end of a wire: its card, and how far below the card's upper edge it leaves. */
export interface WireEnd {
  readonly cell: Cell
  readonly offset: number
}

/** A wire. */
export interface Wire {
  readonly from: WireEnd
  readonly to: WireEnd
}

/** What is to be placed. */
export interface GridPlan {
  readonly columns: number
  readonly cardWidth: number
  /** Width of a channel without wires. */
  readonly channelWidth: number
  /** Height of each row. */
  readonly heights: readonly number[]
  readonly wires: readonly Wire[]
}

/** Where everything is. */
export interface Grid {
  readonly width: number
  readonly height: number
  readonly columnLeft: readonly number[]
  readonly rowTop: readonly number[]
  /** Points of each wire, in the order of the plan. */
  readonly paths: readonly (readonly (readonly [number, number])[])[]
}

const TRACK = 9
const OUTER_CHANNEL = 24
const CORRIDOR = 26
/** What stretches on one track keep between them: in pixels, and in numbers of channels. */
const CHANNEL_CLEARANCE = 4
const CORRIDOR_CLEARANCE = 0.5

/** A wire's way: the channel that each end leaves into, and the corridor between them when they differ. */
interface Route {
  /** Both ends are side by side at the same height: a straight line. */
  readonly isStraight: boolean
  readonly fromChannel: number
  readonly toChannel: number
  readonly corridor: number | undefined
}

/** Places columns, rows and wires. */
export function placeWires(plan: GridPlan): Grid {
  const routes = plan.wires.map(routeOf)
  const { rowTop, height, levels } = placeRows(plan, routes)
  const pins = plan.wires.map((wire, at) => pinsOf(wire, routes[at]!, rowTop))
  const { columnLeft, width, uprights } = placeColumns(plan, routes, pins, levels)
  const edge = (end: WireEnd, channel: number) =>
    columnLeft[end.cell.column]! + (channel === end.cell.column ? 0 : plan.cardWidth)
  const paths = plan.wires.map(({ from, to }, at) => {
    const { fromChannel, toChannel } = routes[at]!
    const [fromY, toY] = pins[at]!
    const [near, far] = uprights[at]!
    const start: Point = [edge(from, fromChannel), fromY]
    const end: Point = [edge(to, toChannel), toY]
    const level = levels[at]
    if (level === undefined) return corners(start, [near, fromY], [near, toY], end)
    return corners(start, [near, fromY], [near, level], [far, level], [far, toY], end)
  })
  return { width, height, columnLeft, rowTop, paths }
}

type Point = readonly [number, number]

/** Rows with corridors between them, and at which height each wire that needs a corridor runs through it. */
function placeRows(plan: GridPlan, routes: readonly Route[]) {
  const spans = routes.flatMap(({ fromChannel, toChannel, corridor }, wire) =>
    corridor === undefined ? [] : [{ wire, lane: corridor, from: fromChannel, to: toChannel }],
  )
  const { tracks, counts } = assignTracks(spans, plan.heights.length + 1, CORRIDOR_CLEARANCE)
  const rowTop: number[] = []
  const corridorTop = [0]
  let height = 0
  plan.heights.forEach((rowHeight, row) => {
    rowTop.push(height)
    corridorTop.push(height + rowHeight)
    height += rowHeight + corridorHeight(counts[row + 1]!, row + 1 === plan.heights.length)
  })
  const levels = new Array<number | undefined>(routes.length).fill(undefined)
  spans.forEach(({ wire, lane }, at) => {
    levels[wire] = corridorTop[lane]! + CORRIDOR / 2 + tracks[at]! * TRACK + TRACK / 2
  })
  return { rowTop, height, levels }
}

/** Columns with channels between them, and where each wire runs upright: at its beginning, and at its end. */
function placeColumns(
  plan: GridPlan,
  routes: readonly Route[],
  pins: readonly Point[],
  levels: readonly (number | undefined)[],
) {
  const spans = routes.flatMap((route, wire) => uprightSpans(route, wire, pins[wire]!, levels[wire]))
  const { tracks, counts } = assignTracks(spans, plan.columns + 1, CHANNEL_CLEARANCE)
  const columnLeft: number[] = []
  const channelLeft: number[] = []
  let width = 0
  for (let channel = 0; channel <= plan.columns; channel++) {
    channelLeft.push(width)
    width += channelWidth(plan, counts[channel]!, channel)
    if (channel < plan.columns) columnLeft.push(width)
    if (channel < plan.columns) width += plan.cardWidth
  }
  const uprights = routes.map((): [number, number] => [0, 0])
  spans.forEach(({ wire, lane, ends }, at) => {
    const x = channelLeft[lane]! + firstTrack(plan, lane) + tracks[at]! * TRACK
    for (const end of ends) uprights[wire]![end] = x
  })
  return { columnLeft, width, uprights }
}

/** An upright stretch of a wire: at its beginning (0), at its end (1), or both. */
interface Upright extends Span {
  readonly wire: number
  readonly ends: readonly (0 | 1)[]
}

/** The upright stretches of a wire: one where it stays in one channel, none where it is straight. */
function uprightSpans(route: Route, wire: number, [fromY, toY]: Point, level: number | undefined): Upright[] {
  const { isStraight, fromChannel, toChannel } = route
  if (isStraight) return []
  if (level === undefined) return [{ wire, ends: [0, 1], lane: fromChannel, from: fromY, to: toY }]
  return [
    { wire, ends: [0], lane: fromChannel, from: fromY, to: level },
    { wire, ends: [1], lane: toChannel, from: level, to: toY },
  ]
}

/** Channels are numbered from the left edge: channel `n` is to the left of column `n`. */
function routeOf({ from, to }: Wire): Route {
  const [a, b] = [from.cell.column, to.cell.column]
  if (a === b) return { isStraight: false, fromChannel: a + 1, toChannel: a + 1, corridor: undefined }
  const [fromChannel, toChannel] = a < b ? [a + 1, b] : [a, b + 1]
  if (fromChannel === toChannel) {
    const isStraight = from.cell.row === to.cell.row && from.offset === to.offset
    return { isStraight, fromChannel, toChannel, corridor: undefined }
  }
  const [upper, lower] = [Math.min(from.cell.row, to.cell.row), Math.max(from.cell.row, to.cell.row)]
  // Corridor `n` is above row `n`: between the two rows, or beneath when both ends are in one.
  return { isStraight: false, fromChannel, toChannel, corridor: upper === lower ? upper + 1 : lower }
}

/**
 * Heights at which a wire leaves its cards. Ends that leave to the left are a little higher than those to the right, so
 * that two wires do not meet in a channel; a straight one has no way around.
 */
function pinsOf({ from, to }: Wire, route: Route, rowTop: readonly number[]): readonly [number, number] {
  const pin = (end: WireEnd, channel: number) => {
    const shift = route.isStraight ? 0 : channel === end.cell.column ? -3 : 3
    return rowTop[end.cell.row]! + end.offset + shift
  }
  return [pin(from, route.fromChannel), pin(to, route.toChannel)]
}

/** Beneath the last row only what wires need is kept free; above the first there never is a wire. */
function corridorHeight(tracks: number, isLast: boolean): number {
  return isLast && tracks === 0 ? 0 : CORRIDOR + tracks * TRACK
}

/** Where the first wire of a channel runs: tracks stand in the channel's middle, or near the cards at the outside. */
function firstTrack(plan: GridPlan, channel: number): number {
  const isInner = channel > 0 && channel < plan.columns
  return (isInner ? plan.channelWidth / 2 : OUTER_CHANNEL / 2) + TRACK / 2
}

/** Outside of the first and last column only what wires need is kept free. */
function channelWidth(plan: GridPlan, tracks: number, channel: number): number {
  if (channel > 0 && channel < plan.columns) return plan.channelWidth + tracks * TRACK
  return tracks === 0 ? 0 : OUTER_CHANNEL + tracks * TRACK
}

/** Points without those on a straight line between their neighbours. */
function corners(...points: readonly Point[]): Point[] {
  return points.filter(([x, y], at) => {
    const [before, after] = [points[at - 1], points[at + 1]]
    if (before === undefined || after === undefined) return true
    return !((before[0] === x && after[0] === x) || (before[1] === y && after[1] === y))
  })
}
