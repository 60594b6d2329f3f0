/** Docker's networks, and the namespaces that serve them: overlays, the ingress and load balancers. */
import type { NamespaceRole } from '../../graph.ts'
import type { OwnedNetwork, OwnerClaim, OwnerEvidence } from '../owner-source.ts'
import type { EngineContainer, EngineNetwork } from './engine-answers.ts'
import { inodeOfMount } from './place-containers.ts'
import { parseSandboxMount } from './sandbox-mount.ts'

const OPTION_BRIDGE = 'com.docker.network.bridge.name'
const OPTION_DEFAULT_BRIDGE = 'com.docker.network.bridge.default_bridge'
const OPTION_VXLAN_IDS = 'com.docker.network.driver.overlay.vxlanid_list'

/** Claims on the namespaces that serve networks. */
export function claimServingNamespaces(
  networks: readonly EngineNetwork[],
  evidence: OwnerEvidence,
  pid: number | undefined,
): OwnerClaim[] {
  const claims = new Map<string, OwnerClaim>()
  for (const mount of evidence.mounts) {
    const served = servedNetwork(mount.path, networks)
    if (served === undefined || claims.has(mount.inode)) continue
    // A daemon beside this one, of the same swarm, has a mount of the same name.
    if (inodeOfMount(mount.path, evidence, pid) !== mount.inode) continue
    claims.set(mount.inode, servingClaim(mount.inode, served.role, served.name, served.network))
  }
  return [...claims.values()]
}

interface Served {
  readonly role: NamespaceRole
  readonly name: string
  readonly network: EngineNetwork
}

function servedNetwork(path: string, networks: readonly EngineNetwork[]): Served | undefined {
  const mount = parseSandboxMount(path)
  if (mount === undefined || mount.kind === 'container' || mount.kind === 'host') return undefined
  if (mount.kind === 'ingress') {
    const ingress = networks.find((network) => network.ingress)
    return ingress && { role: 'ingress', name: `${ingress.name}-sbox`, network: ingress }
  }
  const network = networks.find((candidate) => candidate.id.startsWith(mount.networkPrefix))
  if (network === undefined) return undefined
  return mount.kind === 'overlay'
    ? { role: 'overlay', name: network.name, network }
    : { role: 'loadbalancer', name: `lb-${network.name}`, network }
}

function servingClaim(inode: string, role: NamespaceRole, name: string, network: EngineNetwork): OwnerClaim {
  return { inode, role, owner: { runtime: 'docker', id: network.id, name, network: network.name, labels: {} } }
}

/** The networks that connect anything; Docker's `host` and `none` do not. */
export function describeNetworks(
  networks: readonly EngineNetwork[],
  containers: readonly EngineContainer[],
  serving: readonly OwnerClaim[],
  daemonInode: string | undefined,
): OwnedNetwork[] {
  const members = membersByNetwork(containers)
  return networks
    .filter((network) => network.driver !== 'host' && network.driver !== 'null')
    .map((network) => ({
      runtime: 'docker',
      id: network.id,
      name: network.name,
      driver: network.driver,
      subnets: network.subnets,
      bridgeName: bridgeNameOf(network),
      daemonInode: daemonInode ?? null,
      namespaceInode: serving.find((claim) => claim.role === 'overlay' && claim.owner.id === network.id)?.inode ?? null,
      vxlanIds: vxlanIdsOf(network),
      members: members.get(network.id) ?? [],
    }))
}

function membersByNetwork(containers: readonly EngineContainer[]): Map<string, OwnedNetwork['members'][number][]> {
  const members = new Map<string, OwnedNetwork['members'][number][]>()
  for (const container of containers) {
    for (const { networkId, mac, addresses } of container.endpoints) {
      const list = members.get(networkId) ?? []
      list.push({ name: container.name, mac, addresses })
      members.set(networkId, list)
    }
  }
  return members
}

/** The driver names a network's bridge after its id, unless told otherwise. */
function bridgeNameOf(network: EngineNetwork): string | null {
  if (network.driver !== 'bridge') return null
  const told = network.options[OPTION_BRIDGE]
  if (told !== undefined) return told
  return network.options[OPTION_DEFAULT_BRIDGE] === 'true' ? 'docker0' : `br-${network.id.slice(0, 12)}`
}

/** One VXLAN id for each subnet, as the swarm's managers handed them out. */
function vxlanIdsOf(network: EngineNetwork): number[] {
  const ids = network.options[OPTION_VXLAN_IDS]?.split(',') ?? []
  return ids.filter((id) => /^\d{1,8}$/.test(id)).map(Number)
}
