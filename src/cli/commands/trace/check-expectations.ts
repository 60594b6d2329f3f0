/** `netwright trace --all FILE`: a table of expectations, held against this host. */
import { readFileSync } from 'node:fs'
import {
  checkAll,
  type ExpectationsDocument,
  ExpectationsError,
  parseExpectations,
  type TraceOptions,
} from '../../../diagnose/index.ts'
import { CannotError, ExitCode, type Invocation, UsageError } from '../../command.ts'
import { printable } from '../../frame/escape.ts'
import { answerDocument } from '../../frame/json.ts'
import { table } from '../../frame/table.ts'
import { type Paint, painter } from '../../frame/terminal.ts'

const STDIN = 0
/** A table is text that somebody wrote. */
const MOST_BYTES = 4 << 20

/** Checks every line, and prints a table of them or one document. */
export async function checkExpectations(
  file: string,
  tracing: TraceOptions,
  invocation: Invocation,
): Promise<ExitCode> {
  const { options, terminal } = invocation
  const expectations = read(file)
  const document = await checkAll(expectations, tracing)
  if (options['json'] === true) await answerDocument(terminal, document)
  else await terminal.answer(expectationsText(document, painter(terminal)))
  return document.missed === 0 ? ExitCode.done : ExitCode.wrong
}

function read(file: string): ReturnType<typeof parseExpectations> {
  const text = textOf(file)
  try {
    return parseExpectations(text)
  } catch (error) {
    if (error instanceof ExpectationsError)
      throw new UsageError(`${file === '-' ? 'standard input' : file}, ${error.message}`)
    throw error
  }
}

function textOf(file: string): string {
  try {
    const bytes = readFileSync(file === '-' ? STDIN : file)
    if (bytes.length <= MOST_BYTES) return bytes.toString('utf8')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CannotError(
      `the expectations cannot be read (${reason}); name a file with one flow a line, or - for standard input`,
    )
  }
  throw new CannotError(`${file} has more than ${MOST_BYTES >> 20} MiB; a table of expectations has one flow a line`)
}

function expectationsText({ results, met, missed }: ExpectationsDocument, paint: Paint): string {
  const rows = results.map((result) => [
    result.met ? paint('green', 'ok') : paint('red', 'NOT MET'),
    printable(result.from, 40),
    printable(result.to, 40),
    result.port === null ? result.protocol : `${result.protocol} ${result.port}`,
    result.verdict ?? '',
    result.met ? '' : printable(result.cause ?? '', 40),
  ])
  const reasons = results
    .filter((result) => !result.met)
    .map((result) => {
      const why = result.problem ?? result.summary ?? `it is ${result.verdict}, and was to be ${result.expected}`
      const fix = result.fix.map((command) => `  ${printable(command, 4000)}\n`).join('')
      return `\nline ${result.line}: ${printable(why, 600)}\n${fix}`
    })
  const count = missed === 0 ? paint('green', `all ${met} met`) : `${met} met, ${paint('red', `${missed} not`)}`
  return `${table(rows, { titles: ['', 'from', 'to', 'flow', 'ends', 'cause'] })}${reasons.join('')}\n${count}\n`
}
