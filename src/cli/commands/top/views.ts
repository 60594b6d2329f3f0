/** Tables of what uses the network: rows in an order, cut to the columns that there are. */
import type { TopReport, TrafficRates } from '../../../probe/index.ts'
import { printable } from '../../frame/escape.ts'
import { columnsOf, cutInMiddle, padded } from '../../frame/text.ts'
import { rateText, sizeText } from '../probe/throughput.ts'
import type { TOP_ORDERS, TOP_VIEWS } from './choices.ts'

/** What is shown. */
export type TopView = (typeof TOP_VIEWS)[number]
/** By what it is sorted. */
export type TopOrder = (typeof TOP_ORDERS)[number]

/** How a report is shown. */
export interface ViewOptions {
  readonly view: TopView
  readonly order: TopOrder
  readonly reversed: boolean
  readonly columns: number
}

/** A table: its titles, and its rows as lines. */
export interface ViewTable {
  readonly title: string
  readonly lines: readonly string[]
}

/** A row before it is laid out. */
interface Row {
  readonly name: string
  readonly cells: readonly string[]
  readonly rates: TrafficRates
  readonly cpu: number
  readonly memory: number
}

/** A column: its title, its width, and whether it stands on the right; the first one takes what is left. */
interface Column {
  readonly title: string
  readonly width: number
}

const RATE: Column = { title: '', width: 11 }
const COLUMNS: Readonly<Record<TopView, readonly Column[]>> = {
  namespaces: [
    { ...RATE, title: 'IN' },
    { ...RATE, title: 'OUT' },
    { title: 'CONNS', width: 6 },
    { title: 'CPU', width: 7 },
    { title: 'MEMORY', width: 8 },
  ],
  links: [
    { ...RATE, title: 'IN' },
    { ...RATE, title: 'OUT' },
    { title: 'PKT IN', width: 9 },
    { title: 'PKT OUT', width: 9 },
    { title: 'LOST', width: 7 },
  ],
  connections: [
    { ...RATE, title: 'IN' },
    { ...RATE, title: 'OUT' },
    { title: 'RTT', width: 8 },
  ],
}
const FIRST: Readonly<Record<TopView, string>> = {
  namespaces: 'NAMESPACE',
  links: 'LINK',
  connections: 'CONNECTION',
}
/** A name is not cut to less than this. */
const SHORTEST_NAME = 16

/** Orders that mean something in a view. */
export function ordersOf(view: TopView): readonly TopOrder[] {
  const always = ['traffic', 'received', 'sent', 'name'] as const
  return view === 'namespaces' ? [...always, 'cpu', 'memory'] : always
}

/** A report as a table. */
export function viewTable(report: TopReport, options: ViewOptions): ViewTable {
  const columns = COLUMNS[options.view]
  const width = Math.max(SHORTEST_NAME, options.columns - columns.reduce((sum, column) => sum + column.width + 1, 0))
  const rows = rowsOf(report, options.view).toSorted(comparison(options.order))
  if (options.reversed) rows.reverse()
  const line = (first: string, cells: readonly string[]): string =>
    [padded(cutInMiddle(first, width), width), ...cells.map((cell, i) => cell.padStart(columns[i]!.width))].join(' ')
  return {
    title: line(
      FIRST[options.view],
      columns.map(({ title }) => title),
    ),
    lines: rows.map(({ name, cells }) => line(name, cells)),
  }
}

function rowsOf(report: TopReport, view: TopView): Row[] {
  if (view === 'links') return report.links.map(linkRow)
  if (view === 'connections') return report.connections.map(connectionRow)
  return report.namespaces.map((it) => ({
    name: printable(it.namespace),
    cells: [
      ...rateCells(it),
      String(it.connections),
      it.cpuPercent === null ? '-' : `${it.cpuPercent.toFixed(1)} %`,
      it.memoryBytes === null ? '-' : sizeText(it.memoryBytes),
    ],
    rates: it,
    cpu: it.cpuPercent ?? -1,
    memory: it.memoryBytes ?? -1,
  }))
}

function linkRow(it: TopReport['links'][number]): Row {
  const counts = [it.receivedPacketsPerSecond, it.sentPacketsPerSecond, it.lostPacketsPerSecond]
  return {
    name: `${printable(it.namespace)} ${printable(it.interface)}`,
    cells: [...rateCells(it), ...counts.map((count) => `${count}/s`)],
    rates: it,
    cpu: 0,
    memory: 0,
  }
}

function connectionRow(it: TopReport['connections'][number]): Row {
  const process = it.process === null ? '' : ` ${printable(it.process, 40)}`
  const roundTrip = it.roundTripMicroseconds
  return {
    name: `${it.protocol} ${it.local} > ${it.remote}${process} ${printable(it.namespace)}`,
    cells: [...rateCells(it), roundTrip === null ? '-' : `${(roundTrip / 1000).toFixed(2)} ms`],
    rates: it,
    cpu: 0,
    memory: 0,
  }
}

function rateCells({ receivedBitsPerSecond, sentBitsPerSecond }: TrafficRates): string[] {
  return [receivedBitsPerSecond, sentBitsPerSecond].map((rate) => (rate === 0 ? '-' : rateText(rate)))
}

/** Names break ties, so that rows that do nothing stay where they are. */
function comparison(order: TopOrder): (a: Row, b: Row) => number {
  const byName = (a: Row, b: Row): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
  const value: Readonly<Record<Exclude<TopOrder, 'name'>, (row: Row) => number>> = {
    traffic: ({ rates }) => rates.receivedBitsPerSecond + rates.sentBitsPerSecond,
    received: ({ rates }) => rates.receivedBitsPerSecond,
    sent: ({ rates }) => rates.sentBitsPerSecond,
    cpu: ({ cpu }) => cpu,
    memory: ({ memory }) => memory,
  }
  if (order === 'name') return byName
  return (a, b) => value[order](b) - value[order](a) || byName(a, b)
}

/** `text` in exactly so many columns, cut at its end. */
export function fitted(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return padded(text, columns)
  let shown = text
  while (columnsOf(shown) > columns) shown = shown.slice(0, -1)
  return padded(shown, columns)
}
