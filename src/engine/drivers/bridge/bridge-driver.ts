/**
 * The bridge driver: a network is a bridge of the host and a set of rules, an endpoint a pair of interfaces. All kernel work
 * happens in the host's namespace that it is given, but for the inner ends, which are made in their sandboxes.
 */
import {
  deleteLink,
  type NamespaceHandle,
  NetlinkProtocol,
  NetlinkSocket,
  Nftables,
  NftablesMissingError,
} from '../../../kernel/index.ts'
import { EngineError, isEngineError } from '../../errors.ts'
import type { EndpointRecord, NetworkRecord, PortBinding } from '../../model.ts'
import { forgetFlowsOf } from '../../ports/index.ts'
import type {
  DriverJoin,
  EndpointAdditions,
  JoiningSandbox,
  NetworkDriver,
  Obstacle,
  OperationalInfo,
} from '../driver.ts'
import { type BridgeDevice, ensureBridge, findBridge, releaseBridge } from './bridge-device.ts'
import { BridgeOption, type BridgeSettings, bridgeSettings } from './bridge-options.ts'
import { attachAgain, chosenName, type HostEnd, hostNames, makePair, portSettings } from './endpoint-link.ts'
import { findObstacles } from './find-obstacles.ts'
import { enableForwarding } from './forwarding.ts'
import { LinkRemover } from './link-remover.ts'
import { macAddressFor } from './mac-address.ts'
import { filledTableCommands, networkAwayCommands, networkCommands } from './network-rules.ts'
import { bare, canonicalAddress, poolOf } from './pools.ts'
import { PortPublisher } from './port-publisher.ts'
import { type FoundEnd, findSurvivors, listHostEnds } from './survivors.ts'
import { TABLE, tableAwayCommands, tableCommands } from './table.ts'
import { validateBridgeNetwork } from './validate-network.ts'

/** What the bridge driver is made of. */
export interface BridgeDriverInit {
  /** The namespace that it takes for the host's. */
  readonly host: NamespaceHandle
  /** Told what was changed on the host beyond the networks themselves: a sentence for its owner. */
  readonly notice?: (sentence: string) => void
}

/** Makes the bridge driver. Nothing is touched before its first network. */
export function createBridgeDriver(init: BridgeDriverInit): NetworkDriver {
  return new BridgeDriver(init)
}

class BridgeDriver implements NetworkDriver {
  readonly name = 'bridge'
  readonly capabilities = { scope: 'local', addresses: true, single: false, gateway: true } as const
  readonly networkOptions: ReadonlySet<string> = new Set(Object.values(BridgeOption))
  readonly #host: NamespaceHandle
  readonly #notice: (sentence: string) => void
  readonly #bridges = new Map<string, BridgeDevice>()
  readonly #hostEnds = new Map<string, HostEnd>()
  readonly #ports: PortPublisher
  /** Addresses of endpoints that are gone, whose connections are forgotten together. */
  readonly #departed = new Set<string>()
  /** All host ends are known, from a restore or since one was asked for: what is not in the map does not exist. */
  #complete = false
  /** What the host had that was called as our host ends are, without a mark, when all were listed. */
  readonly #unmarked = new Map<string, FoundEnd>()
  #socket: NetlinkSocket | undefined
  #nftables: Nftables | undefined
  #remover: LinkRemover | undefined

  constructor({ host, notice }: BridgeDriverInit) {
    this.#host = host
    this.#notice = notice ?? (() => {})
    this.#ports = new PortPublisher(host, (commands) => this.#rules.run(commands), this.#notice)
  }

  validateNetwork(network: NetworkRecord, others: readonly NetworkRecord[]): void {
    validateBridgeNetwork(network, others)
  }

