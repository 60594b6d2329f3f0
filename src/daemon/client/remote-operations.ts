/** Operations carried out by the daemon. */
import type { EndpointSpec, JoinOptions, NetworkSpec, SandboxSpec } from '../../engine/index.ts'
import type { ConnectSpec, Operations, Removal } from '../operations/operations.ts'
import type {
  EndpointView,
  InterfaceStatistics,
  NetworkDetails,
  NetworkView,
  ReferenceView,
  SandboxView,
} from '../operations/views.ts'
import type { ApiClient } from './api-client.ts'

/** See `Operations`. */
export class RemoteOperations implements Operations {
  readonly #client: ApiClient

  constructor(client: ApiClient) {
    this.#client = client
  }

  async networks(): Promise<readonly NetworkView[]> {
    return (await this.#get<{ networks: NetworkView[] }>('/v1/networks')).networks
  }

  network(network: string): Promise<NetworkDetails> {
    return this.#get(networkPath(network))
  }

  createNetwork(spec: NetworkSpec): Promise<NetworkDetails> {
    return this.#post('/v1/networks', spec)
  }

  removeNetwork(network: string, removal: Removal = {}): Promise<void> {
    return this.#delete(networkPath(network), removal)
  }

  async pruneNetworks(): Promise<readonly ReferenceView[]> {
    return (await this.#post<{ removed: ReferenceView[] }>('/v1/networks/prune')).removed
  }

  async endpoints(network: string): Promise<readonly EndpointView[]> {
    return (await this.#get<{ endpoints: EndpointView[] }>(`${networkPath(network)}/endpoints`)).endpoints
  }

  endpoint(network: string, endpoint: string): Promise<EndpointView> {
    return this.#get(endpointPath(network, endpoint))
  }

  createEndpoint(network: string, spec: EndpointSpec): Promise<EndpointView> {
    return this.#post(`${networkPath(network)}/endpoints`, spec)
  }

  removeEndpoint(network: string, endpoint: string, removal: Removal = {}): Promise<void> {
    return this.#delete(endpointPath(network, endpoint), removal)
  }

  join(network: string, endpoint: string, sandbox: string, options: JoinOptions = {}): Promise<EndpointView> {
    return this.#post(`${endpointPath(network, endpoint)}/join`, { ...options, sandbox })
  }

  leave(network: string, endpoint: string, sandbox: string): Promise<void> {
    return this.#post(`${endpointPath(network, endpoint)}/leave`, { sandbox })
  }

  connect(network: string, spec: ConnectSpec): Promise<EndpointView> {
    return this.#post(`${networkPath(network)}/connect`, spec)
  }

  disconnect(network: string, sandbox: string): Promise<void> {
    return this.#post(`${networkPath(network)}/disconnect`, { sandbox })
  }

  async sandboxes(): Promise<readonly SandboxView[]> {
    return (await this.#get<{ sandboxes: SandboxView[] }>('/v1/sandboxes')).sandboxes
  }

  sandbox(sandbox: string): Promise<SandboxView> {
    return this.#get(sandboxPath(sandbox))
  }

  createSandbox(spec: SandboxSpec): Promise<SandboxView> {
    return this.#post('/v1/sandboxes', spec)
  }

  removeSandbox(sandbox: string): Promise<void> {
    return this.#delete(sandboxPath(sandbox))
  }

  async statistics(sandbox: string): Promise<readonly InterfaceStatistics[]> {
    const { interfaces } = await this.#get<{ interfaces: InterfaceStatistics[] }>(`${sandboxPath(sandbox)}/statistics`)
    return interfaces
  }

  async close(): Promise<void> {
    // Every request has a connection of its own.
  }

  #get<T>(path: string): Promise<T> {
    return this.#client.ask({ method: 'GET', path })
  }

  #post<T>(path: string, body?: unknown): Promise<T> {
    return this.#client.ask({ method: 'POST', path, ...(body === undefined ? {} : { body }) })
  }

  #delete(path: string, { force = false }: Removal = {}): Promise<void> {
    return this.#client.ask({ method: 'DELETE', path: force ? `${path}?force=true` : path })
  }
}

function networkPath(network: string): string {
  return `/v1/networks/${encodeURIComponent(network)}`
}

function endpointPath(network: string, endpoint: string): string {
  return `${networkPath(network)}/endpoints/${encodeURIComponent(endpoint)}`
}

function sandboxPath(sandbox: string): string {
  return `/v1/sandboxes/${encodeURIComponent(sandbox)}`
}
