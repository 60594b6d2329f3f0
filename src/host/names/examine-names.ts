/** Every name in /run/netns, and whether it still leads where it should. */
import { bootedAt } from '../../kernel/index.ts'
import type { Graph } from '../graph.ts'
import { HostIndex } from './host-index.ts'
import { judgeName, type NameReport } from './judge-name.ts'
import { checkName } from './name.ts'
import { type NameEntry, readNameEntries } from './name-entry.ts'
import { NameError } from './name-errors.ts'
import type { NameRecord, NameRecords } from './name-records.ts'

/**
 * Judges every entry of /run/netns, sorted by name.
 * @param graph the host as it is now: it tells which namespaces are in use and where containers live
 * @throws EACCES when the directory or the records may not be read
 */
export function examineNames(graph: Graph, records: NameRecords): NameReport[] {
  const host = new HostIndex(graph)
  const booted = bootedAt()
  return readNameEntries().map((entry) =>
    judgeName(entry, { host, record: recordOf(entry, records), bootedAt: booted }),
  )
}

/** Others may give names that we would not; there is no record of those. */
export function recordOf(entry: Pick<NameEntry, 'name'>, records: NameRecords): NameRecord | undefined {
  try {
    return records.read(checkName(entry.name))
  } catch (error) {
    if (error instanceof NameError) return undefined
    throw error
  }
}
