/** `netwright show TARGET [--only PARTS] [--json]` */
import { INSPECTION_PARTS, type InspectionPart, inspectNamespace, openTarget, takeGraph } from '../../../host/index.ts'
import { ExitCode, type Invocation, UsageError } from '../../command.ts'
import { printable } from '../../frame/escape.ts'
import { answerDocument } from '../../frame/json.ts'
import { painter } from '../../frame/terminal.ts'
import { namedTarget } from '../ns/named-target.ts'
import { inspectionPage } from './page.ts'

/** Runs the command. */
export async function run({ arguments: given, options, terminal, environment }: Invocation): Promise<ExitCode> {
  const parts = chosenParts(options['only'])
  const graph = await takeGraph({ environment })
  const target = namedTarget(given['TARGET'], graph, terminal)
  using namespace = openTarget(target)
  const inspection = inspectNamespace({ namespace, target, graph, ...(parts === undefined ? {} : { parts }) })
  if (options['json'] === true) {
    await answerDocument(terminal, inspection)
    return ExitCode.done
  }
  await terminal.answer(inspectionPage(inspection, painter(terminal)))
  for (const warning of inspection.warnings) terminal.remark(`netwright: ${printable(warning, 500)}`)
  return ExitCode.done
}

/** @throws UsageError for a part that does not exist */
function chosenParts(only: Invocation['options'][string]): InspectionPart[] | undefined {
  if (typeof only !== 'string') return undefined
  return only.split(',').map((word) => {
    const part = INSPECTION_PARTS.find((candidate) => candidate === word.trim())
    if (part === undefined) throw new UsageError(`${word} is no part; there are ${INSPECTION_PARTS.join(', ')}`)
    return part
  })
}
