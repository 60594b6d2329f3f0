/** Ids of the engine's objects. */
import { randomFillSync } from 'node:crypto'
import { EngineError } from './errors.ts'

// Random bytes are taken in stock: asking for few costs as much as asking for many.
const stock = Buffer.alloc(4096)
let used = stock.length

/** A new id: 64 hexadecimal digits, as Docker has them. */
export function newId(): string {
  if (used + 32 > stock.length) {
    randomFillSync(stock)
    used = 0
  }
  used += 32
  return stock.toString('hex', used - 32, used)
}

/** The part of an id that people see and names of interfaces hold. */
export function shortId(id: string): string {
  return id.slice(0, 12)
}

/** Checks an id that a caller chose. @throws EngineError option-invalid */
export function checkId(id: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/.test(id)) return id
  throw new EngineError(
    'option-invalid',
    `${quote(id)} cannot be an id: up to 128 letters, digits, dots, dashes and underscores, a letter or digit first`,
  )
}

/** Text from outside as it may stand in a message: escaped and not too long. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}
