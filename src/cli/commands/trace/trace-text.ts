/** A trace as people read it: the way, hop by hop and grouped by namespace; then the cause, and what mends it. */
import type { TraceDocument, TraceHop } from '../../../diagnose/index.ts'
import { printable } from '../../frame/escape.ts'
import type { Paint } from '../../frame/terminal.ts'
import { columnsOf, padded, wrapped } from '../../frame/text.ts'

/** How a trace is shown. */
export interface TraceStyle {
  readonly columns: number
  readonly paint: Paint
  /** Only ASCII characters: the locale has no others. */
  readonly ascii: boolean
}

interface Marks {
  readonly seen: string
  readonly missing: string
  readonly unseen: string
  readonly end: string
  readonly to: string
}

const unicode: Marks = { seen: '●', missing: '○', unseen: '·', end: '✗', to: '→' }
const plain: Marks = { seen: '*', missing: 'o', unseen: '.', end: 'X', to: '->' }

/** Longest name, and longest detail, in UTF-16 units. */
const LONGEST_NAME = 64
const LONGEST_DETAIL = 300
const INDENT = 4
const ACTION_COLUMNS = 12
const TIME_COLUMNS = 10

/** The whole answer. */
export function traceText(trace: TraceDocument, style: TraceStyle): string {
  const page = new Page(style)
  return [page.heading(trace), page.way(trace), page.conclusion(trace), page.notes(trace)]
    .filter((part) => part !== '')
    .join('\n')
}

/** One flow, as a person says it: `tcp 5432 from 172.17.0.2 to 172.17.0.3`. */
export function flowText({ flow }: TraceDocument): string {
  const port = flow.port === null ? '' : ` ${flow.port}`
  const source = flow.source === null ? '' : ` from ${flow.source}`
  return `${flow.protocol}${port}${source} to ${flow.destination}`
}

class Page {
  readonly #style: TraceStyle
  readonly #marks: Marks

  constructor(style: TraceStyle) {
    this.#style = style
    this.#marks = style.ascii ? plain : unicode
  }

  heading(trace: TraceDocument): string {
    const { paint } = this.#style
    const name = (end: TraceDocument['from']): string => paint('bold', printable(end.label, LONGEST_NAME))
    const verdict = paint(trace.verdict === 'delivered' ? ['bold', 'green'] : ['bold', 'red'], trace.verdict)
    const flow = this.#wrapped(`${printable(flowText(trace), 120)}${this.#timing(trace)}`, 0)
    return `${name(trace.from)} ${this.#marks.to} ${name(trace.to)}  ${verdict}\n${paint('dim', flow)}\n`
  }

