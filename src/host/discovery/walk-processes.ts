/** Which namespaces processes and their threads live in. */
import { DENIED, GONE, namespaceOfTask, processIds, threadCount, threadIds } from '../../kernel/index.ts'
import type { FoundNamespaces } from './found-namespaces.ts'

/** The processes of the host, as far as further walks need them. */
export interface Processes {
  /** Those that may be looked at. */
  readonly visible: readonly VisibleProcess[]
  /** How many may not. */
  readonly denied: number
}

/** A process that may be looked at. */
export interface VisibleProcess {
  readonly pid: number
  /** Inode of its network namespace: its main thread's, or when that has ended, the one of `thread`. */
  readonly namespace: number
  /** When the main thread has ended and has nothing any more: another thread to ask instead. */
  readonly thread: number | undefined
}

interface LivingThread {
  readonly tid: number
  readonly namespace: number
}

/** Writes down the namespaces of all processes, and of threads that live elsewhere than their process. */
export function walkProcesses(found: FoundNamespaces): Processes {
  const visible: VisibleProcess[] = []
  let denied = 0
  for (const pid of processIds()) {
    const namespace = namespaceOfTask(pid)
    if (namespace === DENIED) {
      denied++
      continue
    }
    const threads = threadCount(pid)
    // A zombie has no namespace. Its other threads, when the main thread alone has ended, still have theirs.
    if (namespace === GONE && threads < 2) continue
    if (namespace !== GONE) found.at(namespace).pids.push(pid)
    const other = threads > 1 ? walkThreads(pid, namespace, found) : undefined
    if (namespace !== GONE) visible.push({ pid, namespace, thread: undefined })
    else if (other !== undefined) visible.push({ pid, namespace: other.namespace, thread: other.tid })
  }
  return { visible, denied }
}

/** @returns the first thread, other than the main thread, that is alive */
function walkThreads(pid: number, ofProcess: number, found: FoundNamespaces): LivingThread | undefined {
  let living: LivingThread | undefined
  for (const tid of threadIds(pid)) {
    if (tid === pid) continue
    const namespace = namespaceOfTask({ pid, tid })
    if (namespace === GONE || namespace === DENIED) continue
    living ??= { tid, namespace }
    if (namespace !== ofProcess) {
      found.at(namespace).hold({ kind: 'thread', pid, tid, command: found.commandOf(pid) })
    }
  }
  return living
}
