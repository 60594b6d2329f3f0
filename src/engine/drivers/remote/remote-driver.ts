/**
 * A network driver that is a plugin: each call becomes one of the plugin's. The plugin remembers its networks and endpoints
 * by itself, over restarts of either side; that is how Docker's protocol has it.
 */
import { getLinkSummary, hasCode, type NamespaceHandle, NetlinkProtocol, NetlinkSocket } from '../../../kernel/index.ts'
import { EngineError, isEngineError } from '../../errors.ts'
import type { EndpointRecord, Labels, NetworkRecord, PortBinding } from '../../model.ts'
import { AnswerReader, type PluginClient } from '../../plugins/index.ts'
import { chosenName } from '../bridge/endpoint-link.ts'
import type {
  DriverCapabilities,
  DriverJoin,
  EndpointAdditions,
  JoiningSandbox,
  NetworkDriver,
  Obstacle,
  OperationalInfo,
} from '../driver.ts'
import { type JoinAnswer, readAdditions, readCapabilities, readJoin } from './answers.ts'
import { createEndpointRequest, createNetworkRequest, endpointRequest, exposeRequest, joinRequest } from './requests.ts'

/** What a remote driver is made of. */
export interface RemoteDriverInit {
  /** The namespace in which the plugin makes interfaces. */
  readonly host: NamespaceHandle
  /** The plugin, which the driver closes. */
  readonly plugin: PluginClient
  /** Told what the plugin refused while something was being taken away, which goes on regardless. */
  readonly notice?: (sentence: string) => void
}

/** Makes a driver of a plugin, once it has told what it can do. @throws EngineError plugin-failed, plugin-unreachable */
export async function createRemoteDriver(init: RemoteDriverInit): Promise<NetworkDriver> {
  const method = 'NetworkDriver.GetCapabilities'
  const answer = await init.plugin.call(method)
  return new RemoteDriver(init, readCapabilities(new AnswerReader(answer, init.plugin.name, method)))
}

class RemoteDriver implements NetworkDriver {
  readonly name: string
  readonly capabilities: DriverCapabilities
  /** Only the plugin knows. */
  readonly networkOptions: undefined
  readonly #plugin: PluginClient
  readonly #host: NamespaceHandle
  readonly #notice: (sentence: string) => void

  constructor({ host, plugin, notice }: RemoteDriverInit, capabilities: DriverCapabilities) {
    this.name = plugin.name
    this.capabilities = capabilities
    this.#plugin = plugin
    this.#host = host
    this.#notice = notice ?? (() => {})
  }

  /** The plugin judges when it makes the network. */
  validateNetwork(): void {}

  async createNetwork(network: NetworkRecord): Promise<void> {
    await this.#call('CreateNetwork', createNetworkRequest(network))
  }

  async deleteNetwork(network: NetworkRecord): Promise<void> {
    await this.#takeAway('DeleteNetwork', { NetworkID: network.id })
  }

  async createEndpoint(_network: NetworkRecord, endpoint: EndpointRecord): Promise<EndpointAdditions> {
    return readAdditions(await this.#call('CreateEndpoint', createEndpointRequest(endpoint)), endpoint)
  }

  async deleteEndpoint(_network: NetworkRecord, endpoint: EndpointRecord): Promise<void> {
    await this.#takeAway('DeleteEndpoint', endpointRequest(endpoint))
  }

  async join(
    _network: NetworkRecord,
    endpoint: EndpointRecord,
    sandbox: JoiningSandbox,
    options: Labels,
  ): Promise<DriverJoin> {
    const asked = chosenName(endpoint)
    const answer = readJoin(await this.#call('Join', joinRequest(endpoint, sandbox.key, options)))
    const { source, prefix, ...join } = answer
    if (source === '') return { ...join, placed: 'none', interfaceName: '' }
    this.#checkSource(answer)
    return { ...join, placed: false, source, interfaceName: asked ?? sandbox.freeInterfaceName(prefix) }
  }

  async leave(_network: NetworkRecord, endpoint: EndpointRecord): Promise<void> {
    await this.#takeAway('Leave', endpointRequest(endpoint))
  }

  async expose(_network: NetworkRecord, endpoint: EndpointRecord): Promise<readonly PortBinding[]> {
    const method = 'NetworkDriver.ProgramExternalConnectivity'
    const answer = await this.#plugin.callIfThere(method, exposeRequest(endpoint))
    return answer === undefined ? [] : publishedPorts(endpoint)
  }

  async conceal(_network: NetworkRecord, endpoint: EndpointRecord): Promise<void> {
    await this.#takeAway('RevokeExternalConnectivity', endpointRequest(endpoint))
  }

  async inspect(_network: NetworkRecord, endpoint: EndpointRecord): Promise<OperationalInfo> {
    return (await this.#call('EndpointOperInfo', endpointRequest(endpoint))).object('Value').value
  }

  /** Nothing: the plugin kept its part. */
  async restore(): Promise<void> {}

  async obstacles(): Promise<readonly Obstacle[]> {
    return []
  }

  async close(): Promise<void> {
    this.#plugin.close()
  }

  async #call(name: string, request: object): Promise<AnswerReader> {
    const method = `NetworkDriver.${name}`
    return new AnswerReader(await this.#plugin.call(method, request), this.#plugin.name, method)
  }

  /**
   * A plugin that knows nothing of what is to be taken away refuses that, in words of its own; so does one that lacks the
   * method. Neither keeps a network or an endpoint alive.
   */
  async #takeAway(name: string, request: object): Promise<void> {
    try {
      await this.#plugin.callIfThere(`NetworkDriver.${name}`, request)
    } catch (error) {
      if (!isEngineError(error, 'plugin-failed')) throw error
      this.#notice(error.message)
    }
  }

  #checkSource({ source }: JoinAnswer): void {
    const socket = NetlinkSocket.open(NetlinkProtocol.route, this.#host)
    try {
      getLinkSummary(socket, { name: source })
    } catch (error) {
      if (!hasCode(error, 'ENODEV')) throw error
      throw new EngineError(
        'plugin-failed',
        `the plugin ${this.name} answered NetworkDriver.Join with the interface ${source}, which this host does not have`,
        { cause: error },
      )
    } finally {
      socket.close()
    }
  }
}

/** A plugin does not tell which ports it chose; those that were named are published as they were named. */
function publishedPorts(endpoint: EndpointRecord): PortBinding[] {
  return endpoint.portMappings.flatMap(({ protocol, containerPort, hostAddress, hostPort, hostPortEnd }) => {
    const certain = hostPort !== undefined && hostPort !== 0 && (hostPortEnd ?? hostPort) === hostPort
    return certain ? [{ protocol, containerPort, hostAddress: hostAddress ?? '0.0.0.0', hostPort }] : []
  })
}
