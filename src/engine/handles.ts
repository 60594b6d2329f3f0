/**
 * Networks, endpoints and sandboxes as callers hold them. A handle has an id and asks the records for everything else, so that
 * several may stand for one object, and one may outlive its object.
 */
import { type Core, endpointRecord, mustBeOpen, networkRecord, sandboxRecord } from './core.ts'
import type { Obstacle, OperationalInfo } from './drivers/driver.ts'
import type { JoinOptions } from './endpoint/attach.ts'
import { createEndpoint } from './endpoint/create-endpoint.ts'
import { deleteEndpoint, type EndpointDeletion } from './endpoint/delete-endpoint.ts'
import type { EndpointSpec } from './endpoint/endpoint-spec.ts'
import { joinSandbox } from './endpoint/join.ts'
import { leaveSandbox } from './endpoint/leave.ts'
import { type Renaming, renameEndpoint } from './endpoint/rename-endpoint.ts'
import type { EndpointRecord, NetworkRecord, PortBinding, SandboxRecord } from './model.ts'
import { deleteNetwork, type NetworkDeletion } from './network/delete-network.ts'
import { resolveReference } from './references.ts'
import { deleteSandbox } from './sandbox/delete-sandbox.ts'
import { type InterfaceStatistics, SandboxLinks } from './sandbox/sandbox-links.ts'
import { mustOpenNamespace } from './sandbox/sandbox-namespace.ts'

/** A network: endpoints are made in it. */
export class Network {
  readonly id: string
  readonly #core: Core

  constructor(core: Core, id: string) {
    this.#core = core
    this.id = id
  }

  /** @throws EngineError network-unknown when it was deleted */
  get name(): string {
    return this.info().name
  }

