/** What Docker's mounts tell by their names alone, for a daemon that could not be asked, or that died and left them. */

import { answerOf } from '../claims-by-process.ts'
import type { OwnerClaim, OwnerSource } from '../owner-source.ts'
import { parseSandboxMount, type SandboxMount } from './sandbox-mount.ts'

/** Docker's mounts as a source of owners. */
export function dockerTraces(): OwnerSource {
  return {
    runtime: 'docker',
    lastResort: true,
    async ask(evidence) {
      const claims = new Map<string, OwnerClaim>()
      for (const { path, inode } of evidence.mounts) {
        const mount = parseSandboxMount(path)
        // Other programs call their namespaces by twelve hexadecimal digits too.
        if (mount?.kind === 'container' && !path.includes('/docker/netns/')) continue
        const claim = mount === undefined ? undefined : claimOf(mount, inode)
        if (claim !== undefined && !claims.has(inode)) claims.set(inode, claim)
      }
      return answerOf([...claims.values()])
    },
  }
}

function claimOf(mount: SandboxMount, inode: string): OwnerClaim | undefined {
  const owner = (id: string, name: string, network?: string) => ({
    ...{ runtime: 'docker', id, name, labels: {} },
    ...(network === undefined ? {} : { network }),
  })
  switch (mount.kind) {
    case 'ingress':
      return { inode, role: 'ingress', owner: owner('ingress_sbox', 'ingress-sbox', 'ingress') }
    case 'loadbalancer':
      return {
        inode,
        role: mount.kind,
        owner: owner(mount.networkPrefix, `lb-${mount.networkPrefix}`, mount.networkPrefix),
      }
    case 'overlay':
      return { inode, role: mount.kind, owner: owner(mount.networkPrefix, mount.networkPrefix, mount.networkPrefix) }
    case 'container':
      return { inode, role: mount.kind, owner: owner(mount.sandboxPrefix, mount.sandboxPrefix) }
    case 'host':
      return undefined
  }
}
