/**
 * containerd's containers (Kubernetes pods, nerdctl), without its gRPC API: shims name their containerd by its address, and
 * each container's bundle stands below that containerd's state directory, with what the client noted.
 */
import { dirname } from 'node:path'
import { holdPathOfProcess } from '../../kernel/index.ts'
import { answerOf } from './claims-by-process.ts'
import { containerIdOf } from './container-id.ts'
import { NAME_LIMIT } from './foreign-value.ts'
import { withOwnersFromLabels } from './from-labels.ts'
import { type OciBundle, readBundle } from './oci-bundle.ts'
import { optionValue } from './option-value.ts'
import type { OwnerClaim, OwnerEvidence, OwnerSource } from './owner-source.ts'

/** A place where bundles stand: the tasks of one containerd's namespace. */
interface TaskDirectory {
  /** A process that sees it. */
  readonly viewer: number
  readonly path: string
}

/** containerd as a source of owners; where Docker uses a containerd below itself, Docker has spoken before. */
export function containerdSource(): OwnerSource {
  return {
    runtime: 'containerd',
    lastResort: true,
    async ask(evidence) {
      const directories = taskDirectories(evidence)
      return answerOf(directories.length === 0 ? [] : claimsFrom(directories, evidence))
    },
  }
}

/**
 * The task directories of all shims, each once. Nodes of a cluster in containers have the same paths in mount namespaces of
 * their own. Docker's containers are left out: it notes nothing in their bundles.
 */
function taskDirectories(evidence: OwnerEvidence): TaskDirectory[] {
  const found = new Map<string, TaskDirectory>()
  for (const { pid, command, arguments: argv } of evidence.daemons) {
    // comm holds 15 characters, of `containerd-shim-runc-v2` the common beginning.
    if (!command.startsWith('containerd-shim')) continue
    const address = optionValue(argv, '-address')
    const namespace = optionValue(argv, '-namespace')
    if (address === undefined || namespace === undefined || namespace === 'moby' || namespace.includes('/')) continue
    const path = `${dirname(address)}/io.containerd.runtime.v2.task/${namespace}`
    const identity = identityOfPath(pid, path)
    if (identity !== undefined && !found.has(identity)) found.set(identity, { viewer: pid, path })
  }
  return [...found.values()]
}

function identityOfPath(pid: number, path: string): string | undefined {
  try {
    const held = holdPathOfProcess(pid, path)
    held.close()
    return held.identity
  } catch {
    // The shim ended meanwhile, or its containerd keeps its state elsewhere.
    return undefined
  }
}

function claimsFrom(directories: readonly TaskDirectory[], evidence: OwnerEvidence): OwnerClaim[] {
  const claims = new Map<string, OwnerClaim>()
  const bundles = new Map<string, OciBundle | undefined>()
  for (const { cgroup, inode } of evidence.processes) {
    const id = containerIdOf(cgroup)
    if (id === undefined || claims.has(`${id} ${inode}`)) continue
    if (!bundles.has(id)) bundles.set(id, findBundle(directories, id))
    const bundle = bundles.get(id)
    if (bundle !== undefined) claims.set(`${id} ${inode}`, claimOf(id, inode, bundle))
  }
  const named = [...claims.values()].sort((a, b) => Number(a.owner.name === PAUSE) - Number(b.owner.name === PAUSE))
  return named.flatMap(withOwnersFromLabels)
}

function findBundle(directories: readonly TaskDirectory[], id: string): OciBundle | undefined {
  for (const { viewer, path } of directories) {
    const bundle = readBundle(viewer, `${path}/${id}`)
    if (bundle !== undefined) return bundle
  }
  return undefined
}

function claimOf(id: string, inode: string, { annotations, hostname }: OciBundle): OwnerClaim {
  const name =
    annotations['io.kubernetes.cri.container-name'] ?? annotations['nerdctl/name'] ?? podSandboxName(annotations)
  return {
    inode,
    role: 'container',
    owner: {
      runtime: 'containerd',
      id,
      name: (name || hostname || id.slice(0, 12)).slice(0, NAME_LIMIT),
      labels: annotations,
    },
  }
}

/** The container that only holds a pod's namespaces has no name of its own. */
const PAUSE = 'pause'

function podSandboxName(annotations: Readonly<Record<string, string>>): string | undefined {
  return annotations['io.kubernetes.cri.container-type'] === 'sandbox' ? PAUSE : undefined
}
