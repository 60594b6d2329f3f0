/** What discovery saw, put together for those who know owners. */
import { argumentsOf, commandOf, controlGroupOf, pathThroughProcess } from '../../kernel/index.ts'
import type { OwnedProcess, OwnerEvidence } from '../owners/owner-source.ts'
import type { Discovery, Sighting } from './sighting.ts'

/** Processes of a namespace that owners are told of; a container may have thousands, all with the same owner. */
const MOST_PROCESSES = 32

/** Programs that run containers, by the name that the kernel keeps of them: at most 15 bytes. */
const DAEMONS = new Set([
  'dockerd',
  'containerd',
  'containerd-shim',
  'podman',
  'conmon',
  'crio',
  'cri-o',
  'k3s',
  'k3s-server',
  'kubelet',
  'lxc-start',
  'lxcfs',
  'lxd',
  'incusd',
  'buildkitd',
  'systemd-nspawn',
])

/** Gathers the evidence. It reads each process's name once. */
export function readOwnerEvidence(discovery: Discovery): OwnerEvidence {
  const host = discovery.init ?? discovery.own
  const processes: OwnedProcess[] = []
  const daemons: OwnerEvidence['daemons'][number][] = []
  for (const { inode, pids } of discovery.sightings) {
    let told = 0
    for (const pid of pids) {
      const command = commandOf(pid)
      if (DAEMONS.has(command)) daemons.push({ pid, command, arguments: argumentsOf(pid) })
      if (inode === host || told === MOST_PROCESSES) continue
      processes.push({ pid, inode, command, cgroup: controlGroupOf(pid) })
      told++
    }
  }
  return { processes, daemons, mounts: discovery.sightings.flatMap(mountsOf) }
}

function mountsOf(sighting: Sighting): OwnerEvidence['mounts'][number][] {
  return sighting.holders.flatMap(({ kind, path, pid }) => {
    if (kind !== 'mount' || path === undefined) return []
    return { inode: sighting.inode, path, reachable: pid === undefined ? path : pathThroughProcess(pid, path) }
  })
}
