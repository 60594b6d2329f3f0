/** Joins point-to-point tunnels: GRE and IP-in-IP by their outer addresses, WireGuard by its peers' public keys. */
import type { Link } from '../graph.ts'
import { type Atlas, append, type Placed } from './atlas.ts'
import { compareInterfaceIds } from './interface-id.ts'

const ADDRESSED = [
  'gre',
  'gretap',
  'ip6gre',
  'ip6gretap',
  'erspan',
  'ip6erspan',
  'ipip',
  'sit',
  'ip6tnl',
  'vti',
  'vti6',
  'geneve',
]

/** One link for each tunnel with a remote end. The two ends of a tunnel that are both here make one link. */
export function joinTunnels(atlas: Atlas): Link[] {
  return [...ADDRESSED.flatMap((kind) => joinAddressed(atlas.byKind.get(kind) ?? [])), ...joinWireguard(atlas)]
}

function joinAddressed(tunnels: readonly Placed[]): Link[] {
  const byEnds = new Map<string, Placed[]>()
  for (const tunnel of tunnels) {
    const { local, remote } = outer(tunnel)
    if (local !== null && remote !== null) append(byEnds, `${local} ${remote}`, tunnel)
  }
  return tunnels.flatMap((tunnel): Link[] => {
    const { local, remote } = outer(tunnel)
    // The fall-back interfaces that the kernel makes with the module (gre0, tunl0, sit0) have no far end.
    if (remote === null) return []
    const candidates = byEnds.get(`${remote} ${local}`) ?? []
    const far = candidates.length === 1 && candidates[0] !== tunnel ? candidates[0]! : undefined
    if (far !== undefined && compareInterfaceIds(far.id, tunnel.id) < 0) return []
    const details = { kind: tunnel.link.kind, local, remote, underlay: tunnel.link.underlay ?? tunnel.namespace }
    return [{ kind: 'tunnel', from: tunnel.id, to: far?.id ?? null, details }]
  })
}

/** Outer addresses. The kernel reports an end that is not set as the unspecified address. */
function outer(tunnel: Placed): { local: string | null; remote: string | null } {
  const { attributes } = tunnel.link
  return {
    local: specified(attributes['local']),
    remote: specified(attributes['remote']) ?? specified(attributes['remote6']),
  }
}

function specified(value: unknown): string | null {
  return typeof value === 'string' && value !== '0.0.0.0' && value !== '::' ? value : null
}

/** What the survey adds to a WireGuard interface: its own public key and its peers. */
interface WireguardDetails {
  readonly publicKey: string
  readonly peers: readonly { readonly publicKey: string; readonly endpoint: string | null }[]
}

function joinWireguard(atlas: Atlas): Link[] {
  const devices = (atlas.byKind.get('wireguard') ?? []).flatMap((placed) => {
    const wireguard = placed.link.details['wireguard'] as WireguardDetails | undefined
    return wireguard === undefined ? [] : [{ placed, wireguard }]
  })
  const byKey = new Map(devices.map((device) => [device.wireguard.publicKey, device]))
  return devices.flatMap(({ placed, wireguard }) =>
    wireguard.peers.flatMap((peer): Link[] => {
      const far = byKey.get(peer.publicKey)
      const mutual = far?.wireguard.peers.some((other) => other.publicKey === wireguard.publicKey) === true
      if (far !== undefined && mutual && compareInterfaceIds(far.placed.id, placed.id) < 0) return []
      const details = { kind: 'wireguard', remote: peer.endpoint, publicKey: peer.publicKey }
      return [{ kind: 'tunnel', from: placed.id, to: far?.placed.id ?? null, details }]
    }),
  )
}
