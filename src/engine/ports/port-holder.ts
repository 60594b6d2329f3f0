/** Ports of the host that are held for endpoints. */
import { type HeldPort, hasCode, holdPort, type NamespaceHandle } from '../../kernel/index.ts'
import { EngineError } from '../errors.ts'
import type { Labels, PortProtocol } from '../model.ts'
import { describePortOwner } from './port-owner.ts'
import type { PortPlan } from './port-plan.ts'
import { automaticPorts, portsFrom } from './port-range.ts'

/**
 * Option of an endpoint: with `false` its ports are only looked at, whether they are free. Container runtimes that publish ports
 * by CNI open sockets on them themselves, once the container has its network.
 */
const HOLD_OPTION = 'netwright.ports.hold'

/** A port of one address, and whose it is. */
interface Holding {
  readonly protocol: PortProtocol
  readonly address: string
  readonly port: number
  readonly endpointId: string
  readonly endpointName: string
  /** Undefined when the runtime has it, and where the kernel lacks the protocol, so that no program can take the port. */
  readonly held: HeldPort | undefined
}

/** An endpoint that ports are held for. */
export interface PortClaimant {
  readonly id: string
  readonly name: string
  /** Option `netwright.ports.hold`: `false` when another program keeps sockets on the ports. */
  readonly options: Labels
}

/** Whether sockets are to be kept on an endpoint's ports. */
function keepsSockets({ options }: PortClaimant): boolean {
  return options[HOLD_OPTION] !== 'false'
}

/** Holds ports by sockets in the host's namespace. */
export class PortHolder {
  readonly #host: NamespaceHandle
  readonly #holdings: Holding[] = []
  readonly #next = { tcp: 0, udp: 0, sctp: 0 }

  constructor(host: NamespaceHandle) {
    this.#host = host
  }

