/** Removing several objects: what fails does not stop the rest. */
import { CannotError, ExitCode, type Terminal } from '../../command.ts'
import { printable } from '../../frame/escape.ts'
import { answerDocument } from '../../frame/json.ts'
import { isRefusal } from './with-operations.ts'

/** What is to be removed, and how it is told. */
export interface Removals {
  /** As the command is called, for remarks: `network remove`. */
  readonly command: string
  readonly references: readonly string[]
  readonly json: boolean
  remove(reference: string): Promise<void>
}

/** Removes each, prints those that are gone, and remarks on those that are not. */
export async function removeEach(
  terminal: Terminal,
  { command, references, json, remove }: Removals,
): Promise<ExitCode> {
  const removed: string[] = []
  let failed = 0
  for (const reference of references) {
    try {
      await remove(reference)
      removed.push(reference)
      if (!json) await terminal.answer(`${printable(reference)}\n`)
    } catch (error) {
      if (!isRefusal(error)) throw error
      if (references.length === 1) throw new CannotError(error.message)
      failed++
      terminal.remark(`netwright ${command}: ${printable(error.message, 1000)}`)
    }
  }
  if (json) await answerDocument(terminal, removedDocument(removed))
  return failed === 0 ? ExitCode.done : ExitCode.cannot
}

/** The document of schemas/removed.v1.json. */
export function removedDocument(removed: readonly string[]): unknown {
  return { schema: 'netwright/removed/v1', removed }
}
