/**
 * Containers of Podman and CRI-O, without their API: each has a monitor process, conmon, whose arguments name the container
 * and its bundle (conmon(8)). That works for every user's containers, with no service running.
 */

import { containerIdOf } from './container-id.ts'
import { NAME_LIMIT } from './foreign-value.ts'
import { withOwnersFromLabels } from './from-labels.ts'
import { type OciBundle, readBundle } from './oci-bundle.ts'
import { optionValue } from './option-value.ts'
import type { OwnedProcess, OwnerClaim, OwnerEvidence } from './owner-source.ts'

/** A monitored container. */
export interface MonitoredContainer {
  /** Process id of its conmon. */
  readonly monitor: number
  readonly id: string
  readonly name: string
  /** Directory of its bundle, as its conmon sees it. */
  readonly bundle: string | undefined
  /** Podman's storage root, network backend and network directory, from the clean-up command that conmon is told. */
  readonly storageRoot: string | undefined
  readonly networkBackend: string | undefined
  readonly networkDirectory: string | undefined
}

/** The monitored containers among the daemons. */
export function monitoredContainers(evidence: OwnerEvidence): MonitoredContainer[] {
  return evidence.daemons
    .filter(({ command }) => command === 'conmon')
    .flatMap(({ pid, arguments: argv }) => parseMonitor(pid, argv) ?? [])
}

/** Understands the arguments of a conmon. */
export function parseMonitor(monitor: number, argv: readonly string[]): MonitoredContainer | undefined {
  const id = optionValue(argv, '-c', '--cid')
  if (id === undefined || !/^[0-9a-f]{64}$/.test(id)) return undefined
  const cleanUp = argv.flatMap((argument, i) => (argument === '--exit-command-arg' ? [argv[i + 1] ?? ''] : []))
  return {
    monitor,
    id,
    name: (optionValue(argv, '-n', '--name') || id.slice(0, 12)).slice(0, NAME_LIMIT),
    bundle: optionValue(argv, '-b', '--bundle'),
    storageRoot: optionValue(cleanUp, '--root'),
    networkBackend: optionValue(cleanUp, '--network-backend'),
    networkDirectory: optionValue(cleanUp, '--network-config-dir') || undefined,
  }
}

/** Claims on the namespaces in which processes of the containers live. */
export function monitoredClaims(containers: readonly MonitoredContainer[], evidence: OwnerEvidence): OwnerClaim[] {
  const byId = new Map(containers.map((container) => [container.id, container]))
  const found = new Map<string, Found>()
  for (const process of evidence.processes) {
    const container = containerOf(process, byId)
    const key = `${container?.id} ${process.inode}`
    if (container === undefined || found.has(key)) continue
    const bundle = container.bundle === undefined ? undefined : readBundle(container.monitor, container.bundle)
    found.set(key, { container, bundle, inode: process.inode })
  }
  return [...found.values()].sort((a, b) => rank(a) - rank(b)).flatMap((one) => withOwnersFromLabels(claimOf(one)))
}

interface Found {
  readonly container: MonitoredContainer
  readonly bundle: OciBundle | undefined
  readonly inode: string
}

function containerOf(
  process: OwnedProcess,
  byId: ReadonlyMap<string, MonitoredContainer>,
): MonitoredContainer | undefined {
  // The monitor itself has the container's id in its own control group, but does not live in the container.
  const id = process.command === 'conmon' ? undefined : containerIdOf(process.cgroup)
  return id === undefined ? undefined : byId.get(id)
}

/** The container that a namespace was made for comes first; a pod's infra container, made only to hold it, last. */
function rank({ container, bundle }: Found): number {
  if (container.name.endsWith('-infra')) return 2
  return bundle?.network === 'joined' ? 1 : 0
}

function claimOf({ container, bundle, inode }: Found): OwnerClaim {
  const annotations = bundle?.annotations ?? {}
  const runtime = annotations['io.container.manager'] === 'cri-o' ? 'cri-o' : 'podman'
  return {
    inode,
    // A process within a container of the host's network that made a namespace for itself.
    role: bundle?.network === 'host' ? 'anonymous' : 'container',
    owner: { runtime, id: container.id, name: container.name, labels: withoutInternals(annotations) },
  }
}

/** Leaves out what the runtimes note for themselves: settings, and with CRI-O whole documents. */
function withoutInternals(annotations: OciBundle['annotations']): OciBundle['annotations'] {
  const internal = /^(io\.kubernetes\.cri-o\.|io\.podman\.annotations\.)/
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => !internal.test(key)))
}
