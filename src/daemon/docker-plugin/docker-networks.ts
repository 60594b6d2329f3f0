/**
 * dockerd's networks and endpoints, over the engine's bridge driver. dockerd itself configures what is inside of containers:
 * at a join it is given the name of an interface in the host's namespace, which it moves into the container and renames. So
 * the driver is told to put the inner end of the pair into the host's own namespace.
 *
 * Every call may come again, when dockerd's connection broke before it had the answer, and what is to be removed may be gone.
 */
import {
  type EndpointRecord,
  EngineError,
  type KeyedLock,
  type NamespaceHandle,
  type NetworkDriver,
  type NetworkRecord,
  type OperationalInfo,
} from '../../engine/index.ts'
import { endpointRecordOf, networkRecordOf, portMappingsOf } from './docker-records.ts'
import { DockerUserChain } from './docker-user-chain.ts'
import type { CreateEndpointRequest, CreateNetworkRequest } from './messages.ts'
import type { Register } from './register.ts'

/** What is needed to make networks. */
export interface DockerNetworksInit {
  readonly driver: NetworkDriver
  readonly register: Register
  readonly locks: KeyedLock
  /** The namespace that dockerd runs in. */
  readonly host: NamespaceHandle
}

/** What dockerd is told at a join. */
export interface DockerJoin {
  /** An interface of the host's namespace, for dockerd to take. */
  readonly source: string
  /** What its name in the container begins with. */
  readonly prefix: string
  readonly gateway: string
  readonly gatewayIPv6: string
  /** dockerd need not look for another way out. */
  readonly disableGatewayService: boolean
}

const INTERFACE_PREFIX = 'com.docker.network.container_iface_prefix'

/** Networks and endpoints of one dockerd. */
export class DockerNetworks {
  readonly #driver: NetworkDriver
  readonly #register: Register
  readonly #locks: KeyedLock
  readonly #host: NamespaceHandle
  readonly #filter: DockerUserChain

  constructor({ driver, register, locks, host }: DockerNetworksInit) {
    this.#driver = driver
    this.#register = register
    this.#locks = locks
    this.#host = host
    this.#filter = new DockerUserChain(host)
  }

  /** Networks stay as they are. */
  close(): void {
    this.#filter.close()
  }

