/** What the catalogue says of one code. */
import type { Severity } from '../finding.ts'
import type { FindingCode } from './finding-code.ts'

/** A page of the catalogue, in parts. Sentences are for a tired person. */
export interface CatalogueEntry {
  readonly code: FindingCode
  /** A few words. */
  readonly title: string
  /** How bad it usually is; a finding says how bad it is in its case. */
  readonly severity: Severity
  /** What it means: what does not work, and for whom. */
  readonly meaning: string
  /** How it comes about, one way each. */
  readonly arises: readonly string[]
  /** What is held against what to see it. */
  readonly detected: string
  /** What to do, and what to mind. */
  readonly mended: string
}
