/**
 * Finds every network namespace that leaves a trace on the host. Each kind of trace is one walk, and each walk looks at
 * everything once: the cost is the sum of processes, descriptors and mounts, never a product. A namespace that only a
 * neighbour's link leads to leaves no such trace; the survey meets it.
 */
import { commandOf, listNamespaces, namespaceOfTask } from '../../kernel/index.ts'
import { FoundNamespaces } from './found-namespaces.ts'
import type { Discovery } from './sighting.ts'
import { type DescriptorWalk, walkAllDescriptors } from './walk-descriptors.ts'
import { walkOtherMounts, walkOwnMounts } from './walk-mounts.ts'
import { walkNames } from './walk-names.ts'
import { walkProcesses } from './walk-processes.ts'

export { readOwnerEvidence } from './owner-evidence.ts'

/** Where to look. */
export interface DiscoverOptions {
  /** Also at what processes have open: two thirds of the cost on a busy host. Default true. */
  readonly descriptors?: boolean
}

/**
 * Looks for network namespaces: of processes and threads, mounted in any mount namespace, named in /run/netns, held by
 * descriptors, sockets and tun devices of other processes, and listed by the kernel. Nothing is opened for longer than the
 * look takes. What an ordinary user may not see becomes a warning.
 */
export function discoverNamespaces(options: DiscoverOptions = {}): Discovery {
  const found = new FoundNamespaces()
  const own = namespaceOfTask('self')
  const init = hostNamespace()
  found.at(own)
  const mounts = walkOwnMounts(found)
  const brokenNames = walkNames(mounts, found)
  const processes = walkProcesses(found)
  walkOtherMounts(processes.visible, mounts, found)
  const descriptors =
    options.descriptors === false ? { denied: 0, socketsDenied: 0 } : walkAllDescriptors(processes.visible, found)
  for (const { id, inode } of listNamespaces()) found.at(inode).id = id
  return {
    own: String(own),
    init: init > 0 ? String(init) : undefined,
    sightings: found.all(),
    brokenNames,
    warnings: warnings(processes.denied, descriptors),
  }
}

/**
 * Inode of the host's namespace, not positive when it cannot be told. A security module may guard process 1; the kernel's own
 * threads, the first of which is process 2 on every host, never leave the host's namespace (kernel/kthread.c, kthreadd).
 */
function hostNamespace(): number {
  const ofInit = namespaceOfTask(1)
  return ofInit > 0 || commandOf(2) !== 'kthreadd' ? ofInit : namespaceOfTask(2)
}

function warnings(unseen: number, descriptors: DescriptorWalk): string[] {
  const denied = unseen + descriptors.denied
  if (denied > 0) return [process.geteuid?.() === 0 ? deniedToRoot(denied) : deniedToUser(denied)]
  if (descriptors.socketsDenied === 0) return []
  return [`the sockets of ${count(descriptors.socketsDenied)} could not be examined; CAP_SYS_PTRACE is needed for that`]
}

function deniedToUser(processes: number): string {
  const whose = processes === 1 ? 'of another user' : 'of other users'
  return `${count(processes)} ${whose} could not be examined; run as root to see their namespaces`
}

/** A security module guards a process, or we are root of a container only. */
function deniedToRoot(processes: number): string {
  const which = processes === 1 ? 'it alone is' : 'they alone are'
  return `${count(processes)} could not be examined even as root; a namespace that ${which} in is missing here`
}

function count(processes: number): string {
  return processes === 1 ? '1 process' : `${processes} processes`
}
