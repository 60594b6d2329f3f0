/** Two things that must both be done. */
import type { Fix } from '../finding.ts'

/** One fix after the other, as one; safe when both are. */
export function together(first: Fix, second: Fix): Fix {
  return {
    safe: first.safe && second.safe,
    summary: `${first.summary} ${second.summary}`,
    commands: [...first.commands, ...second.commands],
  }
}
