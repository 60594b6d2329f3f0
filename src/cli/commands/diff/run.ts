/** Runs `netwright diff`. */
import { compareGraphs, type Graph, type GraphChange, takeGraph } from '../../../host/index.ts'
import { ExitCode, type Invocation } from '../../command.ts'
import { printable } from '../../frame/escape.ts'
import { answerDocument } from '../../frame/json.ts'
import { painter } from '../../frame/terminal.ts'
import { changesText } from './changes-text.ts'
import { readGraphFile } from './read-graph-file.ts'

/** Runs the command. */
export async function run({ arguments: words, options, terminal, environment }: Invocation): Promise<ExitCode> {
  const before = await readGraphFile(String(words['BEFORE']))
  const later = words['AFTER']
  const after = typeof later === 'string' ? await readGraphFile(later) : await takeGraph({ environment })
  const changes = compareGraphs(before, after)
  if (options['json'] === true) await answerDocument(terminal, diffDocument(before, after, changes))
  else await terminal.answer(changesText(before, after, changes, painter(terminal)))
  if (later === undefined) {
    for (const warning of after.warnings) terminal.remark(`netwright: ${printable(warning)}`)
  }
  return changes.length === 0 ? ExitCode.done : ExitCode.wrong
}

/** The document of schemas/diff.v1.json. */
function diffDocument(before: Graph, after: Graph, changes: readonly GraphChange[]): unknown {
  const moment = ({ host, takenAt }: Graph) => ({ host, takenAt })
  return { schema: 'netwright/diff/v1', before: moment(before), after: moment(after), changes }
}
