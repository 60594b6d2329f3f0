/** Runs `netwright map`. */
import { writeFileSync } from 'node:fs'
import {
  drawDot,
  drawMermaid,
  drawSvg,
  type Graph,
  neighbourhoodOf,
  outlineGraph,
  summarizeGraph,
  takeGraph,
} from '../../../host/index.ts'
import { CannotError, ExitCode, type Invocation, type Terminal, UsageError } from '../../command.ts'
import { printable } from '../../frame/escape.ts'
import { type Paint, painter } from '../../frame/terminal.ts'
import { namedTarget } from '../ns/named-target.ts'
import { drawOutline, isAsciiLocale } from './draw-outline.ts'
import { staleNameMarks } from './stale-name-marks.ts'

/** Columns of the tree where no terminal says otherwise, and the fewest that it can be drawn in. */
const USUAL_COLUMNS = 100
const FEWEST_COLUMNS = 60

/** Runs the command. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { options, terminal, environment } = invocation
  const format = formatOf(options)
  const whole = await takeGraph({ environment })
  const word = invocation.arguments['TARGET']
  const graph = typeof word === 'string' ? neighbourhoodOf(whole, namedTarget(word, whole, terminal).inode) : whole
  const output = typeof options['output'] === 'string' ? options['output'] : undefined
  const text = draw(format, graph, invocation, output === undefined ? terminal : fileTerminal)
  if (output === undefined) await terminal.answer(text)
  else writeAnswer(output, text)
  for (const warning of graph.warnings) terminal.remark(`netwright: ${printable(warning)}`)
  return ExitCode.done
}

function formatOf(options: Invocation['options']): string {
  const format = typeof options['format'] === 'string' ? options['format'] : undefined
  if (options['json'] !== true) return format ?? 'tree'
  if (format !== undefined && format !== 'json')
    throw new UsageError(`--json and --format ${format} exclude each other`)
  return 'json'
}

/** What a file can show: no colours, no particular width. */
const fileTerminal = { interactive: false, colour: false, columns: undefined }

function draw(
  format: string,
  graph: Graph,
  { options, environment }: Invocation,
  terminal: Pick<Terminal, 'interactive' | 'colour' | 'columns'>,
): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(graph, null, terminal.interactive ? 2 : undefined)}\n`
    case 'dot':
      return drawDot(graph)
    case 'mermaid':
      return drawMermaid(graph)
    case 'svg':
      return drawSvg(graph)
    default:
      return drawTree(graph, {
        all: options['all'] === true,
        ascii: isAsciiLocale(environment),
        columns: Math.max(terminal.columns ?? USUAL_COLUMNS, FEWEST_COLUMNS),
        paint: painter(terminal),
        environment,
      })
  }
}

interface TreeChoices {
  readonly all: boolean
  readonly ascii: boolean
  readonly columns: number
  readonly paint: Paint
  readonly environment: Invocation['environment']
}

function drawTree(graph: Graph, { all, ascii, columns, paint, environment }: TreeChoices): string {
  const outline = outlineGraph(graph, { all, notes: staleNameMarks(graph, environment) })
  return `${drawOutline(outline, { columns, paint, ascii })}\n${paint('dim', summarizeGraph(graph))}\n`
}

function writeAnswer(file: string, text: string): void {
  try {
    writeFileSync(file, text)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CannotError(`the answer cannot be written to ${file} (${reason}); choose another file with --output`)
  }
}
