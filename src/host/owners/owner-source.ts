/**
 * Who owns a namespace: each runtime is one file that implements `OwnerSource`. A source gets what discovery saw and answers
 * claims; it never opens netlink. A source whose daemon is absent answers nothing; one that is slow or broken is cut off by
 * the caller's deadline and becomes one warning.
 */
import type { NamespaceRole, Owner } from '../graph.ts'

/** A process in a namespace, with what its control group says of it. */
export interface OwnedProcess {
  readonly pid: number
  /** nsfs inode of its network namespace. */
  readonly inode: string
  /** comm */
  readonly command: string
  /** The path of /proc/PID/cgroup's most telling line, e.g. `/system.slice/docker-<64 hex>.scope`. */
  readonly cgroup: string
}

/** What sources may look at. */
export interface OwnerEvidence {
  /** Processes outside the host's namespace; of a namespace with many processes, at most 32. */
  readonly processes: readonly OwnedProcess[]
  /** Daemons of container runtimes found by name among all processes (dockerd, podman, containerd …). */
  readonly daemons: readonly { readonly pid: number; readonly command: string; readonly arguments: readonly string[] }[]
  /** nsfs mounts: path as seen in its own mount namespace, and a path that can be opened from here. */
  readonly mounts: readonly { readonly inode: string; readonly path: string; readonly reachable: string }[]
}

/** A source's word on one namespace. */
export interface OwnerClaim {
  readonly inode: string
  readonly owner: Owner
  readonly role: NamespaceRole
  /** Interfaces that the owner named, to tell which network each belongs to. */
  readonly endpoints?: readonly {
    readonly network: string
    readonly mac: string | null
    readonly addresses: readonly string[]
  }[]
}

/** A network as a runtime defines it, before it is joined with interfaces. */
export interface OwnedNetwork {
  readonly runtime: string
  readonly id: string
  readonly name: string
  readonly driver: string
  readonly subnets: readonly string[]
  /** Name of its bridge in the namespace of the daemon, when it has one. */
  readonly bridgeName: string | null
  /** nsfs inode of the namespace in which its bridge lives (the daemon's). */
  readonly daemonInode: string | null
  /** nsfs inode of the namespace that serves it (an overlay's). */
  readonly namespaceInode: string | null
  /** VXLAN ids of an overlay, one for each subnet, when the runtime tells them. */
  readonly vxlanIds?: readonly number[]
  readonly members: readonly {
    readonly name: string
    readonly mac: string | null
    readonly addresses: readonly string[]
  }[]
}

/** What one source knows. */
export interface OwnerAnswer {
  readonly claims: readonly OwnerClaim[]
  readonly networks: readonly OwnedNetwork[]
  readonly warnings: readonly string[]
}

/** One runtime. */
export interface OwnerSource {
  readonly runtime: string
  /** It is asked behind the others, about namespaces that no source before it claimed. */
  readonly lastResort?: boolean
  /** Answers within the signal's life; rejects when the runtime is there but broken. */
  ask(evidence: OwnerEvidence, signal: AbortSignal): Promise<OwnerAnswer>
}
