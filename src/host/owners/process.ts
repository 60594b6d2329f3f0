/** The last resort: a namespace that nobody else speaks for belongs to its oldest process. */
import { startTimeOf } from '../../kernel/index.ts'
import { answerOf } from './claims-by-process.ts'
import { NAME_LIMIT } from './foreign-value.ts'
import type { OwnedProcess, OwnerEvidence, OwnerSource } from './owner-source.ts'

/** Processes as a source of owners. @param startOf when a process started, on any scale */
export function oldestProcessSource(startOf: (pid: number) => number | undefined = startTimeOf): OwnerSource {
  return {
    runtime: 'process',
    lastResort: true,
    async ask(evidence) {
      const oldest = [...processesByNamespace(evidence).values()].flatMap(
        (processes) => oldestOf(processes, startOf) ?? [],
      )
      return answerOf(
        oldest.map(({ pid, inode, command }) => ({
          inode,
          role: 'anonymous',
          owner: { runtime: 'process', id: String(pid), name: command.slice(0, NAME_LIMIT), labels: {} },
        })),
      )
    },
  }
}

function processesByNamespace(evidence: OwnerEvidence): Map<string, OwnedProcess[]> {
  const found = new Map<string, OwnedProcess[]>()
  for (const process of evidence.processes) {
    const known = found.get(process.inode)
    if (known === undefined) found.set(process.inode, [process])
    else known.push(process)
  }
  return found
}

function oldestOf(
  processes: readonly OwnedProcess[],
  startOf: (pid: number) => number | undefined,
): OwnedProcess | undefined {
  if (processes.length === 1) return processes[0]
  const dated = processes.map((process) => ({ process, start: startOf(process.pid) ?? Number.POSITIVE_INFINITY }))
  return dated.sort((a, b) => a.start - b.start || a.process.pid - b.process.pid)[0]?.process
}
