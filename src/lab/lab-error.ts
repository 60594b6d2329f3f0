/** What goes wrong with labs. */
import type { Position } from './topology/topology.ts'

/** A lab, a node or a link cannot be had. The message is a sentence for a person. */
export class LabError extends Error {
  override readonly name = 'LabError'
}

/** A wrong place in a lab file. */
export interface Mistake {
  readonly position: Position
  /** One sentence: what is wrong, and what would be right. */
  readonly sentence: string
  /** The wrong text itself, as far as it fits a line. */
  readonly text: string
}

/** A lab file that cannot be used; it names all mistakes that were found. */
export class TopologyError extends LabError {
  readonly file: string
  readonly mistakes: readonly Mistake[]

  constructor(file: string, mistakes: readonly Mistake[]) {
    super(
      mistakes.map(({ position, sentence }) => `${file}:${position.line}:${position.column}: ${sentence}`).join('\n'),
    )
    this.file = file
    this.mistakes = mistakes
  }
}
