/** Scans of ports: what to scan, and what was found. */
import type { NamespaceHandle } from '../../kernel/index.ts'
import type { IcmpObjection } from '../wire/icmp-listener.ts'

/** `open`: a connection would be made. `closed`: refused. `filtered`: no answer, or somebody on the way objects. */
export type PortState = 'open' | 'closed' | 'filtered'

/** A port. */
export interface ScannedPort {
  readonly port: number
  readonly state: PortState
  /** From the SYN to the answer; null without one. */
  readonly milliseconds: number | null
  /** Who objects; null when nobody does. */
  readonly objection: IcmpObjection | null
}

/** What to scan. */
export interface ScanInit {
  readonly namespace: NamespaceHandle
  readonly address: string
  readonly ports: readonly number[]
  /** `half-open` sends SYNs and never finishes a connection; `connect` makes each one as a program would. */
  readonly method: 'half-open' | 'connect'
  /** Milliseconds after which a port without an answer is filtered. */
  readonly timeout: number
  /** SYNs a second at most. */
  readonly rate: number
  readonly signal?: AbortSignal
}

/** What was found. */
export interface PortScan {
  readonly address: string
  readonly method: 'half-open' | 'connect'
  /** In the order in which they were given; those that were not asked when it was interrupted are left out. */
  readonly ports: readonly ScannedPort[]
  /** The errno's symbol when the kernel would not send; null otherwise. */
  readonly reason: string | null
  readonly interrupted: boolean
  readonly milliseconds: number
}

/** What either method finds. */
export type Found = Pick<PortScan, 'ports' | 'reason'>
