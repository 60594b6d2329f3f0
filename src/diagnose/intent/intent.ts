/** What ought to be, from where it is recorded: runtimes' own configuration, our engine's store, files of address plugins. */

/** A port of a host that leads to a container. */
export interface PublishedPort {
  readonly protocol: 'tcp' | 'udp' | 'sctp'
  /** `0.0.0.0` and `::` mean all. */
  readonly hostAddress: string
  readonly hostPort: number
  readonly containerPort: number
}

/** A container's attachment to a network. */
export interface WantedEndpoint {
  readonly networkId: string
  readonly networkName: string
  readonly mac: string | null
  /** `172.17.0.2/16`; IPv4 first. */
  readonly addresses: readonly string[]
  /** Addresses of the default gateways, where it has any. */
  readonly gateways: readonly string[]
}

/** A container that ought to be reachable. */
export interface WantedContainer {
  /** `docker`, `netwright` … */
  readonly runtime: string
  readonly id: string
  readonly name: string
  /** Namespace that it lives in; null when it cannot be told. */
  readonly namespace: string | null
  /** Namespace of the daemon that made it, where its ports are published. */
  readonly hostNamespace: string | null
  /** Value of DOCKER_HOST with which its daemon is reached; null for runtimes that have none. */
  readonly host: string | null
  readonly endpoints: readonly WantedEndpoint[]
  readonly ports: readonly PublishedPort[]
}

/** A network that ought to work. */
export interface WantedNetwork {
  readonly runtime: string
  readonly id: string
  readonly name: string
  readonly driver: string
  readonly subnets: readonly string[]
  readonly gateways: readonly string[]
  /** No way out is wanted. */
  readonly internal: boolean
  /** Its members' addresses are to be hidden behind the host's. */
  readonly masquerade: boolean
  readonly bridgeName: string | null
  /** Namespace of the daemon, where its bridge lives. */
  readonly hostNamespace: string | null
}

/** A daemon that answered everything it was asked. */
export interface AnsweringDaemon {
  readonly runtime: string
  readonly label: string
  /** Value of DOCKER_HOST with which it is reached; null for runtimes that have none. */
  readonly host: string | null
  /** Namespace that it lives in; null when it cannot be told. */
  readonly namespace: string | null
}

/** An address that a plugin's file says is taken. */
export interface RecordedLease {
  readonly runtime: string
  readonly network: string
  readonly address: string
  /** Identifier of the container that it was given to. */
  readonly holder: string
  /** File that says so. */
  readonly file: string
}

/** All of it. */
export interface Intent {
  readonly containers: readonly WantedContainer[]
  readonly networks: readonly WantedNetwork[]
  readonly leases: readonly RecordedLease[]
  readonly daemons: readonly AnsweringDaemon[]
  /** What could not be read, one sentence each. */
  readonly warnings: readonly string[]
}

/** Nothing is recorded anywhere. */
export const NO_INTENT: Intent = { containers: [], networks: [], leases: [], daemons: [], warnings: [] }
