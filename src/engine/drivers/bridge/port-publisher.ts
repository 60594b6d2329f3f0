/** Opens the ports of endpoints and closes them: held on the host, led by rules, with old flows cut off. */
import type { NamespaceHandle, NftCommand } from '../../../kernel/index.ts'
import { isEngineError } from '../../errors.ts'
import type { EndpointRecord, NetworkRecord, PortBinding } from '../../model.ts'
import { forgetFlowsToPorts, PortHolder, type PortPlan, planPorts, type Reach } from '../../ports/index.ts'
import type { BridgeSettings } from './bridge-options.ts'
import { bare, canonicalAddress, familyOfText } from './pools.ts'
import { type LedPort, portCommands } from './port-rules.ts'

/** Carries out commands on the rule set, all or none. */
type RunRules = (commands: readonly NftCommand[]) => void

/** The ports of all endpoints of the bridge driver. */
export class PortPublisher {
  readonly #host: NamespaceHandle
  readonly #run: RunRules
  readonly #holder: PortHolder
  readonly #notice: (sentence: string) => void
  readonly #open = new Map<string, readonly LedPort[]>()

  constructor(host: NamespaceHandle, run: RunRules, notice: (sentence: string) => void) {
    this.#host = host
    this.#run = run
    this.#notice = notice
    this.#holder = new PortHolder(host)
  }

  /**
   * Publishes what the endpoint's mappings ask for; what is published already stays as it is.
   * @throws EngineError port-invalid, port-taken, ports-exhausted; nothing is published then
   */
  open(network: NetworkRecord, endpoint: EndpointRecord, settings: BridgeSettings): readonly PortBinding[] {
    const present = this.#open.get(endpoint.id)
    if (present !== undefined) return present.map((port) => port.binding)
    const plans = planPorts(endpoint.portMappings, publishing(network, endpoint, settings), { endpoint: endpoint.id })
    if (plans.length === 0) return []
    try {
      const ports = plans.flatMap((plan) => ledPorts(plan, this.#holder.hold(plan, endpoint)))
      this.#run(portCommands('add', ports))
      this.#open.set(endpoint.id, ports)
      const bindings = ports.map((port) => port.binding)
      forgetFlowsToPorts(this.#host, bindings)
      return bindings
    } catch (error) {
      this.#holder.release(endpoint.id)
      throw error
    }
  }

  /** Withdraws the ports of an endpoint. */
  close(endpointId: string): void {
    const ports = this.#open.get(endpointId)
    if (ports === undefined) return
    this.#run(portCommands('delete', ports))
    this.#open.delete(endpointId)
    this.#holder.release(endpointId)
    forgetFlowsToPorts(
      this.#host,
      ports.map((port) => port.binding),
    )
  }

  /**
   * Takes over the ports that were published according to the records. One that another program got hold of while nobody held
   * it stays published, and is told.
   * @returns commands that put them into a new table
   */
  restore(endpoints: readonly EndpointRecord[]): NftCommand[] {
    this.#open.clear()
    this.#holder.close()
    const all: LedPort[] = []
    for (const endpoint of endpoints) {
      const ports = recordedPorts(endpoint)
      if (ports.length === 0) continue
      this.#open.set(endpoint.id, ports)
      for (const port of ports) this.#holdAgain(endpoint, port)
      all.push(...ports)
    }
    return portCommands('add', all)
  }

  /** Lets go of the host's ports; the rules stay. */
  release(): void {
    this.#holder.close()
  }

  #holdAgain(endpoint: EndpointRecord, { binding, containerAddress }: LedPort): void {
    const { protocol, hostAddress, hostPort, containerPort } = binding
    if (hostAddress === containerAddress) return
    const choice = { first: hostPort, last: hostPort }
    const targets = [{ hostAddress, containerAddress }]
    try {
      this.#holder.takeOver({ protocol, containerPort, targets, choice, direct: [] }, hostPort, endpoint)
    } catch (error) {
      if (!isEngineError(error)) throw error
      this.#notice(`${error.message}: packets to it are led to the endpoint as before, that program gets none`)
    }
  }
}

function publishing(network: NetworkRecord, endpoint: EndpointRecord, settings: BridgeSettings) {
  const reach = (family: 4 | 6): Reach => {
    const mode = settings.gatewayModes[family]
    if (network.internal || mode === 'isolated') return 'closed'
    return mode === 'routed' ? 'direct' : 'translated'
  }
  return {
    name: endpoint.name,
    addresses: { 4: addressOf(endpoint, 4), 6: addressOf(endpoint, 6) },
    reach: { 4: reach(4), 6: reach(6) },
    hostBinding: settings.hostBinding,
  }
}

function addressOf(endpoint: EndpointRecord, family: 4 | 6): string | undefined {
  const found = endpoint.addresses.find((address) => familyOfText(address) === family)
  return found === undefined ? undefined : canonicalAddress(bare(found))
}

function ledPorts({ protocol, containerPort, targets, direct }: PortPlan, hostPort: number): LedPort[] {
  return [
    ...targets.map(({ hostAddress, containerAddress }) => ({
      binding: { protocol, containerPort, hostAddress, hostPort },
      containerAddress,
    })),
    ...direct.map((containerAddress) => ({
      binding: { protocol, containerPort, hostAddress: containerAddress, hostPort: containerPort },
      containerAddress,
    })),
  ]
}

/** The ports of a record, without those whose family the endpoint no longer has. */
function recordedPorts(endpoint: EndpointRecord): LedPort[] {
  return endpoint.ports.flatMap((binding) => {
    const containerAddress = addressOf(endpoint, familyOfText(binding.hostAddress))
    return containerAddress === undefined ? [] : [{ binding, containerAddress }]
  })
}
