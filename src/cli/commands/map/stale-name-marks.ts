/** Remarks on namespaces whose name in /run/netns leads to the wrong place. */
import { examineNames, type Graph, type Mark, NameRecords, stateDirectory } from '../../../host/index.ts'

/** Marks by inode. Names that lead nowhere have no place in the picture: `netwright ns list` shows them. */
export function staleNameMarks(
  graph: Graph,
  environment: Readonly<Record<string, string | undefined>>,
): ReadonlyMap<string, readonly Mark[]> {
  const marks = new Map<string, Mark[]>()
  for (const report of staleReports(graph, environment)) {
    if (report.inode === null) continue
    const mark: Mark = { severity: 'broken', words: `stale name ${report.name}` }
    marks.set(report.inode, [...(marks.get(report.inode) ?? []), mark])
  }
  return marks
}

/** The picture does not depend on it: a directory that may not be read gives no marks. */
function staleReports(graph: Graph, environment: Readonly<Record<string, string | undefined>>) {
  try {
    const reports = examineNames(graph, new NameRecords(stateDirectory(environment)))
    return reports.filter((report) => report.stale)
  } catch {
    return []
  }
}
