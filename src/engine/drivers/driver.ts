/**
 * What a network driver is. A driver is one folder that exports a factory of this interface; the controller knows nothing
 * else of it. Every call is idempotent: after a crash the controller repeats the step that was under way, or undoes it,
 * from the record that it made before (engine/store). Calls for one network never overlap.
 */
import type { NamespaceHandle } from '../../kernel/index.ts'
import type { EndpointRecord, JoinRecord, Labels, NetworkRecord, PortBinding } from '../model.ts'

/** What the controller must know of a driver before it calls it. */
export interface DriverCapabilities {
  readonly scope: 'local' | 'global'
  /** False for host and null: its networks get no addresses. */
  readonly addresses: boolean
  /** Only one network of this driver may exist, and it cannot be deleted. */
  readonly single: boolean
  /** True when the driver makes the gateway address itself an interface of the host, so that one is wanted. */
  readonly gateway: boolean
}

/** What a driver may fill in that the controller left open. */
export interface EndpointAdditions {
  readonly macAddress?: string
  readonly addresses?: readonly string[]
}

/** The sandbox that an endpoint joins. */
export interface JoiningSandbox {
  readonly id: string
  readonly containerId: string
  readonly key: string
  /** Its namespace, open for the duration of the call. */
  readonly namespace: NamespaceHandle
  /** A name that no interface of the sandbox has: `eth0`, `eth1` … for the prefix `eth`. */
  freeInterfaceName(prefix: string): string
}

/**
 * What a join gave. `placed`: the interface is in the sandbox under its final name and down, and the controller only
 * configures addresses and routes and brings it up. Otherwise `source` is an interface of the host, which the controller
 * moves in and renames.
 */
export type DriverJoin = JoinRecord &
  (
    | {
        readonly placed: true
        /** Number of the interface within the sandbox, when the driver came to know it. */
        readonly interfaceIndex?: number
      }
    | { readonly placed: false; readonly source: string }
    | { readonly placed: 'none' }
  )

/** What lies behind an endpoint in the driver's view, for inspection. */
export type OperationalInfo = Readonly<Record<string, unknown>>

/** Something that stands in a driver's way on this host, found without being asked: `doctor` and error messages show it. */
export interface Obstacle {
  readonly summary: string
  /** Commands that would remove it, for a person to judge. */
  readonly commands: readonly string[]
}

/** A network driver. */
export interface NetworkDriver {
  readonly name: string
  readonly capabilities: DriverCapabilities
  /** Options of a network that this driver knows; others are refused (`option-unknown`), unless undefined (remote drivers). */
  readonly networkOptions: ReadonlySet<string> | undefined
  /** Checks options and pools without touching anything. @throws EngineError option-invalid, bridge-taken … */
  validateNetwork(network: NetworkRecord, others: readonly NetworkRecord[]): void
  /**
   * Whether this network wants a gateway address from its pools when none was asked for. Left out: all but internal ones do,
   * and all when `capabilities.gateway`.
   */
  wantsGateway?(network: NetworkRecord): boolean
  createNetwork(network: NetworkRecord): Promise<void>
  deleteNetwork(network: NetworkRecord): Promise<void>
  createEndpoint(network: NetworkRecord, endpoint: EndpointRecord): Promise<EndpointAdditions>
  deleteEndpoint(network: NetworkRecord, endpoint: EndpointRecord): Promise<void>
  join(network: NetworkRecord, endpoint: EndpointRecord, sandbox: JoiningSandbox, options: Labels): Promise<DriverJoin>
  /** The sandbox's namespace is gone already when `sandbox` is null: its interfaces died with it. */
  leave(network: NetworkRecord, endpoint: EndpointRecord, sandbox: JoiningSandbox | null): Promise<void>
  /** The endpoint has become the way out of its sandbox: publish its ports. */
  expose(network: NetworkRecord, endpoint: EndpointRecord): Promise<readonly PortBinding[]>
  /** It no longer is. */
  conceal(network: NetworkRecord, endpoint: EndpointRecord): Promise<void>
  inspect(network: NetworkRecord, endpoint: EndpointRecord): Promise<OperationalInfo>
  /**
   * After a start: brings the kernel to what the records say (rules, bridges, published ports), and removes what carries
   * this driver's mark and belongs to no record. Joined endpoints keep their traffic meanwhile.
   */
  restore(networks: readonly NetworkRecord[], endpoints: readonly EndpointRecord[]): Promise<void>
  /** What on this host would keep this network from working (a foreign rule that drops its traffic). */
  obstacles(network: NetworkRecord): Promise<readonly Obstacle[]>
  /** The controller closes; networks stay as they are. */
  close(): Promise<void>
}
