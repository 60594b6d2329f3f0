/** `stages:` of a node: what it waits for, and what runs when it enters or leaves one. */
import type { LabFile, Value } from './lab-file.ts'
import type { Stage, StageCommand, StagePlan } from './topology.ts'

/** In their order. */
export const STAGES: readonly Stage[] = ['create', 'create-links', 'configure', 'healthy', 'exit']

/** Reads the stages of a node. */
export function readStages(file: LabFile, value: Value, what: string): Partial<Record<Stage, StagePlan>> {
  const fields = file.fields(value, `stages of ${what}`, STAGES)
  const stages: Partial<Record<Stage, StagePlan>> = {}
  for (const stage of STAGES) {
    if (fields[stage] === undefined) continue
    const where = `stage ${stage} of ${what}`
    const plan = file.fields(fields[stage], where, ['wait-for', 'exec'] as const)
    stages[stage] = {
      waitFor: file.items(plan['wait-for'], `wait-for of ${where}`).flatMap((item) => readWait(file, item, where)),
      commands: file.items(plan.exec, `exec of ${where}`).flatMap((item) => readCommand(file, item, where)),
    }
  }
  return stages
}

function readWait(file: LabFile, item: Value, where: string): StagePlan['waitFor'] {
  const fields = file.fields(item, `wait-for of ${where}`, ['node', 'stage'] as const)
  const node = file.text(fields.node, `node of wait-for of ${where}`)
  const stage = file.choice(fields.stage, `stage of wait-for of ${where}`, STAGES)
  if (node !== undefined && stage !== undefined) return [{ node, stage }]
  if (fields.node === undefined || fields.stage === undefined) {
    file.mistake(item, `wait-for of ${where} must name a node and a stage`)
  }
  return []
}

function readCommand(file: LabFile, item: Value, where: string): StageCommand[] {
  const fields = file.fields(item, `exec of ${where}`, ['command', 'target', 'phase'] as const)
  const command = file.text(fields.command, `command of exec of ${where}`)
  const target = file.choice(fields.target, `target of exec of ${where}`, ['container', 'host'] as const) ?? 'container'
  const phase = file.choice(fields.phase, `phase of exec of ${where}`, ['on-enter', 'on-exit'] as const) ?? 'on-enter'
  if (command !== undefined) return [{ command, target, phase }]
  file.mistake(item, `exec of ${where} has no command`)
  return []
}
