/** Namespaces that are mounted somewhere, in any mount namespace. */
import {
  hasCode,
  type NsfsMount,
  namespaceOfTask,
  nsfsMounts,
  pathThroughProcess,
  seesWholeMountTable,
} from '../../kernel/index.ts'
import type { FoundNamespaces } from './found-namespaces.ts'
import type { VisibleProcess } from './walk-processes.ts'

/** Inodes of network namespaces by the path where they are mounted in our own mount namespace. */
export type OwnMounts = ReadonlyMap<string, number>

/** Writes down the namespaces mounted in our own mount namespace. */
export function walkOwnMounts(found: FoundNamespaces): OwnMounts {
  const own = new Map<string, number>()
  const mounts = networkMounts('self')
  // Of two mounts at one path, the later hides the earlier; the earlier goes on to hold its namespace.
  for (const { mountPoint, inode } of mounts) own.set(mountPoint, Number(inode))
  for (const { mountPoint: path, inode } of mounts) {
    const namespace = found.at(Number(inode))
    const kept = namespace.hold({ kind: 'mount', path })
    if (kept && own.get(path) === Number(inode)) namespace.mounts.push(path)
  }
  return own
}

/**
 * Writes down the namespaces mounted in the mount namespaces of other processes. One that we have mounted at the same path
 * is a copy that mount propagation made, or that was taken along by unshare(1), and is left out: on a host with systemd each
 * service with mounts of its own has a copy of all of /run/netns.
 */
export function walkOtherMounts(processes: readonly VisibleProcess[], own: OwnMounts, found: FoundNamespaces): void {
  for (const pid of viewers(processes)) {
    for (const mount of networkMounts(pid)) {
      const { mountPoint: path } = mount
      if (own.get(path) === Number(mount.inode)) continue
      const namespace = found.at(Number(mount.inode))
      const kept = namespace.hold({ kind: 'mount', pid, command: found.commandOf(pid), path })
      if (kept) namespace.mounts.push(pathThroughProcess(pid, path))
    }
  }
}

/**
 * One process for each foreign mount namespace. A process in a chroot(2) sees only the mounts below its root, so another is
 * preferred.
 */
function viewers(processes: readonly VisibleProcess[]): number[] {
  const ours = namespaceOfTask('self', 'mnt')
  const whole = new Set([ours])
  const chosen = new Map<number, number>()
  for (const { pid } of processes) {
    const mountNamespace = namespaceOfTask(pid, 'mnt')
    if (mountNamespace <= 0 || whole.has(mountNamespace)) continue
    const sees = seesWholeMountTable(pid)
    if (sees) whole.add(mountNamespace)
    if (sees || !chosen.has(mountNamespace)) chosen.set(mountNamespace, pid)
  }
  return [...chosen.values()]
}

function networkMounts(pid: number | 'self'): NsfsMount[] {
  try {
    return nsfsMounts(pid).filter((mount) => mount.type === 'net')
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'EINVAL')) return []
    throw error
  }
}