  #timing({ observed, verdict, supposed }: TraceDocument): string {
    if (supposed.length > 0) return `, after ${supposed.length === 1 ? 'the supposed change' : 'the supposed changes'}`
    if (observed === null) return ', as the tables say; nothing was sent'
    if (verdict !== 'delivered' || observed.roundTripMicroseconds === null) return ''
    const several = observed.sent > 1 ? `, ${observed.answered} of ${observed.sent} packets answered` : ''
    return `, ${duration(observed.roundTripMicroseconds, this.#style)} there and back${several}`
  }

  /** The answer's way is told in full where it ends, and in one line where all is well. */
  way({ hops, verdict, direction, cause }: TraceDocument): string {
    const there = hops.filter((hop) => hop.direction === 'request')
    const back = hops.filter((hop) => hop.direction === 'reply')
    const ends = verdict !== 'delivered'
    const lines = this.#hops(there, ends && direction === 'request', cause)
    if (back.length === 0) return lines
    if (!ends || direction === 'request') return `${lines}\n${this.#shortWay(back)}`
    return `${lines}\n  ${this.#style.paint('dim', 'and the answer')}\n${this.#hops(back, true, cause)}`
  }

  #hops(hops: readonly TraceHop[], endsHere: boolean, cause: TraceDocument['cause']): string {
    let place: string | undefined
    const lines = hops.flatMap((hop, i) => {
      const isEnd = endsHere && i === hops.length - 1
      // The cause follows in full.
      const line = this.#hop(isEnd && hop.detail === cause?.summary ? { ...hop, detail: cause.code } : hop, isEnd)
      if (hop.namespace === place) return [line]
      place = hop.namespace
      return [`  ${printable(hop.label, LONGEST_NAME)}`, line]
    })
    return lines.map((line) => `${line}\n`).join('')
  }

  #hop(hop: TraceHop, isEnd: boolean): string {
    const { columns, paint } = this.#style
    const dies = hop.action === 'drop' || isEnd
    const mark = this.#mark(hop, dies)
    const action = padded(dies ? paint('red', hop.action) : hop.action, ACTION_COLUMNS)
    const time = hop.microseconds === null ? '' : duration(hop.microseconds, this.#style)
    const begin = INDENT + 2 + ACTION_COLUMNS
    const room = Math.max(20, columns - begin - TIME_COLUMNS)
    const [first = '', ...more] = wrapped(this.#arrows(printable(hop.detail, LONGEST_DETAIL)), room).split('\n')
    const right =
      time === ''
        ? ''
        : ' '.repeat(Math.max(1, room - columnsOf(first) + TIME_COLUMNS - time.length)) + paint('dim', time)
    const rest = more.map((line) => `\n${' '.repeat(begin)}${line}`).join('')
    return `${' '.repeat(INDENT)}${mark} ${action}${first}${right}${rest}`.trimEnd()
  }

  #arrows(text: string): string {
    return this.#style.ascii ? text.replaceAll('→', plain.to) : text
  }

  #mark({ seen }: TraceHop, dies: boolean): string {
    const { paint } = this.#style
    if (dies) return paint('red', this.#marks.end)
    if (seen === null) return paint('dim', this.#marks.unseen)
    return seen ? paint('green', this.#marks.seen) : paint('yellow', this.#marks.missing)
  }

  #shortWay(hops: readonly TraceHop[]): string {
    const places = hops
      .map(({ label }) => printable(label, LONGEST_NAME))
      .filter((label, i, all) => label !== all[i - 1])
    return `${this.#style.paint('dim', this.#wrapped(`and back: ${places.join(` ${this.#marks.to} `)}`, 2))}\n`
  }

  conclusion({ cause, fix, verdict, leaves }: TraceDocument): string {
    const { paint } = this.#style
    const gone =
      leaves === null || verdict === 'delivered'
        ? ''
        : this.#paragraph(`It leaves this host by ${leaves.interface} to ${leaves.nextHop}.`)
    if (cause === null) return gone
    const evidence = cause.evidence.map(({ fact, source }) =>
      this.#item(`${printable(fact, LONGEST_DETAIL)} ${paint('dim', `(${printable(source, 40)})`)}`),
    )
    return `${this.#wrapped(`${paint(['bold', 'red'], cause.code)}  ${printable(cause.summary, 600)}`, 0)}\n${evidence.join('')}${gone}${this.#fix(fix)}`
  }

  #fix(fix: TraceDocument['fix']): string {
    if (fix === null) return ''
    const warning = fix.safe ? '' : ` ${this.#style.paint('yellow', 'Think first: this could hurt.')}`
    // Commands are never wrapped or cut: they are there to be copied.
    const commands = fix.commands.map((command) => `  ${this.#style.paint('bold', printable(command, 4000))}\n`)
    return `\n${this.#wrapped(`${printable(fix.summary, 600)}${warning}`, 0)}\n${commands.join('')}`
  }

  notes(trace: TraceDocument): string {
    const { resolution, differences, predicted, observed } = trace
    const doubts = observed === null || observed.outcome !== 'answered' ? predicted.doubts : []
    const notes = [
      ...resolution,
      ...differences,
      ...doubts.map((doubt) => `Not sure: ${doubt}`),
      ...warningsOnTheWay(trace),
    ]
    return notes.map((note) => this.#style.paint('dim', this.#item(printable(note, 500)))).join('')
  }

  #paragraph(text: string): string {
    return `${this.#wrapped(printable(text, 500), 0)}\n`
  }

  #item(text: string): string {
    return `  - ${this.#wrapped(text, 4).trimStart()}\n`
  }

  #wrapped(text: string, indent: number): string {
    return wrapped(text, this.#style.columns, indent)
  }
}

/** Of all that could not be read on this host, what concerns this way. */
function warningsOnTheWay({ hops, from, to, warnings }: TraceDocument): string[] {
  const labels = new Set([from.label, to.label, ...hops.map(({ label }) => label)])
  return warnings.filter((warning) => [...labels].some((label) => warning.includes(label)))
}

/** `12 µs`, `1.2 ms`, `0.3 s`. */
function duration(microseconds: number, { ascii }: TraceStyle): string {
  if (Math.abs(microseconds) < 1000) return `${Math.round(microseconds)} ${ascii ? 'us' : 'µs'}`
  if (microseconds < 1e6) return `${(microseconds / 1000).toFixed(1)} ms`
  return `${(microseconds / 1e6).toFixed(1)} s`
}
