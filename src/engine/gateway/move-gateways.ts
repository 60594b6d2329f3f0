/** Moving the way out of a sandbox from one endpoint to another: published ports and default routes. */
import type { Failures } from '../collect-failures.ts'
import { type Core, type Gateways, networkRecord } from '../core.ts'
import type { EndpointRecord, SandboxRecord } from '../model.ts'
import type { SandboxLinks } from '../sandbox/sandbox-links.ts'
import { type Candidate, electGateways } from './election.ts'

const NONE: Gateways = { ipv4: null, ipv6: null }

/** A sandbox's ways out as they were and as they are to be. */
export interface GatewayMove {
  readonly sandbox: SandboxRecord
  readonly before: Gateways
  readonly after: Gateways
  /** The joined endpoints, as they are to be. */
  readonly members: readonly EndpointRecord[]
}

/** Plans the move that follows when a sandbox has these endpoints. */
export function planMove(core: Core, sandbox: SandboxRecord, members: readonly EndpointRecord[]): GatewayMove {
  const before = core.gateways.get(sandbox.id) ?? NONE
  return { sandbox, before, after: electGateways(members.map((endpoint) => candidateOf(core, endpoint))), members }
}

/** An endpoint as the election wants it. */
export function candidateOf(core: Core, endpoint: EndpointRecord): Candidate {
  const network = networkRecord(core, endpoint.networkId)
  return { endpoint, network, gatewayNetwork: network.name === core.gatewayNetwork?.name }
}

/** Whether an endpoint is a way out. */
export function isGateway(gateways: Gateways, endpointId: string): boolean {
  return gateways.ipv4 === endpointId || gateways.ipv6 === endpointId
}

/** Sets the default routes of the families whose way out has changed. */
export function moveRoutes(links: SandboxLinks, move: GatewayMove): void {
  for (const family of ['ipv4', 'ipv6'] as const) {
    if (move.before[family] === move.after[family]) continue
    const winner = move.members.find((endpoint) => endpoint.id === move.after[family])
    const gateway = family === 'ipv4' ? winner?.join?.gateway : winner?.join?.gatewayIPv6
    const name = winner?.join?.interfaceName ?? ''
    if (name !== '' && typeof gateway === 'string') links.setDefaultRoute(family, name, gateway)
    else links.removeDefaultRoute(family)
  }
}

/** Conceals endpoints that were a way out and no longer are. @returns those whose ports are gone */
export async function concealFormer(core: Core, move: GatewayMove, failures: Failures): Promise<EndpointRecord[]> {
  const former = move.members.filter(
    (endpoint) => isGateway(move.before, endpoint.id) && !isGateway(move.after, endpoint.id),
  )
  for (const endpoint of former) await failures.attempt(() => conceal(core, endpoint))
  return former.map((endpoint) => ({ ...endpoint, ports: [] }))
}

/** Takes the published ports of an endpoint away. */
export function conceal(core: Core, endpoint: EndpointRecord): Promise<void> {
  return core.locks.hold(`network:${endpoint.networkId}`, async () => {
    const network = networkRecord(core, endpoint.networkId)
    await (await core.drivers.get(network.driver)).conceal(network, endpoint)
  })
}

/** Publishes the ports of the endpoints that have become a way out. @returns them with their ports */
export async function exposeNew(core: Core, move: GatewayMove): Promise<EndpointRecord[]> {
  const out: EndpointRecord[] = []
  for (const endpoint of move.members) {
    if (!isGateway(move.after, endpoint.id) || isGateway(move.before, endpoint.id)) continue
    out.push({ ...endpoint, ports: await expose(core, endpoint) })
  }
  return out
}

function expose(core: Core, endpoint: EndpointRecord): Promise<EndpointRecord['ports']> {
  return core.locks.hold(`network:${endpoint.networkId}`, async () => {
    const network = networkRecord(core, endpoint.networkId)
    return (await core.drivers.get(network.driver)).expose(network, endpoint)
  })
}

/** Remembers where a move has led, and tells it. */
export function keepMove(core: Core, move: GatewayMove): void {
  if (move.after.ipv4 === null && move.after.ipv6 === null) core.gateways.delete(move.sandbox.id)
  else core.gateways.set(move.sandbox.id, move.after)
  if (move.before.ipv4 === move.after.ipv4 && move.before.ipv6 === move.after.ipv6) return
  core.events.tell({
    type: 'gateway-changed',
    sandbox: move.sandbox,
    endpoint: move.after.ipv4,
    endpointIPv6: move.after.ipv6,
  })
}
