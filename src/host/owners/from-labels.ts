/** Owners that are told by the labels of a container: who asked the runtime to run it. */
import type { NamespaceRole, Owner } from '../graph.ts'
import { containerlabNode } from './containerlab.ts'
import { kubernetesPod } from './kubernetes.ts'
import type { OwnerClaim } from './owner-source.ts'

/**
 * A claim and those that follow from its labels. A pod comes before its containers, whose names are made up by Kubernetes; a
 * lab's node behind its container, whose name people type.
 */
export function withOwnersFromLabels(claim: OwnerClaim): OwnerClaim[] {
  if (claim.role !== 'container') return [claim]
  const { inode, owner } = claim
  const node = containerlabNode(owner.labels)
  const role: NamespaceRole = node === undefined ? 'container' : 'lab-node'
  const further = (found: Owner | undefined): OwnerClaim[] =>
    found === undefined ? [] : [{ inode, role, owner: found }]
  return [...further(kubernetesPod(owner.labels)), { ...claim, role }, ...further(node)]
}