  /** Undoes what the last process had begun and not finished; dockerd, which had no answer, asks again. */
  async undoUnfinished(): Promise<void> {
    for (const { id } of this.#register.unfinishedNetworks()) await this.deleteNetwork(id)
  }

  /** @throws EngineError option-unknown, option-invalid, pool-overlap, bridge-taken … */
  createNetwork(request: CreateNetworkRequest): Promise<void> {
    const wanted = networkRecordOf(request)
    // Networks of one driver are checked against each other, so that they are made one after the other.
    return this.#locks.hold(`driver:${this.#driver.name}`, () =>
      this.#locks.hold(`network:${wanted.id}`, async () => {
        const network = this.#register.network(wanted.id) ?? wanted
        this.#check(network)
        this.#register.putNetwork(network, false)
        try {
          await this.#driver.createNetwork(network)
        } catch (error) {
          await this.#removeNetwork(network)
          throw error
        }
        this.#register.putNetwork(network, true)
      }),
    )
  }

  #check(network: NetworkRecord): void {
    for (const option of Object.keys(network.options)) {
      if (this.#driver.networkOptions?.has(option) !== false) continue
      throw new EngineError('option-unknown', `netwright has no network option ${JSON.stringify(option)}`)
    }
    this.#driver.validateNetwork(
      network,
      this.#register.allNetworks().filter((other) => other.id !== network.id),
    )
  }

  deleteNetwork(id: string): Promise<void> {
    return this.#locks.hold(`network:${id}`, async () => {
      const network = this.#register.network(id)
      if (network !== undefined) await this.#removeNetwork(network)
    })
  }

  async #removeNetwork(network: NetworkRecord): Promise<void> {
    // Should this be broken off, the next start goes on with it.
    this.#register.putNetwork(network, false)
    for (const endpoint of this.#register.endpointsOf(network.id)) await this.#removeEndpoint(network, endpoint)
    this.#filter.expel(network.id)
    await this.#driver.deleteNetwork(network)
    this.#register.removeNetwork(network.id)
  }

  /** @returns the MAC address that was chosen, when dockerd had not chosen one */
  createEndpoint(request: CreateEndpointRequest): Promise<string | undefined> {
    return this.#locks.hold(`network:${request.NetworkID}`, async () => {
      const network = this.#network(request.NetworkID)
      const wanted = this.#register.endpoint(network.id, request.EndpointID) ?? endpointRecordOf(request)
      this.#register.putEndpoint(wanted)
      try {
        const { macAddress } = await this.#driver.createEndpoint(network, wanted)
        const endpoint = { ...wanted, macAddress: wanted.macAddress ?? macAddress ?? null }
        this.#register.putEndpoint(endpoint)
        return request.Interface.MacAddress === '' ? (endpoint.macAddress ?? undefined) : undefined
      } catch (error) {
        await this.#removeEndpoint(network, wanted)
        throw error
      }
    })
  }

  deleteEndpoint(networkId: string, id: string): Promise<void> {
    return this.#withEndpoint(networkId, id, (network, endpoint) => this.#removeEndpoint(network, endpoint))
  }

  async #removeEndpoint(network: NetworkRecord, endpoint: EndpointRecord): Promise<void> {
    await this.#driver.conceal(network, endpoint)
    await this.#driver.leave(network, endpoint, null)
    await this.#driver.deleteEndpoint(network, endpoint)
    this.#register.removeEndpoint(network.id, endpoint.id)
  }

  /** @param sandboxKey path of the container's namespace */
  join(networkId: string, id: string, sandboxKey: string): Promise<DockerJoin> {
    return this.#locks.hold(`network:${networkId}`, async () => {
      const network = this.#network(networkId)
      const endpoint: EndpointRecord = { ...this.#endpoint(networkId, id), sandboxId: sandboxKey }
      this.#register.putEndpoint(endpoint)
      try {
        const join = await this.#driver.join(network, endpoint, this.#waitingRoom(endpoint), {})
        this.#register.putEndpoint({ ...endpoint, join })
        const { bridge } = await this.#driver.inspect(network, endpoint)
        if (typeof bridge === 'string') this.#filter.admit(network.id, bridge)
        return {
          source: join.interfaceName,
          prefix: network.options[INTERFACE_PREFIX] ?? 'eth',
          gateway: join.gateway ?? '',
          gatewayIPv6: join.gatewayIPv6 ?? '',
          // An internal network has no gateway, and shall not be given one by way of docker_gwbridge.
          disableGatewayService: network.internal || join.disableGatewayService,
        }
      } catch (error) {
        await this.#driver.leave(network, endpoint, null)
        this.#register.putEndpoint({ ...endpoint, sandboxId: null })
        throw error
      }
    })
  }

  /** Where the inner end waits for dockerd: the host's namespace, taken for a sandbox. */
  #waitingRoom(endpoint: EndpointRecord) {
    return {
      id: endpoint.id,
      containerId: endpoint.sandboxId ?? '',
      key: '',
      namespace: this.#host,
      freeInterfaceName: () => `nwt${endpoint.id.slice(0, 12)}`,
    }
  }

  leave(networkId: string, id: string): Promise<void> {
    return this.#withEndpoint(networkId, id, async (network, endpoint) => {
      await this.#driver.leave(network, endpoint, null)
      this.#register.putEndpoint({ ...endpoint, sandboxId: null, join: null })
    })
  }

  /** Publishes ports: those of the options, or those that the endpoint was created with. */
  expose(networkId: string, id: string, options: Readonly<Record<string, unknown>>): Promise<void> {
    return this.#locks.hold(`network:${networkId}`, async () => {
      const network = this.#network(networkId)
      const before = this.#endpoint(networkId, id)
      const endpoint = { ...before, portMappings: portMappingsOf(options) ?? before.portMappings }
      this.#register.putEndpoint(endpoint)
      const ports = await this.#driver.expose(network, endpoint)
      this.#register.putEndpoint({ ...endpoint, ports })
    })
  }

  conceal(networkId: string, id: string): Promise<void> {
    return this.#withEndpoint(networkId, id, async (network, endpoint) => {
      await this.#driver.conceal(network, endpoint)
      this.#register.putEndpoint({ ...endpoint, ports: [] })
    })
  }

  /** What `docker inspect` is told of an endpoint. */
  inspect(networkId: string, id: string): Promise<OperationalInfo> {
    const network = this.#network(networkId)
    return this.#driver.inspect(network, this.#endpoint(networkId, id))
  }

  /** Does something with an endpoint that may be gone already. */
  #withEndpoint(
    networkId: string,
    id: string,
    work: (network: NetworkRecord, endpoint: EndpointRecord) => Promise<void>,
  ): Promise<void> {
    return this.#locks.hold(`network:${networkId}`, async () => {
      const network = this.#register.network(networkId)
      const endpoint = this.#register.endpoint(networkId, id)
      if (network !== undefined && endpoint !== undefined) await work(network, endpoint)
    })
  }

  #network(id: string): NetworkRecord {
    const network = this.#register.network(id)
    if (network !== undefined) return network
    throw new EngineError('network-unknown', `netwright has no network ${id} of Docker; remove it and create it again`)
  }

  #endpoint(networkId: string, id: string): EndpointRecord {
    const endpoint = this.#register.endpoint(networkId, id)
    if (endpoint !== undefined) return endpoint
    throw new EngineError('endpoint-unknown', `netwright has no endpoint ${id} of Docker in network ${networkId}`)
  }
}
