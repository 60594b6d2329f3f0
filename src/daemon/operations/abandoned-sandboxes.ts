/** Sandboxes of `netwright run` whose process was killed before it could remove them. */
import type { Controller } from '../../engine/index.ts'
import { networkNamespaceOfProcess, processIds, startTimeOf } from '../../kernel/index.ts'

/** Label of a sandbox that goes with a process: its number, and when it was started in the kernel's ticks. */
const LABEL = 'netwright.goes-with'

/** Labels of a sandbox that is of no use when process `pid` has ended; none when that process cannot be seen. */
export function goesWithProcess(pid: number): Readonly<Record<string, string>> {
  const started = startTimeOf(pid)
  return started === undefined ? {} : { [LABEL]: `${pid} ${started}` }
}

/**
 * Removes the sandboxes whose process has ended and in which no other lives: what a program of theirs left running keeps them.
 * @returns the containers whose sandboxes went
 */
export async function removeAbandonedSandboxes(controller: Controller): Promise<string[]> {
  const orphaned = controller.sandboxes().filter((sandbox) => hasLostProcess(sandbox.info().labels[LABEL]))
  if (orphaned.length === 0) return []
  const inhabited = new Set(processIds().map(networkNamespaceOfProcess))
  const removed: string[] = []
  for (const sandbox of orphaned) {
    const { inode, containerId } = sandbox.info()
    if (inhabited.has(inode)) continue
    await sandbox.delete()
    removed.push(containerId)
  }
  return removed
}

function hasLostProcess(label: string | undefined): boolean {
  const found = /^(\d{1,10}) (\d{1,15})$/.exec(label ?? '')
  return found !== null && startTimeOf(Number(found[1])) !== Number(found[2])
}