  async createNetwork(network: NetworkRecord): Promise<void> {
    const settings = bridgeSettings(network)
    this.#links.remover.flush()
    const device = ensureBridge(this.#links, network, settings)
    this.#bridges.set(network.id, device)
    for (const sentence of enableForwarding(this.#host, network, settings)) this.#notice(sentence)
    this.#rules.run([...networkAwayCommands(network, settings), ...networkCommands(network, settings)])
  }

  async deleteNetwork(network: NetworkRecord): Promise<void> {
    const settings = bridgeSettings(network)
    const { socket, remover } = this.#links
    this.#rules.run(networkAwayCommands(network, settings))
    const device = findBridge(socket, network, settings)
    if (device?.ours === true) remover.retire({ index: device.index }, network.id)
    else if (device !== undefined) releaseBridge(this.#links, device.index, settings.bridgeName)
    remover.flush()
    this.#bridges.delete(network.id)
  }

  async createEndpoint(_network: NetworkRecord, endpoint: EndpointRecord): Promise<EndpointAdditions> {
    return endpoint.macAddress === null ? { macAddress: macAddressFor(endpoint) } : {}
  }

  async deleteEndpoint(network: NetworkRecord, endpoint: EndpointRecord): Promise<void> {
    await this.conceal(network, endpoint)
    await this.leave(network, endpoint, null)
  }

  async join(network: NetworkRecord, endpoint: EndpointRecord, sandbox: JoiningSandbox): Promise<DriverJoin> {
    const settings = bridgeSettings(network)
    const { socket, remover } = this.#links
    // What an interrupted attempt left; and an interface that is being deleted still has its name.
    this.#retire(network, endpoint, sandbox.id)
    if (remover.holds(sandbox.id) || remover.holds(endpoint.id)) remover.flush()
    if (endpoint.addresses.some((address) => this.#departed.has(canonicalAddress(bare(address)))))
      this.#forgetDeparted()
    const interfaceName = chosenName(endpoint) ?? sandbox.freeInterfaceName(settings.interfacePrefix)
    const end = makePair(socket, endpoint, {
      bridge: this.#bridgeOf(network, settings).index,
      mtu: settings.mtu,
      port: portSettings(this.#host, settings),
      macAddress: endpoint.macAddress ?? macAddressFor(endpoint),
      interfaceName,
      sandbox: sandbox.namespace,
    })
    this.#hostEnds.set(endpoint.id, end)
    return {
      placed: true,
      interfaceName,
      ...(end.inner === undefined ? {} : { interfaceIndex: end.inner }),
      gateway: gatewayFor(network, settings, 4),
      gatewayIPv6: gatewayFor(network, settings, 6),
      routes: [],
      disableGatewayService: false,
    }
  }

  async leave(network: NetworkRecord, endpoint: EndpointRecord, sandbox: JoiningSandbox | null): Promise<void> {
    this.#retire(network, endpoint, sandbox?.id)
  }

  async expose(network: NetworkRecord, endpoint: EndpointRecord): Promise<readonly PortBinding[]> {
    return this.#ports.open(network, endpoint, bridgeSettings(network))
  }

  async conceal(_network: NetworkRecord, endpoint: EndpointRecord): Promise<void> {
    this.#ports.close(endpoint.id)
  }

  async inspect(network: NetworkRecord, endpoint: EndpointRecord): Promise<OperationalInfo> {
    const settings = bridgeSettings(network)
    const end = this.#hostEndOf(endpoint)
    return {
      bridge: settings.bridgeName,
      hostInterface: end?.name ?? null,
      gatewayModes: settings.gatewayModes,
      interContainer: settings.icc,
    }
  }

  async restore(networks: readonly NetworkRecord[], endpoints: readonly EndpointRecord[]): Promise<void> {
    const own = networks.filter((network) => !network.configOnly)
    const joined = endpoints.filter((endpoint) => endpoint.sandboxId !== null)
    const { socket, remover } = this.#links
    const { ends, strays } = findSurvivors(socket, idsOf(own), idsOf(joined))
    for (const stray of strays) remover.retire(stray)
    remover.flush()
    for (const { id } of joined) {
      const end = ends.get(id)
      if (end !== undefined) this.#hostEnds.set(id, end)
    }
    this.#complete = true
    for (const network of own) this.#restoreNetwork(network)
    const byId = new Map(own.map((network) => [network.id, network]))
    for (const { id, networkId } of joined) this.#restoreEnd(ends.get(id), byId.get(networkId))
    this.#restoreRules(own, joined)
  }

  /** A network whose bridge cannot be had is told, so that the others are served all the same. */
  #restoreNetwork(network: NetworkRecord): void {
    const settings = bridgeSettings(network)
    try {
      this.#bridges.set(network.id, ensureBridge(this.#links, network, settings))
      for (const sentence of enableForwarding(this.#host, network, settings)) this.#notice(sentence)
    } catch (error) {
      if (!isEngineError(error)) throw error
      this.#notice(`network ${network.name} is not served: ${error.message}`)
    }
  }

  /** Makes the host end of an endpoint a port of its bridge again, if the bridge had to be made anew. */
  #restoreEnd(end: FoundEnd | undefined, network: NetworkRecord | undefined): void {
    const device = network === undefined ? undefined : this.#bridges.get(network.id)
    if (end === undefined || network === undefined || device === undefined) return
    if (end.master === device.index && end.up) return
    attachAgain(this.#links.socket, end, device.index, portSettings(this.#host, bridgeSettings(network)))
  }

  /** The table in one transaction, old for new: no packet meets a moment without rules. */
  #restoreRules(networks: readonly NetworkRecord[], joined: readonly EndpointRecord[]): void {
    const ports = this.#ports.restore(joined)
    if (networks.length === 0) {
      this.#removeTable()
      return
    }
    const rules = filledTableCommands(networks.map((network) => ({ network, settings: bridgeSettings(network) })))
    this.#rules.run([...tableAwayCommands(), ...rules, ...ports])
  }

  async obstacles(network: NetworkRecord): Promise<readonly Obstacle[]> {
    const settings = bridgeSettings(network)
    const host = { namespace: this.#host, socket: this.#links.socket, nftables: this.#rules }
    return findObstacles(host, { network, settings })
  }

  async close(): Promise<void> {
    this.#remover?.flush()
    this.#ports.release()
    this.#socket?.close()
    this.#nftables?.close()
  }

  get #links() {
    this.#socket ??= NetlinkSocket.open(NetlinkProtocol.route, this.#host)
    if (this.#remover === undefined) {
      this.#remover = new LinkRemover(this.#socket, { removed: () => this.#forgetDeparted(), failed: this.#notice })
      this.#remover.settle()
    }
    return { namespace: this.#host, socket: this.#socket, remover: this.#remover }
  }

  get #rules(): Nftables {
    if (this.#nftables === undefined) {
      this.#nftables = Nftables.open(this.#host)
      const tables = this.#nftables.list({ tables: { family: 'inet' } })
      // A table is made in one transaction, so one that exists is whole.
      const present = tables.some((object) => 'table' in object && object.table.name === TABLE)
      if (!present) this.#nftables.run(tableCommands())
    }
    return this.#nftables
  }

  #removeTable(): void {
    try {
      this.#nftables ??= Nftables.open(this.#host)
    } catch (error) {
      // Whoever has no bridge networks need not install libnftables.
      if (error instanceof NftablesMissingError) return
      throw error
    }
    this.#nftables.run(tableAwayCommands())
    this.#nftables.close()
    this.#nftables = undefined
  }

  #retire(network: NetworkRecord, endpoint: EndpointRecord, sandboxId: string | undefined): void {
    const end = this.#hostEndOf(endpoint)
    if (end === undefined) {
      const unmarked = this.#unmarkedEndOf(network, endpoint)
      // Were we killed before a later deletion, nobody would know whose it is.
      if (unmarked !== undefined) deleteLink(this.#links.socket, { index: unmarked.index })
      return
    }
    this.#hostEnds.delete(endpoint.id)
    for (const address of endpoint.addresses) this.#departed.add(canonicalAddress(bare(address)))
    const holders = sandboxId === undefined ? [endpoint.id] : [endpoint.id, sandboxId]
    this.#links.remover.retire({ index: end.index }, ...holders)
  }

  #hostEndOf(endpoint: EndpointRecord): HostEnd | undefined {
    const known = this.#hostEnds.get(endpoint.id)
    if (known !== undefined || this.#complete) return known
    const { socket, remover } = this.#links
    const { marked, unmarked } = listHostEnds(socket)
    // One that is retired keeps its mark until it is deleted.
    for (const [id, end] of marked) {
      if (!this.#hostEnds.has(id) && !remover.holds(id)) this.#hostEnds.set(id, end)
    }
    for (const [name, end] of unmarked) this.#unmarked.set(name, end)
    this.#complete = true
    return this.#hostEnds.get(endpoint.id)
  }

  /** The host end that an endpoint got just before the last process was killed, and that is not marked as ours yet. */
  #unmarkedEndOf(network: NetworkRecord, endpoint: EndpointRecord): HostEnd | undefined {
    if (this.#unmarked.size === 0) return undefined
    for (const name of hostNames(endpoint.id)) {
      const end = this.#unmarked.get(name)
      if (end === undefined) continue
      const bridge = findBridge(this.#links.socket, network, bridgeSettings(network))
      if (bridge === undefined || end.master !== bridge.index) continue
      this.#unmarked.delete(name)
      return end
    }
    return undefined
  }

  #forgetDeparted(): void {
    forgetFlowsOf(this.#host, this.#departed)
    this.#departed.clear()
  }

  #bridgeOf(network: NetworkRecord, settings: BridgeSettings): BridgeDevice {
    const device = this.#bridges.get(network.id) ?? findBridge(this.#links.socket, network, settings)
    if (device === undefined) {
      throw new EngineError('bridge-unknown', `the bridge ${settings.bridgeName} of network ${network.name} is gone`, {
        network: network.id,
      })
    }
    this.#bridges.set(network.id, device)
    return device
  }
}

function idsOf(records: readonly { readonly id: string }[]): Set<string> {
  return new Set(records.map((record) => record.id))
}

/** The way out of a network, as its sandboxes are told. */
function gatewayFor(network: NetworkRecord, settings: BridgeSettings, family: 4 | 6): string | null {
  if (network.internal || settings.gatewayModes[family] === 'isolated') return null
  const pool = poolOf(network, family)
  const other = pool?.auxiliary[`DefaultGatewayIPv${family}`]
  const gateway = other ?? pool?.gateway
  return gateway == null ? null : bare(gateway)
}
