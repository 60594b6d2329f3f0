/**
 * What a daemon has a say about. Anyone can start a process called dockerd, also within a container, and have it give other
 * people's containers any name: so it is believed only about what its own control group encloses.
 */
import { controlGroupOf, userOfProcess } from '../../../kernel/index.ts'
import { containerIdOf } from '../container-id.ts'
import type { OwnerEvidence } from '../owner-source.ts'

/** A daemon's process, as far as it matters here. */
export interface DaemonStanding {
  /** Numeric user that it runs as. */
  readonly user: number
  /** Path of its control group. */
  readonly cgroup: string
}

/** The standing of process `pid`; undefined when it is gone. */
export function standingOf(pid: number): DaemonStanding | undefined {
  const user = userOfProcess(pid)
  return user === undefined ? undefined : { user, cgroup: controlGroupOf(pid) }
}

/** The evidence with those processes only that a daemon of this standing may claim. */
export function withinJurisdiction(evidence: OwnerEvidence, daemon: DaemonStanding): OwnerEvidence {
  const container = containerIdOf(daemon.cgroup)
  const slice = daemon.user === 0 ? undefined : `/user-${daemon.user}.slice/`
  if (container === undefined && slice === undefined) return evidence
  const encloses = (cgroup: string): boolean =>
    (container === undefined || cgroup.includes(container)) && (slice === undefined || cgroup.includes(slice))
  return { ...evidence, processes: evidence.processes.filter(({ cgroup }) => encloses(cgroup)) }
}
