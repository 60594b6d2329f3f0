/** Which of a sandbox's endpoints is its way out. */
import type { Gateways } from '../core.ts'
import type { EndpointRecord, NetworkRecord } from '../model.ts'

/** An endpoint that is joined, with its network. */
export interface Candidate {
  readonly endpoint: EndpointRecord
  readonly network: NetworkRecord
  /** It is in the network that gives a way out to those without one. */
  readonly gatewayNetwork: boolean
}

/**
 * The first endpoint of each family that has a gateway, in this order: higher priority; ordinary networks before the gateway
 * network; networks with a way out before internal ones; those with more gateways (IPv6 counts twice); by name.
 */
export function electGateways(candidates: readonly Candidate[]): Gateways {
  const ordered = [...candidates].sort(byRank)
  const first = (has: (candidate: Candidate) => boolean): string | null => ordered.find(has)?.endpoint.id ?? null
  return {
    ipv4: first(({ endpoint }) => typeof endpoint.join?.gateway === 'string'),
    ipv6: first(({ endpoint }) => typeof endpoint.join?.gatewayIPv6 === 'string'),
  }
}

function byRank(a: Candidate, b: Candidate): number {
  return (
    b.endpoint.priority - a.endpoint.priority ||
    Number(a.gatewayNetwork) - Number(b.gatewayNetwork) ||
    Number(a.network.internal) - Number(b.network.internal) ||
    gatewayWeight(b) - gatewayWeight(a) ||
    compareText(a.endpoint.name, b.endpoint.name) ||
    compareText(a.endpoint.id, b.endpoint.id)
  )
}

function gatewayWeight({ endpoint }: Candidate): number {
  return (typeof endpoint.join?.gateway === 'string' ? 1 : 0) + (typeof endpoint.join?.gatewayIPv6 === 'string' ? 2 : 0)
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
