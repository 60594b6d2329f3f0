/** Ports of the host that are held for endpoints. */
import { type HeldPort, hasCode, holdPort, type NamespaceHandle } from '../../kernel/index.ts'
import { EngineError } from '../errors.ts'
import type { PortProtocol } from '../model.ts'
import { describePortOwner } from './port-owner.ts'
import type { PortPlan } from './port-plan.ts'
import { automaticPorts, portsFrom } from './port-range.ts'

/** A port of one address, and whose it is. */
interface Holding {
  readonly protocol: PortProtocol
  readonly address: string
  readonly port: number
  readonly endpointId: string
  readonly endpointName: string
  /** Undefined where the kernel lacks the protocol, so that no program can take the port. */
  readonly held: HeldPort | undefined
}

/** An endpoint that ports are held for. */
export interface PortClaimant {
  readonly id: string
  readonly name: string
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

  #bindAll({ protocol, targets }: PortPlan, port: number, { id, name }: PortClaimant): void {
    const made: Holding[] = []
    try {
      for (const { hostAddress: address } of targets) {
        const held = this.#bind({ protocol, address, port })
        made.push({ protocol, address, port, endpointId: id, endpointName: name, held })
      }
    } catch (error) {
      for (const { held } of made) held?.release()
      throw error
    }
    this.#holdings.push(...made)
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
