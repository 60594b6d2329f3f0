/** `netwright explain [CODE] [--json]` */
import { type CatalogueEntry, catalogue, EXAMPLES, FINDING_CODES } from '../../../diagnose/index.ts'
import { CannotError, ExitCode, type Invocation } from '../../command.ts'
import { printable } from '../../frame/escape.ts'
import { answerDocument } from '../../frame/json.ts'
import { didYouMean } from '../../frame/suggest.ts'
import { table } from '../../frame/table.ts'
import { type Paint, painter } from '../../frame/terminal.ts'
import { wrapped } from '../../frame/text.ts'

const USUAL_COLUMNS = 80
const MOST_COLUMNS = 100

/** Runs the command. */
export async function run({ arguments: given, options, terminal }: Invocation): Promise<ExitCode> {
  const entries = chosen(given['CODE'])
  if (options['json'] === true) {
    await answerDocument(terminal, { schema: 'netwright/catalogue/v1', entries: entries.map(withExample) })
    return ExitCode.done
  }
  const paint = painter(terminal)
  const columns = Math.min(terminal.columns ?? USUAL_COLUMNS, MOST_COLUMNS)
  const [entry] = entries
  await terminal.answer(
    given['CODE'] === undefined || entry === undefined ? listText(entries, paint) : pageText(entry, paint, columns),
  )
  return ExitCode.done
}

/** @throws CannotError for a code that does not exist */
function chosen(code: unknown): readonly CatalogueEntry[] {
  if (typeof code !== 'string') return catalogue()
  const found = catalogue().filter((entry) => entry.code === code)
  if (found.length === 0) {
    const near = didYouMean(code, FINDING_CODES) || similar(code)
    throw new CannotError(`there is no finding ${printable(code)}${near}; netwright explain lists all`)
  }
  return found
}

/** Codes that share a word with what was typed: `gateway` means gateway-unreachable. */
function similar(code: string): string {
  const words = code
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word.length > 2)
  const alike = FINDING_CODES.filter((candidate) => words.some((word) => candidate.includes(word)))
  return alike.length === 0 || alike.length > 6 ? '' : ` (there is ${alike.join(', ')})`
}

function withExample(
  entry: CatalogueEntry,
): CatalogueEntry & { readonly example: { command: string; output: string } | null } {
  return { ...entry, example: EXAMPLES[entry.code] ?? null }
}

function listText(entries: readonly CatalogueEntry[], paint: Paint): string {
  return table(entries.map(({ code, title }) => [paint('bold', code), title]))
}

function pageText(entry: CatalogueEntry, paint: Paint, columns: number): string {
  const example = EXAMPLES[entry.code]
  const section = (title: string, text: string): string => `${paint('bold', title)}\n${text}\n`
  return [
    `${paint('bold', entry.code)}  (${entry.severity === 'info' ? 'a remark' : `usually ${entry.severity === 'error' ? 'an error' : 'a warning'}`})\n${wrapped(entry.title, columns)}.\n`,
    `${wrapped(entry.meaning, columns)}\n`,
    section('How it arises', entry.arises.map((way) => bullet(way, columns)).join('\n')),
    section('How it is detected', wrapped(entry.detected, columns, 2)),
    section('How it is mended', wrapped(entry.mended, columns, 2)),
    ...(example === undefined ? [] : [section('An example', `  $ ${example.command}\n${indented(example.output)}`)]),
  ].join('\n')
}

function bullet(text: string, columns: number): string {
  return `  - ${wrapped(text, columns, 4).trimStart()}`
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ')
}
