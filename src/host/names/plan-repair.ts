/** What would be done about the stale names in /run/netns. */
import type { NameReport } from './judge-name.ts'
import type { RightfulNamespace } from './rightful-namespace.ts'

/** What to do about one stale name. */
export interface RepairStep {
  readonly name: string
  readonly report: NameReport
  /** `replace` by a mount of the rightful namespace, `remove`, or `leave` because of an obstacle. */
  readonly action: 'replace' | 'remove' | 'leave'
  /** Where the name will lead. */
  readonly rightful: RightfulNamespace | null
  /** One sentence for a person. */
  readonly summary: string
}

/** One step for each stale name; names that lead where they should, and what is no name at all, are left out. */
export function planRepair(reports: readonly NameReport[]): RepairStep[] {
  return reports.filter((report) => report.stale).map(planStep)
}

function planStep(report: NameReport): RepairStep {
  const { name, rightful, obstacle } = report
  const because = `${name}: ${report.summary}`
  if (obstacle !== null)
    return { name, report, action: 'leave', rightful, summary: `${because}; left alone, because ${obstacle}` }
  if (rightful === null) return { name, report, action: 'remove', rightful, summary: `${because}; remove it` }
  const summary = `${because}; let it lead to ${rightful.label} (namespace ${rightful.inode})`
  return { name, report, action: 'replace', rightful, summary }
}
