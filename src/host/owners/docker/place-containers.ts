/** Which namespace each container lives in: by control group, by the container it shares with, by its namespace's mount. */
import { holdPathOfProcess } from '../../../kernel/index.ts'
import { containerIdOf } from '../container-id.ts'
import type { OwnerEvidence } from '../owner-source.ts'
import type { EngineContainer } from './engine-answers.ts'
import { parseSandboxMount } from './sandbox-mount.ts'

/** A container in a namespace. */
export interface PlacedContainer {
  readonly container: EngineContainer
  /** nsfs inode. */
  readonly inode: string
  /** `own`: made for it. `shared`: another container's. `host`: the daemon's. `inner`: made by a process in the container. */
  readonly manner: 'own' | 'shared' | 'host' | 'inner'
}

/** What placing needs of a daemon. */
export interface DaemonView {
  /** Its process, when that is known. */
  readonly pid: number | undefined
  /** nsfs inode of the namespace that it lives in. */
  readonly inode: string | undefined
  /** Path of a container's namespace mount (an inspection); undefined when it cannot be told. */
  sandboxKeyOf(containerId: string): Promise<string | undefined>
}

/** Most containers are placed without asking; of the others at most this many are inspected. */
const MAXIMUM_INSPECTIONS = 256

/** Places all containers that can be placed. A container with nested namespaces has several places. */
export async function placeContainers(
  containers: readonly EngineContainer[],
  evidence: OwnerEvidence,
  daemon: DaemonView,
): Promise<PlacedContainer[]> {
  const seen = namespacesByContainer(evidence)
  const sandboxes = sandboxInodes(evidence)
  const placed: PlacedContainer[] = []
  const unplaced: EngineContainer[] = []
  for (const container of containers) {
    const shares = container.networkMode.startsWith('container:')
    const inodes = [...(seen.get(container.id) ?? [])]
    if (container.networkMode === 'host') {
      if (daemon.inode !== undefined) placed.push({ container, inode: daemon.inode, manner: 'host' })
      placed.push(
        ...inodes
          .map((inode) => ({ container, inode, manner: 'inner' as const }))
          .filter((one) => one.inode !== daemon.inode),
      )
    } else if (inodes.length === 0) unplaced.push(container)
    else {
      const main = inodes.find((inode) => sandboxes.has(inode)) ?? inodes[0]
      for (const inode of inodes) {
        placed.push({ container, inode, manner: inode !== main ? 'inner' : shares ? 'shared' : 'own' })
      }
    }
  }
  return [...placed, ...(await placeRest(unplaced, placed, evidence, daemon))]
}

/** Namespaces in which processes of each container live. */
function namespacesByContainer(evidence: OwnerEvidence): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>()
  for (const { cgroup, inode } of evidence.processes) {
    const id = containerIdOf(cgroup)
    if (id === undefined) continue
    const inodes = found.get(id)
    if (inodes === undefined) found.set(id, new Set([inode]))
    else inodes.add(inode)
  }
  return found
}

/** Namespaces that a daemon mounted as a container's. */
function sandboxInodes(evidence: OwnerEvidence): Set<string> {
  const mounts = evidence.mounts.filter((mount) => parseSandboxMount(mount.path)?.kind === 'container')
  return new Set(mounts.map((mount) => mount.inode))
}

/** Containers none of whose processes were seen. */
async function placeRest(
  containers: readonly EngineContainer[],
  placed: readonly PlacedContainer[],
  evidence: OwnerEvidence,
  daemon: DaemonView,
): Promise<PlacedContainer[]> {
  const [sharing, lone] = partition(containers, (container) => container.networkMode.startsWith('container:'))
  const inspected = await Promise.all(
    lone.slice(0, MAXIMUM_INSPECTIONS).map(async (container): Promise<PlacedContainer[]> => {
      const key = await daemon.sandboxKeyOf(container.id)
      const inode = key === undefined ? undefined : inodeOfMount(key, evidence, daemon.pid)
      return inode === undefined ? [] : [{ container, inode, manner: inode === daemon.inode ? 'host' : 'own' }]
    }),
  )
  const found = inspected.flat()
  const homes = new Map(
    [...placed, ...found].filter((one) => one.manner !== 'inner').map((one) => [one.container.id, one.inode]),
  )
  const shared = sharing.flatMap((container): PlacedContainer[] => {
    const inode = homes.get(container.networkMode.slice('container:'.length))
    return inode === undefined ? [] : [{ container, inode, manner: 'shared' }]
  })
  return [...found, ...shared]
}

/**
 * The namespace mounted at a path of the daemon's. Two daemons may use the same paths in mount namespaces of their own, so the
 * daemon's view decides; without its process only mounts of our own mount namespace count.
 */
export function inodeOfMount(path: string, evidence: OwnerEvidence, pid: number | undefined): string | undefined {
  if (pid === undefined) {
    const real = path.replace(/^\/var\/run\//, '/run/')
    return evidence.mounts.find((mount) => mount.path === real && mount.reachable === mount.path)?.inode
  }
  try {
    const held = holdPathOfProcess(pid, path)
    held.close()
    return evidence.mounts.some((mount) => mount.inode === held.inode) ? held.inode : undefined
  } catch {
    // The container ended meanwhile, or we may not look.
    return undefined
  }
}

function partition<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))]
}
