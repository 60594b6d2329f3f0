/** `netwright ns list` */
import { examineNames, type Graph, NameRecords, stateDirectory, takeGraph } from '../../../host/index.ts'
import { ExitCode, type Invocation } from '../../command.ts'
import { printable } from '../../frame/escape.ts'
import { answerDocument } from '../../frame/json.ts'
import { painter } from '../../frame/terminal.ts'
import { interfacesByNamespace, namespaceTable, staleNames } from './list-text.ts'

/** Runs the command. */
export async function run({ options, terminal, environment }: Invocation): Promise<ExitCode> {
  const graph = await takeGraph({ environment })
  const names = examineNames(graph, new NameRecords(stateDirectory(environment)))
  if (options['json'] === true) {
    await answerDocument(terminal, namespacesDocument(graph, names))
    return ExitCode.done
  }
  const paint = painter(terminal)
  await terminal.answer(namespaceTable(graph, names, paint, terminal.columns) + staleNames(names, paint))
  for (const warning of graph.warnings) terminal.remark(`netwright: ${printable(warning)}`)
  return ExitCode.done
}

/** The document of schemas/namespaces.v1.json. */
function namespacesDocument(graph: Graph, names: ReturnType<typeof examineNames>): unknown {
  const interfaces = interfacesByNamespace(graph)
  return {
    schema: 'netwright/namespaces/v1',
    host: graph.host,
    takenAt: graph.takenAt,
    namespaces: graph.namespaces.map((node) => ({
      ...node,
      interfaces: (interfaces.get(node.inode) ?? []).map(({ index, name, kind, mac, up, carrier, addresses }) => ({
        index,
        name,
        kind,
        mac,
        up,
        carrier,
        addresses,
      })),
    })),
    names: names.map(({ name, inode, condition, stale, attached, summary }) => ({
      name,
      inode,
      condition,
      stale,
      attached,
      summary,
    })),
    warnings: graph.warnings,
  }
}
