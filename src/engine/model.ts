/**
 * The objects of the Container Network Model as plain values: what the store keeps, what drivers are given, what the API
 * shows. The living objects (Controller, Network, Endpoint, Sandbox) wrap them.
 */

/** String options and labels. */
export type Labels = Readonly<Record<string, string>>

/** One address range of a network, as it was asked for. */
export interface PoolRequest {
  /** `10.60.0.0/24`; the next free one of the address space when left out. */
  readonly pool?: string
  /** Part of the pool that addresses are taken from. */
  readonly subPool?: string
  /** The network's own address; the first free one when left out. */
  readonly gateway?: string
  /** Addresses that are kept for others, by name. */
  readonly auxiliary?: Labels
}

/** One address range of a network, as it was given. */
export interface PoolLease {
  readonly family: 4 | 6
  /** The IPAM driver's name for it. */
  readonly poolId: string
  /** `10.60.0.0/24` */
  readonly pool: string
  readonly subPool: string | null
  /** `10.60.0.1/24`; null where the network has none (internal macvlan, ipvlan l3). */
  readonly gateway: string | null
  readonly auxiliary: Labels
  /** What the IPAM driver said about it. */
  readonly data: Labels
}

/** A network. */
export interface NetworkRecord {
  readonly id: string
  readonly name: string
  readonly driver: string
  readonly scope: 'local' | 'global'
  readonly internal: boolean
  readonly attachable: boolean
  readonly ipv4: boolean
  readonly ipv6: boolean
  /** A template for other networks; has no addresses and takes no endpoints. */
  readonly configOnly: boolean
  /** Id of the config-only network that its settings came from. */
  readonly configFrom: string | null
  /** Options of the driver, with libnetwork's names (`com.docker.network.bridge.name`). */
  readonly options: Labels
  readonly labels: Labels
  readonly ipamDriver: string
  readonly ipamOptions: Labels
  readonly pools: readonly PoolLease[]
  /** ISO 8601 */
  readonly created: string
}

/** Protocols whose ports can be published. */
export type PortProtocol = 'tcp' | 'udp' | 'sctp'

/** A port of a container that is to be reachable on the host. */
export interface PortMapping {
  readonly protocol: PortProtocol
  readonly containerPort: number
  /** All addresses of the host when left out. */
  readonly hostAddress?: string
  /** 0 or left out: any free one. */
  readonly hostPort?: number
  /** Last port of a range to choose from. */
  readonly hostPortEnd?: number
}

/** A port as it was published. */
export interface PortBinding {
  readonly protocol: PortProtocol
  readonly containerPort: number
  readonly hostAddress: string
  readonly hostPort: number
}

/** An endpoint. */
export interface EndpointRecord {
  readonly id: string
  readonly name: string
  readonly networkId: string
  /** `02:42:0a:3c:00:02`; null where the driver gives none. */
  readonly macAddress: string | null
  /** With prefix length: `10.60.0.2/24`; at most one a family. */
  readonly addresses: readonly string[]
  readonly linkLocalAddresses: readonly string[]
  /** Names that it answers to beside its own, in its network. */
  readonly aliases: readonly string[]
  /** Not registered by name. */
  readonly anonymous: boolean
  readonly options: Labels
  readonly labels: Labels
  readonly portMappings: readonly PortMapping[]
  readonly exposedPorts: readonly { readonly protocol: PortProtocol; readonly port: number }[]
  /** The sandbox that it is joined to. */
  readonly sandboxId: string | null
  /** Higher ones become the gateway of their sandbox. */
  readonly priority: number
  /** What the driver gave at the join. */
  readonly join: JoinRecord | null
  readonly ports: readonly PortBinding[]
  readonly created: string
}

/** A route that an endpoint brings into its sandbox. Without a next hop it is directly connected. */
export interface StaticRoute {
  readonly destination: string
  readonly nextHop?: string
}

/** What joining gave an endpoint. */
export interface JoinRecord {
  /** Name of its interface within the sandbox; empty where its driver makes none. */
  readonly interfaceName: string
  /** Name that the interface had on the host, when the controller moved it in and has to move it back. */
  readonly source?: string
  readonly gateway: string | null
  readonly gatewayIPv6: string | null
  readonly routes: readonly StaticRoute[]
  /** The driver itself gives access to the outside; no gateway network is wanted. */
  readonly disableGatewayService: boolean
}

/** A sandbox: a network namespace with the files that go with it. */
export interface SandboxRecord {
  readonly id: string
  readonly containerId: string
  readonly hostname: string
  readonly domainname: string
  /** `created`: ours, pinned at `key`; `pid` and `path`: adopted; `host`: the host's own namespace. */
  readonly origin: 'created' | 'pid' | 'path' | 'host'
  /** Path of its namespace. */
  readonly key: string
  /** nsfs inode of its namespace, decimal: what `key` must still lead to. */
  readonly inode: string
  readonly labels: Labels
  readonly dns: DnsSettings
  readonly extraHosts: readonly { readonly name: string; readonly address: string }[]
  /** Directory with its resolv.conf and hosts. */
  readonly files: string
  readonly created: string
}

/** What a container's resolv.conf is made of; what is left out comes from the host's. */
export interface DnsSettings {
  readonly servers?: readonly string[]
  readonly search?: readonly string[]
  readonly options?: readonly string[]
}
