/** Operations carried out by a controller in this process. */
import {
  type Controller,
  type Endpoint,
  type EndpointSpec,
  EngineError,
  isEngineError,
  type JoinOptions,
  type Network,
  type NetworkSpec,
  type Sandbox,
  type SandboxSpec,
} from '../../engine/index.ts'
import type { ConnectSpec, Operations, Removal } from './operations.ts'
import {
  type EndpointView,
  endpointView,
  type InterfaceStatistics,
  type NetworkDetails,
  type NetworkView,
  networkView,
  type ReferenceView,
  type SandboxView,
} from './views.ts'

/** See `Operations`. The controller is closed with it. */
export class LocalOperations implements Operations {
  readonly #controller: Controller

  constructor(controller: Controller) {
    this.#controller = controller
  }

  async networks(): Promise<readonly NetworkView[]> {
    return this.#controller.networks().map((network) => networkView(network.info(), network.endpoints().length))
  }

  async network(network: string): Promise<NetworkDetails> {
    return this.#details(this.#controller.network(network))
  }

  async createNetwork(spec: NetworkSpec): Promise<NetworkDetails> {
    return this.#details(await this.#controller.createNetwork(spec))
  }

  async removeNetwork(network: string, { force = false }: Removal = {}): Promise<void> {
    await this.#controller.network(network).delete({ force })
  }

  async pruneNetworks(): Promise<readonly ReferenceView[]> {
    const removed: ReferenceView[] = []
    // Those that took their settings from a template go before it.
    const ordered = this.#controller
      .networks()
      .sort((a, b) => Number(a.info().configOnly) - Number(b.info().configOnly))
    for (const network of ordered) {
      const { id, name } = network
      if (network.endpoints().length === 0 && (await wentAway(network))) removed.push({ id, name })
    }
    return removed
  }

  async endpoints(network: string): Promise<readonly EndpointView[]> {
    return this.#controller
      .network(network)
      .endpoints()
      .map((endpoint) => this.#view(endpoint))
  }

  async endpoint(network: string, endpoint: string): Promise<EndpointView> {
    return this.#view(this.#controller.network(network).endpoint(endpoint))
  }

  async createEndpoint(network: string, spec: EndpointSpec): Promise<EndpointView> {
    return this.#view(await this.#controller.network(network).createEndpoint(spec))
  }

  async removeEndpoint(network: string, endpoint: string, { force = false }: Removal = {}): Promise<void> {
    await this.#controller.network(network).endpoint(endpoint).delete({ force })
  }

  async join(network: string, endpoint: string, sandbox: string, options: JoinOptions = {}): Promise<EndpointView> {
    const found = this.#controller.network(network).endpoint(endpoint)
    await found.join(this.#controller.sandbox(sandbox), options)
    return this.#view(found)
  }

  async leave(network: string, endpoint: string, sandbox: string): Promise<void> {
    await this.#controller.network(network).endpoint(endpoint).leave(this.#controller.sandbox(sandbox))
  }

  async connect(network: string, { sandbox, ...spec }: ConnectSpec): Promise<EndpointView> {
    const found = this.#controller.sandbox(sandbox)
    const endpoint = await this.#controller.network(network).createEndpoint({ name: found.containerId, ...spec })
    try {
      await endpoint.join(found)
    } catch (error) {
      await endpoint.delete({ force: true })
      throw error
    }
    return this.#view(endpoint)
  }

  async disconnect(network: string, sandbox: string): Promise<void> {
    const { id, name } = this.#controller.network(network)
    const found = this.#controller.sandbox(sandbox)
    const joined = found.endpoints().filter((endpoint) => endpoint.record().networkId === id)
    if (joined.length === 0) throw notConnected(found, name)
    for (const endpoint of joined) await endpoint.delete({ force: true })
  }

  async sandboxes(): Promise<readonly SandboxView[]> {
    return this.#controller.sandboxes().map((sandbox) => this.#sandboxView(sandbox))
  }

  async sandbox(sandbox: string): Promise<SandboxView> {
    return this.#sandboxView(this.#controller.sandbox(sandbox))
  }

  async createSandbox(spec: SandboxSpec): Promise<SandboxView> {
    return this.#sandboxView(await this.#controller.createSandbox(spec))
  }

  async removeSandbox(sandbox: string): Promise<void> {
    await this.#controller.sandbox(sandbox).delete()
  }

  async statistics(sandbox: string): Promise<readonly InterfaceStatistics[]> {
    const counters = Object.entries(this.#controller.sandbox(sandbox).statistics())
    return counters.map(([interfaceName, { rxBytes, rxPackets, rxErrors, rxDropped, ...sent }]) => ({
      interfaceName,
      rxBytes: Number(rxBytes),
      rxPackets: Number(rxPackets),
      rxErrors: Number(rxErrors),
      rxDropped: Number(rxDropped),
      txBytes: Number(sent.txBytes),
      txPackets: Number(sent.txPackets),
      txErrors: Number(sent.txErrors),
      txDropped: Number(sent.txDropped),
    }))
  }

  close(): Promise<void> {
    return this.#controller.close()
  }

  #details(network: Network): NetworkDetails {
    const endpoints = network.endpoints().map((endpoint) => this.#view(endpoint))
    return { ...networkView(network.info(), endpoints.length), endpoints }
  }

  #view(endpoint: Endpoint): EndpointView {
    const record = endpoint.record()
    return endpointView(record, endpoint.network.info(), endpoint.info().sandbox?.info() ?? null)
  }

  #sandboxView(sandbox: Sandbox): SandboxView {
    return { ...sandbox.info(), endpoints: sandbox.endpoints().map((endpoint) => this.#view(endpoint)) }
  }
}

/** False for a network that is always there, or that somebody began to use just now. */
async function wentAway(network: Network): Promise<boolean> {
  try {
    await network.delete()
    return true
  } catch (error) {
    if (isEngineError(error, 'network-in-use', 'network-undeletable', 'network-unknown')) return false
    throw error
  }
}

function notConnected(sandbox: Sandbox, network: string): EngineError {
  return new EngineError(
    'endpoint-not-joined',
    `the sandbox of ${JSON.stringify(sandbox.containerId)} is not connected to network ${JSON.stringify(network)}`,
    { sandbox: sandbox.id },
  )
}