  /** What it is now. @throws EngineError network-unknown when it was deleted */
  info(): NetworkRecord {
    return networkRecord(this.#core, this.id)
  }

  /**
   * Makes an endpoint.
   * @throws EngineError name-taken, network-config-only, address-taken, address-out-of-range, addresses-exhausted …
   */
  async createEndpoint(spec: EndpointSpec): Promise<Endpoint> {
    return new Endpoint(this.#core, (await createEndpoint(this.#core, this.id, spec)).id)
  }

  /** Its endpoints, oldest first. */
  endpoints(): Endpoint[] {
    return this.#core.records.endpointsOf(this.id).map(({ id }) => new Endpoint(this.#core, id))
  }

  /** The endpoint of this id, name, or beginning of an id. @throws EngineError endpoint-unknown, reference-ambiguous */
  endpoint(reference: string): Endpoint {
    const { endpoints } = this.#core.records
    const record = resolveReference<EndpointRecord>(
      {
        table: endpoints,
        noun: 'endpoint',
        unknown: 'endpoint-unknown',
        named: (name) => endpoints.by('name', `${this.id} ${name}`),
        among: (endpoint) => endpoint.networkId === this.id,
      },
      reference,
    )
    return new Endpoint(this.#core, record.id)
  }

  /** What on this host would keep the network from working. */
  async obstacles(): Promise<readonly Obstacle[]> {
    const network = this.info()
    return network.configOnly ? [] : (await this.#core.drivers.get(network.driver)).obstacles(network)
  }

  /** Deletes it. @throws EngineError network-in-use, network-undeletable, kernel-refused */
  delete(options: NetworkDeletion = {}): Promise<void> {
    mustBeOpen(this.#core)
    return deleteNetwork(this.#core, this.id, options)
  }
}

/** What an endpoint is now. */
export interface EndpointInfo {
  readonly macAddress: string | null
  /** With prefix length: `10.60.0.2/24`. */
  readonly addresses: readonly string[]
  /** Null as long as it is not joined, and where its network has none. */
  readonly gateway: string | null
  readonly gatewayIPv6: string | null
  /** Published ports, while it is the way out of its sandbox. */
  readonly ports: readonly PortBinding[]
  /** Null as long as it is not joined. */
  readonly sandbox: Sandbox | null
}

/** An endpoint: a network's end in a sandbox. */
export class Endpoint {
  readonly id: string
  readonly #core: Core

  constructor(core: Core, id: string) {
    this.#core = core
    this.id = id
  }

  /** @throws EngineError endpoint-unknown when it was deleted */
  get name(): string {
    return this.record().name
  }

  /** The network that it belongs to. @throws EngineError endpoint-unknown when it was deleted */
  get network(): Network {
    return new Network(this.#core, this.record().networkId)
  }

  /** Everything that is kept of it. @throws EngineError endpoint-unknown when it was deleted */
  record(): EndpointRecord {
    return endpointRecord(this.#core, this.id)
  }

  /** What it is now. @throws EngineError endpoint-unknown when it was deleted */
  info(): EndpointInfo {
    const { macAddress, addresses, join, ports, sandboxId } = this.record()
    return {
      macAddress,
      addresses,
      gateway: join?.gateway ?? null,
      gatewayIPv6: join?.gatewayIPv6 ?? null,
      ports,
      sandbox: sandboxId === null ? null : new Sandbox(this.#core, sandboxId),
    }
  }

  /** What lies behind it in its driver's view. @throws EngineError endpoint-unknown when it was deleted */
  async driverInfo(): Promise<OperationalInfo> {
    const endpoint = this.record()
    const network = networkRecord(this.#core, endpoint.networkId)
    return (await this.#core.drivers.get(network.driver)).inspect(network, endpoint)
  }

  /** Joins a sandbox. @throws EngineError endpoint-joined, endpoint-in-use, sandbox-unknown, sandbox-gone … */
  join(sandbox: Sandbox, options: JoinOptions = {}): Promise<void> {
    return joinSandbox(this.#core, this.id, sandbox.id, options)
  }

  /** Leaves a sandbox. @throws EngineError endpoint-not-joined */
  leave(sandbox: Sandbox): Promise<void> {
    return leaveSandbox(this.#core, this.id, sandbox.id)
  }

  /** Changes its name or aliases. @throws EngineError name-taken, name-blank */
  rename(renaming: Renaming): Promise<void> {
    return renameEndpoint(this.#core, this.id, renaming)
  }

  /** Deletes it. @throws EngineError endpoint-in-use when it is joined, unless by force */
  delete(options: EndpointDeletion = {}): Promise<void> {
    return deleteEndpoint(this.#core, this.id, options)
  }
}

/** A sandbox: a network namespace with the files that go with it. */
export class Sandbox {
  readonly id: string
  readonly #core: Core

  constructor(core: Core, id: string) {
    this.#core = core
    this.id = id
  }

  /** Path of its namespace. @throws EngineError sandbox-unknown when it was deleted */
  get key(): string {
    return this.info().key
  }

  /** The container that it belongs to. @throws EngineError sandbox-unknown when it was deleted */
  get containerId(): string {
    return this.info().containerId
  }

  /** Everything that is kept of it. @throws EngineError sandbox-unknown when it was deleted */
  info(): SandboxRecord {
    return sandboxRecord(this.#core, this.id)
  }

  /** The endpoints joined to it. */
  endpoints(): Endpoint[] {
    return this.#core.records.endpointsIn(this.id).map(({ id }) => new Endpoint(this.#core, id))
  }

  /** Counters of its interfaces by name, without the loopback's. @throws EngineError sandbox-unknown, sandbox-gone */
  statistics(): Record<string, InterfaceStatistics> {
    const namespace = mustOpenNamespace(this.info())
    const links = new SandboxLinks(namespace, this.#core.surroundings.host)
    try {
      return links.statistics()
    } finally {
      links.close()
      namespace.close()
    }
  }

  /** Deletes it with its endpoints; an adopted namespace stays. @throws EngineError sandbox-unknown, kernel-refused */
  delete(): Promise<void> {
    return deleteSandbox(this.#core, this.id)
  }
}
