/** Routing tables as people write them in commands. */
import { RouteTable } from '../../../kernel/index.ts'
import type { WordReader } from '../words.ts'

const TABLES: Readonly<Record<string, number>> = {
  main: RouteTable.main,
  local: RouteTable.local,
  default: RouteTable.default,
}

/** A table by its number, or by one of the kernel's names. */
export function tableNumber(words: WordReader): number {
  const known = words.take(...Object.keys(TABLES))
  return known === undefined ? words.number('the number of the table') : TABLES[known]!
}
