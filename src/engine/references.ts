/** Finding an object by what a person calls it: its id, its name, or the beginning of its id. */
import { EngineError, type FailureCode } from './errors.ts'
import { quote, shortId } from './ids.ts'
import type { RecordTable } from './record-table.ts'

/** Where to look and what to say. */
export interface Reference<R> {
  readonly table: RecordTable<R & { readonly id: string }>
  readonly noun: string
  readonly unknown: FailureCode
  /** Records of this name. */
  named(name: string): readonly (R & { readonly id: string })[]
  /** Left out of the look-up by prefix when it answers false. */
  among?(record: R & { readonly id: string }): boolean
}

/**
 * The record that `reference` means: a whole id first, then a name, then the beginning of an id.
 * @throws EngineError reference-ambiguous naming the candidates, or `unknown`
 */
export function resolveReference<R>(where: Reference<R>, reference: string): R & { readonly id: string } {
  const among = where.among ?? (() => true)
  const exact = where.table.get(reference)
  if (exact !== undefined && among(exact)) return exact
  const candidates = reference === '' ? [] : where.named(reference)
  const found = candidates.length > 0 ? candidates : beginningWith(where, reference, among)
  const [only] = found
  if (only === undefined) throw new EngineError(where.unknown, `there is no ${where.noun} ${quote(reference)}`)
  if (found.length === 1) return only
  const ids = found.map((record) => shortId(record.id)).join(', ')
  throw new EngineError(
    'reference-ambiguous',
    `${quote(reference)} means more than one ${where.noun} (${ids}); give more of the id`,
  )
}

function beginningWith<R>(
  where: Reference<R>,
  prefix: string,
  among: (record: R & { readonly id: string }) => boolean,
): readonly (R & { readonly id: string })[] {
  if (prefix === '') return []
  return where.table.beginningWith(prefix).filter(among)
}
