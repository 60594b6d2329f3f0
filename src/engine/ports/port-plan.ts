/** From what was asked for to what is to be published: addresses filled in, families matched, mistakes refused. */
import { formatIPv6, parseIp } from '../../kernel/index.ts'
import { EngineError, type EngineErrorDetails } from '../errors.ts'
import type { PortMapping, PortProtocol } from '../model.ts'

/** How a family of an endpoint is reached from outside. `closed`: not at all (internal networks). */
export type Reach = 'translated' | 'direct' | 'closed'

/** An endpoint as far as its ports are concerned. */
export interface PublishingEndpoint {
  /** For messages. */
  readonly name: string
  /** Its addresses without prefix length. */
  readonly addresses: { readonly 4?: string | undefined; readonly 6?: string | undefined }
  readonly reach: { readonly 4: Reach; readonly 6: Reach }
  /** Address that ports are published on when the mapping names none; `0.0.0.0` stands for all of both families. */
  readonly hostBinding: string
}

/** One address of the host that leads to one of the container. */
export interface PortTarget {
  readonly hostAddress: string
  readonly containerAddress: string
}

/** A mapping, ready to be held and programmed. */
export interface PortPlan {
  readonly protocol: PortProtocol
  readonly containerPort: number
  /** All get the same port of the host. */
  readonly targets: readonly PortTarget[]
  /** Ports of the host to choose from in ascending order; null: any free one. */
  readonly choice: { readonly first: number; readonly last: number } | null
  /** Addresses of the container at which the port is open without translation. */
  readonly direct: readonly string[]
}

const PORT_MOST = 65535

/**
 * Plans the mappings of an endpoint; the same mapping twice counts once.
 * @throws EngineError port-invalid
 */
export function planPorts(
  mappings: readonly PortMapping[],
  endpoint: PublishingEndpoint,
  details: EngineErrorDetails = {},
): PortPlan[] {
  const plans = new Map<string, PortPlan>()
  for (const mapping of mappings) {
    const fault = faultOf(mapping) ?? addressFault(mapping, endpoint)
    if (fault !== undefined) {
      const port = `port ${mapping.containerPort}/${mapping.protocol} of endpoint ${endpoint.name}`
      throw new EngineError('port-invalid', `cannot publish ${port}: ${fault}`, details)
    }
    const plan = planOf(mapping, endpoint)
    if (plan.targets.length + plan.direct.length > 0) plans.set(JSON.stringify(plan), plan)
  }
  return [...plans.values()]
}

function isPort(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= PORT_MOST
}

/** What is wrong with a mapping's numbers. */
function faultOf({ protocol, containerPort, hostPort = 0, hostPortEnd = 0 }: PortMapping): string | undefined {
  if (!['tcp', 'udp', 'sctp'].includes(protocol)) return 'the protocol may be tcp, udp or sctp'
  if (!isPort(containerPort)) return `a container's port is 1 to ${PORT_MOST}`
  if (hostPort !== 0 && !isPort(hostPort))
    return `${hostPort} is no port of the host: it may be 1 to ${PORT_MOST}, or 0`
  if (hostPortEnd === 0) return undefined
  if (!isPort(hostPortEnd) || hostPort === 0 || hostPortEnd < hostPort) {
    return `${hostPort} to ${hostPortEnd} is no range of ports`
  }
  return undefined
}

/** What is wrong with a mapping's address, for this endpoint. */
function addressFault({ hostAddress }: PortMapping, endpoint: PublishingEndpoint): string | undefined {
  if (hostAddress === undefined || hostAddress === '') return undefined
  const family = familyOf(hostAddress)
  if (family === undefined) return `${JSON.stringify(hostAddress.slice(0, 60))} is no IP address`
  if (family === 6 && /^fe[89ab]/i.test(hostAddress)) return 'link-local addresses are not published on'
  if (family === 6 && formatIPv6(parseIp(hostAddress), 0) === '::1') {
    return 'Linux does not lead from the loopback of IPv6 to a container (it has route_localnet for IPv4 only); use 127.0.0.1'
  }
  if (endpoint.addresses[family] !== undefined) return undefined
  const other = family === 4 ? 6 : 4
  return `the endpoint has no IPv${family} address that ${hostAddress} could lead to, and IPv${family} is not translated to IPv${other}`
}

function familyOf(address: string): 4 | 6 | undefined {
  try {
    return parseIp(address).length === 4 ? 4 : 6
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function planOf(mapping: PortMapping, endpoint: PublishingEndpoint): PortPlan {
  const { protocol, containerPort, hostPort = 0, hostPortEnd = 0 } = mapping
  const targets: PortTarget[] = []
  const direct: string[] = []
  for (const { family, address } of hostAddresses(mapping, endpoint)) {
    const containerAddress = endpoint.addresses[family]
    if (containerAddress === undefined) continue
    if (endpoint.reach[family] === 'translated') targets.push({ hostAddress: address, containerAddress })
    if (endpoint.reach[family] === 'direct') direct.push(containerAddress)
  }
  const choice = hostPort === 0 ? null : { first: hostPort, last: hostPortEnd === 0 ? hostPort : hostPortEnd }
  return { protocol, containerPort, targets, choice, direct }
}

/** Addresses of the host that a mapping speaks of. */
function hostAddresses(mapping: PortMapping, endpoint: PublishingEndpoint): { family: 4 | 6; address: string }[] {
  const wanted = mapping.hostAddress === undefined || mapping.hostAddress === '' ? undefined : mapping.hostAddress
  const v4 = (address: string) => ({ family: 4, address }) as const
  const v6 = (address: string) => ({ family: 6, address: formatIPv6(parseIp(address), 0) }) as const
  if (wanted !== undefined) return [familyOf(wanted) === 4 ? v4(wanted) : v6(wanted)]
  return endpoint.hostBinding === '0.0.0.0' ? [v4('0.0.0.0'), v6('::')] : [v4(endpoint.hostBinding)]
}
