/** Mending stale names: each step looks again before it acts and makes sure of the result afterwards. */
import type { Graph } from '../graph.ts'
import { namespaceOf } from '../targets/namespace-words.ts'
import { openTarget } from '../targets/open-target.ts'
import { mountRecorded } from './attach-name.ts'
import { removeEntry } from './detach-name.ts'
import { type NameEntry, readNameEntry } from './name-entry.ts'
import type { NameRecords } from './name-records.ts'
import type { RepairStep } from './plan-repair.ts'
import type { RightfulNamespace } from './rightful-namespace.ts'

/** What became of a step. */
export interface RepairOutcome {
  readonly step: RepairStep
  /** The name is as it should be now. */
  readonly mended: boolean
  /** One sentence: why it is not. */
  readonly failure: string | null
}

/** What repairing stands on. */
export interface RepairContext {
  /** The graph that the names were judged by. */
  readonly graph: Graph
  readonly records: NameRecords
}

/** Carries out a plan, step by step; one that fails does not keep the others from being done. */
export function repairNames(steps: readonly RepairStep[], context: RepairContext): RepairOutcome[] {
  return steps.map((step) => {
    const failure = step.action === 'leave' ? step.report.obstacle : carryOut(step, context)
    return { step, mended: failure === null, failure }
  })
}

/** @returns why it could not be done, or null */
function carryOut(step: RepairStep, context: RepairContext): string | null {
  try {
    const now = readNameEntry(step.name)
    if (!isSameEntry(now, step.report.entry)) return 'it changed while it was looked at; run ns repair again'
    if (step.action === 'replace') replace(step, step.rightful!, context)
    else remove(step, context.records)
    return faultOf(step)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** The rightful namespace is open before the stale entry goes, so that nothing is taken away that cannot be replaced. */
function replace(step: RepairStep, rightful: RightfulNamespace, { graph, records }: RepairContext): void {
  const node = namespaceOf(graph, rightful.inode)!
  using namespace = openTarget({ inode: rightful.inode, label: rightful.label, node })
  removeEntry(step.report.entry)
  const { runtime, id, name } = rightful.owner
  mountRecorded(step.name, namespace, { runtime, id, name }, records)
}

function remove(step: RepairStep, records: NameRecords): void {
  removeEntry(step.report.entry)
  if (step.report.attached) records.remove(step.name)
}

/** Whether the name is now as the step wanted it. */
function faultOf(step: RepairStep): string | null {
  const now = readNameEntry(step.name)
  if (step.action === 'remove') return now === undefined ? null : 'something stands in its place again'
  return now?.kind === 'mount' && now.namespace?.inode === step.rightful!.inode ? null : 'it does not lead there'
}

function isSameEntry(now: NameEntry | undefined, before: NameEntry): boolean {
  return (
    now !== undefined &&
    now.kind === before.kind &&
    now.namespace?.inode === before.namespace?.inode &&
    now.link?.target === before.link?.target
  )
}
