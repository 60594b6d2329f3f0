/** Podman and CRI-O, read from what their monitor processes and files tell. */
import { monitoredClaims, monitoredContainers } from './conmon.ts'
import type { OwnerSource } from './owner-source.ts'
import { podmanNetworks } from './podman-networks.ts'

/** Podman (and CRI-O, which has the same monitor) as a source of owners. */
export function podmanSource(): OwnerSource {
  return {
    runtime: 'podman',
    async ask(evidence) {
      const containers = monitoredContainers(evidence)
      return {
        claims: monitoredClaims(containers, evidence),
        networks: podmanNetworks(containers),
        warnings: [],
      }
    },
  }
}
