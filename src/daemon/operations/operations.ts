/**
 * Everything that can be asked of the engine from outside of its process, in the words of the API. It is carried out by a
 * controller of our own (`LocalOperations`), or by the daemon (`RemoteOperations`).
 */
import type { EndpointSpec, JoinOptions, NetworkSpec, SandboxSpec } from '../../engine/index.ts'
import type {
  EndpointView,
  InterfaceStatistics,
  NetworkDetails,
  NetworkView,
  ReferenceView,
  SandboxView,
} from './views.ts'

/** How something is removed. */
export interface Removal {
  /** Also when it is in use. */
  readonly force?: boolean
}

/** An endpoint that is made and joined in one step; its name is the container's id when none is given. */
export type ConnectSpec = EndpointSpec & { readonly sandbox: string }

/**
 * Objects are named by id, name or the beginning of the id; sandboxes also by the id of their container. All of these reject
 * with an EngineError, or, when the daemon was asked, with an ApiError of the same code.
 */
export interface Operations {
  networks(): Promise<readonly NetworkView[]>
  network(network: string): Promise<NetworkDetails>
  createNetwork(spec: NetworkSpec): Promise<NetworkDetails>
  removeNetwork(network: string, removal?: Removal): Promise<void>
  /** Removes all networks that nothing uses. @returns those that are gone now */
  pruneNetworks(): Promise<readonly ReferenceView[]>
  endpoints(network: string): Promise<readonly EndpointView[]>
  endpoint(network: string, endpoint: string): Promise<EndpointView>
  createEndpoint(network: string, spec: EndpointSpec): Promise<EndpointView>
  removeEndpoint(network: string, endpoint: string, removal?: Removal): Promise<void>
  join(network: string, endpoint: string, sandbox: string, options?: JoinOptions): Promise<EndpointView>
  leave(network: string, endpoint: string, sandbox: string): Promise<void>
  connect(network: string, spec: ConnectSpec): Promise<EndpointView>
  /** Takes a sandbox out of a network: its endpoints there are deleted. */
  disconnect(network: string, sandbox: string): Promise<void>
  sandboxes(): Promise<readonly SandboxView[]>
  sandbox(sandbox: string): Promise<SandboxView>
  createSandbox(spec: SandboxSpec): Promise<SandboxView>
  removeSandbox(sandbox: string): Promise<void>
  statistics(sandbox: string): Promise<readonly InterfaceStatistics[]>
  close(): Promise<void>
}
