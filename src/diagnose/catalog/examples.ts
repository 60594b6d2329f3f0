/** What the program printed about broken networks: one run a code. */
import type { FindingCode } from './finding-code.ts'

/** A command, and what it answered. */
export interface CatalogueExample {
  readonly command: string
  readonly output: string
}

/** Examples by code. */
export const EXAMPLES: Readonly<Partial<Record<FindingCode, CatalogueExample>>> = {}
