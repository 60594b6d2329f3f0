/** Shortens lists of many alike, never hiding what is broken. */
import { type Branch, isTroubled, span } from './branch.ts'

/** How a list is shortened. */
export interface Folding {
  /** Lists up to this length stay whole. */
  readonly whole: number
  /** What the folded lines are: `ports`, `namespaces`. */
  readonly noun: string
}

/** Part of a list that stays: half of what would stay whole, so that a shortened list looks like one. */
const KEPT = 0.5

/** The first few and everything that is broken, then one line that counts the rest; or all of them when they are few. */
export function folded(branches: readonly Branch[], { whole, noun }: Folding): readonly Branch[] {
  if (branches.length <= whole) return branches
  const first = Math.ceil(whole * KEPT)
  const kept = branches.filter((branch, index) => index < first || isTroubled(branch))
  const hidden = branches.length - kept.length
  if (hidden <= 1) return branches
  return [...kept, { cells: [[span('quiet', `${hidden} more ${noun}, none broken (--all shows them)`)]], children: [] }]
}
