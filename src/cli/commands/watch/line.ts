/** One change as a line for people: when, where, and what, in columns. */
import type { Change } from '../../../host/index.ts'
import type { Terminal } from '../../command.ts'
import { printable } from '../../frame/escape.ts'
import { type Paint, painter } from '../../frame/terminal.ts'
import { cutInMiddle, padded } from '../../frame/text.ts'

type View = Readonly<Record<string, unknown>>

/** Columns for the namespace's name on a wide terminal and on a narrow one. */
const PLACE_COLUMNS = { wide: 26, narrow: 18 }
/** From here on a terminal is wide. */
const WIDE = 100
/** Longest kind of object: `forwarding`. */
const OBJECT_COLUMNS = 10
/** Longest text taken over from outside, in UTF-16 units. */
const LONGEST = 400

const SIGNS = { added: '+', removed: '-', changed: '~', resynchronised: '!' } as const
const STYLES = { added: 'green', removed: 'red', changed: 'yellow', resynchronised: 'magenta' } as const

/** Words for the fields of an object that read badly by their names. */
const FIELDS: Readonly<Record<string, string>> = { mac: 'MAC', mtu: 'MTU', names: 'name', nextHops: 'next hops' }

/** How to print changes on this terminal: each as a line without its newline. */
export function changePrinter(terminal: Pick<Terminal, 'colour' | 'columns'>): (change: Change) => string {
  const paint = painter(terminal)
  const columns = (terminal.columns ?? WIDE) < WIDE ? PLACE_COLUMNS.narrow : PLACE_COLUMNS.wide
  return (change) => changeLine(change, columns, paint)
}

function changeLine(change: Change, columns: number, paint: Paint): string {
  const time = paint('dim', clock(change.time))
  const sign = paint(STYLES[change.action], SIGNS[change.action])
  if (change.namespace === null) return `${time}  ${sign} ${printable(change.subject, LONGEST)}`
  const place = padded(cutInMiddle(printable(placeOf(change.namespace), LONGEST), columns), columns)
  const object = paint('dim', padded(change.object, OBJECT_COLUMNS))
  return `${time}  ${place}  ${sign} ${object} ${printable(sentence(change), LONGEST)}`.trimEnd()
}

/** Local time of day to the millisecond. */
function clock(time: string): string {
  const at = new Date(time)
  const two = (number: number): string => String(number).padStart(2, '0')
  const milliseconds = String(at.getMilliseconds()).padStart(3, '0')
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${milliseconds}`
}

function placeOf({ owner, names, inode }: NonNullable<Change['namespace']>): string {
  if (owner !== null && owner.runtime !== 'process') return `${owner.name} (${owner.runtime})`
  return names[0] ?? (owner === null ? inode : `${owner.name} [${inode}]`)
}

function sentence({ object, action, subject, before, after }: Change): string {
  if (action === 'changed' && after !== null) return `${subject}  ${differences(before ?? {}, after)}`
  if (action !== 'added' || after === null) return subject
  if (object === 'link') return `${subject}  ${linkWords(after)}`
  if (object === 'neighbour') return `${subject}  ${after['mac'] ?? 'no MAC'}, ${after['state']}`
  return subject
}

function differences(before: View, after: View): string {
  return Object.keys({ ...before, ...after })
    .filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
    .map((field) => difference(field, before[field], after[field]))
    .join(', ')
}

function difference(field: string, before: unknown, after: unknown): string {
  if (field === 'up') return after === true ? 'is up' : 'is down'
  if (field === 'carrier') return after === true ? 'has carrier' : 'no carrier'
  const name = FIELDS[field] ?? field
  if (typeof after === 'boolean') return after ? name : `no ${name}`
  return `${name} ${word(before)} → ${word(after)}`
}

function linkWords(link: View): string {
  const master = link['master'] === null ? '' : `, port of ${link['master']}`
  return `${link['kind']}, ${link['up'] === true ? 'up' : 'down'}, MTU ${link['mtu']}${master}`
}

function word(value: unknown): string {
  if (value === null || value === undefined) return 'none'
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(word).join(' ')
  if (typeof value !== 'object') return String(value)
  return Object.values(value)
    .filter((part) => part !== null)
    .map(word)
    .join(' on ')
}