  /**
   * Holds a port for all addresses of a plan.
   * @returns the port; 0 when the plan has no address of the host
   * @throws EngineError port-taken, ports-exhausted, port-invalid when an address is not one of the host's
   */
  hold(plan: PortPlan, claimant: PortClaimant): number {
    if (plan.targets.length === 0) return 0
    if (plan.choice !== null && plan.choice.first === plan.choice.last) {
      this.#holdAll(plan, plan.choice.first, claimant)
      return plan.choice.first
    }
    for (const port of this.#candidates(plan)) {
      if (!this.#tryAll(plan, port, claimant)) continue
      if (plan.choice === null) this.#next[plan.protocol] = port + 1
      return port
    }
    const range = plan.choice === null ? 'for automatic use' : `from ${plan.choice.first} to ${plan.choice.last}`
    throw new EngineError('ports-exhausted', `no ${plan.protocol} port ${range} is free on this host`, {
      endpoint: claimant.id,
    })
  }

  /** Counts a port as an endpoint's that it was given before; held again, unless somebody else keeps a socket on it. */
  takeOver(plan: PortPlan, port: number, claimant: PortClaimant): void {
    if (keepsSockets(claimant)) this.#holdAll(plan, port, claimant)
    else this.#holdings.push(...plan.targets.map(({ hostAddress }) => holding(plan, hostAddress, port, claimant)))
  }

  /** Ports held for an endpoint. */
  heldFor(endpointId: string): readonly { readonly protocol: PortProtocol; readonly port: number }[] {
    return this.#holdings.filter((holding) => holding.endpointId === endpointId)
  }

  /** Lets go of all ports of an endpoint. */
  release(endpointId: string): void {
    for (let i = this.#holdings.length - 1; i >= 0; i--) {
      if (this.#holdings[i]!.endpointId === endpointId) this.#holdings.splice(i, 1)[0]!.held?.release()
    }
  }

  /** Lets go of everything. */
  close(): void {
    for (const { held } of this.#holdings.splice(0)) held?.release()
  }

  #candidates({ choice, protocol }: PortPlan): Iterable<number> {
    if (choice === null) return portsFrom(automaticPorts(this.#host), this.#next[protocol])
    return portsFrom({ ...choice, reserved: [] }, choice.first)
  }

  #tryAll(plan: PortPlan, port: number, claimant: PortClaimant): boolean {
    if (plan.targets.some(({ hostAddress }) => this.#conflict(plan.protocol, hostAddress, port) !== undefined))
      return false
    try {
      this.#bindAll(plan, port, claimant)
      return true
    } catch (error) {
      // EACCES: a security module keeps single ports back.
      if (hasCode(error, 'EADDRINUSE', 'EACCES')) return false
      throw this.#explained(error, plan, port, claimant)
    }
  }

  #holdAll(plan: PortPlan, port: number, claimant: PortClaimant): void {
    for (const { hostAddress } of plan.targets) {
      const conflict = this.#conflict(plan.protocol, hostAddress, port)
      if (conflict !== undefined) throw taken(plan, port, hostAddress, `endpoint ${conflict.endpointName}`, claimant)
    }
    try {
      this.#bindAll(plan, port, claimant)
    } catch (error) {
      throw this.#explained(error, plan, port, claimant)
    }
  }

  #bindAll(plan: PortPlan, port: number, claimant: PortClaimant): void {
    const made: Holding[] = []
    try {
      for (const { hostAddress: address } of plan.targets) {
        const held = this.#bind({ protocol: plan.protocol, address, port })
        made.push(holding(plan, address, port, claimant, held))
      }
    } catch (error) {
      for (const { held } of made) held?.release()
      throw error
    }
    if (keepsSockets(claimant)) {
      this.#holdings.push(...made)
      return
    }
    for (const { held } of made) held?.release()
    this.#holdings.push(...made.map((one) => ({ ...one, held: undefined })))
  }

  #bind(wanted: { protocol: PortProtocol; address: string; port: number }): HeldPort | undefined {
    try {
      return holdPort(this.#host, wanted)
    } catch (error) {
      if (wanted.protocol === 'sctp' && hasCode(error, 'EPROTONOSUPPORT', 'ESOCKTNOSUPPORT')) return undefined
      // A host without IPv6 has no [::] either; nothing can arrive there.
      if (wanted.address === '::' && hasCode(error, 'EAFNOSUPPORT')) return undefined
      throw error
    }
  }

  #conflict(protocol: PortProtocol, address: string, port: number): Holding | undefined {
    const any = address.includes(':') ? '::' : '0.0.0.0'
    return this.#holdings.find(
      (holding) =>
        holding.protocol === protocol &&
        holding.port === port &&
        (holding.address === address ||
          holding.address === any ||
          (address === any && holding.address.includes(':') === any.includes(':'))),
    )
  }

  #explained(error: unknown, plan: PortPlan, port: number, claimant: PortClaimant): unknown {
    const addresses = plan.targets.map((target) => target.hostAddress)
    if (hasCode(error, 'EADDRINUSE')) {
      for (const address of addresses) {
        const owner = describePortOwner(this.#host, { protocol: plan.protocol, address, port })
        if (owner !== undefined) return taken(plan, port, address, owner, claimant, error)
      }
      return taken(plan, port, addresses.join(' and '), 'a program that cannot be seen from here', claimant, error)
    }
    if (hasCode(error, 'EADDRNOTAVAIL')) {
      const text = `cannot publish on ${addresses.join(' and ')}: this host has no such address`
      return new EngineError('port-invalid', text, { endpoint: claimant.id, cause: error })
    }
    return error
  }
}

function holding(
  { protocol }: PortPlan,
  address: string,
  port: number,
  { id, name }: PortClaimant,
  held?: HeldPort,
): Holding {
  return { protocol, address, port, endpointId: id, endpointName: name, held }
}

function taken(
  { protocol }: PortPlan,
  port: number,
  address: string,
  owner: string,
  claimant: PortClaimant,
  cause?: unknown,
): EngineError {
  const where = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
  const text = `port ${where}/${protocol} is taken by ${owner}; choose another one for endpoint ${claimant.name}`
  return new EngineError('port-taken', text, { endpoint: claimant.id, cause })
}
