/** `netwright ns repair [--dry-run] [NAME…]` */
import {
  examineNames,
  NameRecords,
  type NameReport,
  NameUnknownError,
  planRepair,
  type RepairOutcome,
  repairNames,
  stateDirectory,
  takeGraph,
} from '../../../host/index.ts'
import { ExitCode, type Invocation } from '../../command.ts'
import { printable } from '../../frame/escape.ts'
import { answerDocument } from '../../frame/json.ts'

/** Sentences hold a name, a link's target and a container's name. */
const LONGEST_SENTENCE = 1000

/** Runs the command. */
export async function run({ arguments: given, options, terminal, environment }: Invocation): Promise<ExitCode> {
  const dryRun = options['dryRun'] === true
  const records = new NameRecords(stateDirectory(environment))
  const graph = await takeGraph({ environment })
  const steps = planRepair(chosen(examineNames(graph, records), given['NAME']))
  const outcomes = dryRun
    ? steps.map((step): RepairOutcome => ({ step, mended: false, failure: null }))
    : repairNames(steps, { graph, records })
  await (options['json'] === true
    ? answerDocument(terminal, repairDocument(outcomes, dryRun))
    : terminal.answer(repairText(outcomes, dryRun)))
  return outcomes.every((outcome) => outcome.mended) ? ExitCode.done : ExitCode.wrong
}

function chosen(reports: readonly NameReport[], names: Invocation['arguments'][string]): readonly NameReport[] {
  if (!Array.isArray(names) || names.length === 0) return reports
  const missing = names.find((name) => !reports.some((report) => report.name === name))
  if (missing !== undefined) throw new NameUnknownError(`there is no name ${missing} in /run/netns`)
  return reports.filter((report) => names.includes(report.name))
}

/** The document of schemas/repair.v1.json. */
function repairDocument(outcomes: readonly RepairOutcome[], dryRun: boolean): unknown {
  return {
    schema: 'netwright/repair/v1',
    dryRun,
    names: outcomes.map(({ step, mended, failure }) => ({
      name: step.name,
      condition: step.report.condition,
      inode: step.report.inode,
      action: step.action,
      target: step.rightful?.label ?? null,
      targetInode: step.rightful?.inode ?? null,
      summary: step.report.summary,
      mended,
      failure,
    })),
  }
}

function repairText(outcomes: readonly RepairOutcome[], dryRun: boolean): string {
  if (outcomes.length === 0) return 'every name leads where it should\n'
  return outcomes.map((outcome) => `${printable(outcomeText(outcome, dryRun), LONGEST_SENTENCE)}\n`).join('')
}

function outcomeText({ step, mended, failure }: RepairOutcome, dryRun: boolean): string {
  const cause = `${step.name}: ${step.report.summary}`
  const place = step.rightful === null ? '' : `${step.rightful.label} (namespace ${step.rightful.inode})`
  if (step.action === 'leave') return `${cause}; left alone, because ${step.report.obstacle}`
  if (step.action === 'replace') {
    if (dryRun) return `${cause}; would be made to lead to ${place}`
    return mended ? `${cause}; now it leads to ${place}` : `${cause}; cannot be made to lead to ${place}: ${failure}`
  }
  if (dryRun) return `${cause}; would be removed`
  return mended ? `${cause}; removed` : `${cause}; cannot be removed: ${failure}`
}
