/** Answers for programs. */
import type { Terminal } from '../command.ts'

/** Prints one document; indented for a person's terminal, compact for a pipe. */
export function answerDocument(terminal: Terminal, document: unknown): Promise<void> {
  return terminal.answer(`${JSON.stringify(document, null, terminal.interactive ? 2 : undefined)}\n`)
}
