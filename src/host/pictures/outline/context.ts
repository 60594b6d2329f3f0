/** What all parts of the outline share. */
import type { Attachment } from '../arrangement.ts'
import type { GraphIndex } from '../graph-index.ts'
import type { Mark } from '../marks.ts'
import type { Branch } from './branch.ts'
import { folded } from './fold.ts'

/** What drawing needs to know, and what is drawn already. */
export interface OutlineContext {
  readonly index: GraphIndex
  readonly titles: ReadonlyMap<string, string>
  readonly hangsOn: ReadonlyMap<string, Attachment>
  readonly all: boolean
  readonly notes: ReadonlyMap<string, readonly Mark[]>
  /** Ids of interfaces that have their line. */
  readonly drawn: Set<string>
}

/** A list, shortened when not everything is wanted. */
export function shortened(
  { all }: OutlineContext,
  branches: readonly Branch[],
  whole: number,
  noun: string,
): readonly Branch[] {
  return all ? branches : folded(branches, { whole, noun })
}
