/** What the API shows of networks, endpoints and sandboxes. */
import type { EndpointRecord, NetworkRecord, SandboxRecord } from '../../engine/index.ts'

/** An object that another one refers to. */
export interface ReferenceView {
  readonly id: string
  readonly name: string
}

/** A network in a list. */
export type NetworkView = NetworkRecord & { readonly endpointCount: number }

/** A network with what is in it. */
export type NetworkDetails = NetworkView & { readonly endpoints: readonly EndpointView[] }

/** An endpoint. */
export type EndpointView = Omit<EndpointRecord, 'networkId' | 'sandboxId' | 'join'> & {
  readonly network: ReferenceView
  /** The sandbox that it is joined to; its name is the container's id. */
  readonly sandbox: ReferenceView | null
  /** Name of its interface there. */
  readonly interfaceName: string | null
  readonly gateway: string | null
  readonly gatewayIPv6: string | null
}

/** A sandbox with its endpoints. */
export type SandboxView = SandboxRecord & { readonly endpoints: readonly EndpointView[] }

/** Counters of one interface. */
export interface InterfaceStatistics {
  readonly interfaceName: string
  readonly rxBytes: number
  readonly rxPackets: number
  readonly rxErrors: number
  readonly rxDropped: number
  readonly txBytes: number
  readonly txPackets: number
  readonly txErrors: number
  readonly txDropped: number
}

/** A network as it is shown. */
export function networkView(network: NetworkRecord, endpointCount: number): NetworkView {
  return { ...network, endpointCount }
}

/** An endpoint as it is shown. */
export function endpointView(
  endpoint: EndpointRecord,
  network: Pick<NetworkRecord, 'id' | 'name'>,
  sandbox: Pick<SandboxRecord, 'id' | 'containerId'> | null,
): EndpointView {
  const { networkId: _network, sandboxId: _sandbox, join, ...shown } = endpoint
  return {
    ...shown,
    network: { id: network.id, name: network.name },
    sandbox: sandbox === null ? null : { id: sandbox.id, name: sandbox.containerId },
    interfaceName: join?.interfaceName ?? null,
    gateway: join?.gateway ?? null,
    gatewayIPv6: join?.gatewayIPv6 ?? null,
  }
}
