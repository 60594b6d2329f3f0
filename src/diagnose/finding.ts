/** What diagnosis says: findings, what they stand on, and what mends them. Plain values; schemas/findings.v1.json. */
import type { FindingCode } from './catalog/finding-code.ts'

/** How bad it is: something does not work; something will not work one day, or not well; worth knowing. */
export type Severity = 'error' | 'warning' | 'info'

/** A fact that a conclusion stands on, and where it was read. */
export interface Evidence {
  /** One line: `eth0 in docker:web has MTU 1400`. */
  readonly fact: string
  /** `rtnetlink`, `procfs`, `nftables`, `iptables-legacy`, `conntrack`, `docker`, `observed`, … */
  readonly source: string
}

/** How to mend it. */
export interface Fix {
  /** False when it could hurt: it removes what somebody wrote, or changes what others rely on. */
  readonly safe: boolean
  /** One sentence in the imperative. */
  readonly summary: string
  /** Lines for a root shell on this host, to be run in order. Never empty. */
  readonly commands: readonly string[]
}

/** What a finding is about. */
export interface Subject {
  /** Inode of the namespace where a person must act; null when there is none (a name that leads nowhere). */
  readonly namespace: string | null
  /** What people call it: names in /run/netns, names of containers. */
  readonly names: readonly string[]
  readonly interface?: string
}

/** One thing that is wrong. */
export interface Finding {
  readonly code: FindingCode
  readonly severity: Severity
  readonly subject: Subject
  /** One sentence that a tired person understands. */
  readonly summary: string
  readonly evidence: readonly Evidence[]
  /** Null when no command can mend it. */
  readonly fix: Fix | null
}
