/** Claims made from the processes of a namespace alone. */
import type { NamespaceRole, Owner } from '../graph.ts'
import type { OwnedProcess, OwnerAnswer, OwnerClaim, OwnerEvidence, OwnerSource } from './owner-source.ts'

/** What a process says of its namespace. */
export interface Word {
  readonly owner: Owner
  readonly role: NamespaceRole
}

/** Owners of one namespace that are kept: a namespace shared by many units is told well enough by a few. */
const OWNERS_LIMIT = 8

/** A source that looks at nothing but each process, and counts only where nobody has claimed the namespace. */
export function processSource(runtime: string, read: (process: OwnedProcess) => Word | undefined): OwnerSource {
  return {
    runtime,
    lastResort: true,
    ask: async (evidence) => answerOf(claimsByProcess(evidence, read)),
  }
}

/** An answer of claims only. */
export function answerOf(claims: readonly OwnerClaim[]): OwnerAnswer {
  return { claims, networks: [], warnings: [] }
}

/** One claim for each owner of each namespace, the owner of the process with the lowest number first. */
function claimsByProcess(evidence: OwnerEvidence, read: (process: OwnedProcess) => Word | undefined): OwnerClaim[] {
  const claims = new Map<string, Map<string, OwnerClaim>>()
  for (const process of [...evidence.processes].sort((a, b) => a.pid - b.pid)) {
    const word = read(process)
    if (word === undefined) continue
    const known = claims.get(process.inode) ?? new Map<string, OwnerClaim>()
    claims.set(process.inode, known)
    const key = `${word.owner.runtime} ${word.owner.id}`
    if (!known.has(key) && known.size < OWNERS_LIMIT) known.set(key, { inode: process.inode, ...word })
  }
  return [...claims.values()].flatMap((known) => [...known.values()])
}
