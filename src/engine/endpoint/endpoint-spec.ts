/** What an endpoint is asked to be. */
import { isIP } from 'node:net'
import { EngineError } from '../errors.ts'
import { checkId, newId, quote, shortId } from '../ids.ts'
import { checkLabels, checkName } from '../input.ts'
import type { EndpointRecord, Labels, NetworkRecord, PortMapping, PortProtocol } from '../model.ts'
import { readInterfaceSysctls } from './interface-sysctls.ts'

/** An endpoint that is wanted. */
export interface EndpointSpec {
  /** Unique in its network; may be left out when it is anonymous. */
  readonly name?: string
  /** 64 hexadecimal digits, made up when left out. */
  readonly id?: string
  readonly macAddress?: string
  /** Preferred addresses, without prefix length, at most one a family; free ones when left out. */
  readonly addresses?: readonly string[]
  readonly linkLocalAddresses?: readonly string[]
  /** Further names in its network. */
  readonly aliases?: readonly string[]
  /** Not to be found by name. */
  readonly anonymous?: boolean
  readonly options?: Labels
  readonly labels?: Labels
  readonly ipamOptions?: Labels
  readonly portMappings?: readonly PortMapping[]
  readonly exposedPorts?: readonly { readonly protocol: PortProtocol; readonly port: number }[]
  /** Of several endpoints of a sandbox the one with the highest becomes the gateway; 0 when left out. */
  readonly priority?: number
}

/** Turns a wish into a record without addresses. @throws EngineError name-blank, option-invalid, port-invalid … */
export function draftEndpoint(spec: EndpointSpec, network: NetworkRecord): EndpointRecord {
  const id = spec.id === undefined ? newId() : checkId(spec.id)
  const anonymous = spec.anonymous ?? false
  return {
    id,
    name: anonymous && spec.name === undefined ? shortId(id) : checkName('endpoint', spec.name ?? ''),
    networkId: network.id,
    macAddress: spec.macAddress === undefined ? null : checkMacAddress(spec.macAddress),
    addresses: (spec.addresses ?? []).map(checkAddress),
    linkLocalAddresses: (spec.linkLocalAddresses ?? []).map(linkLocal),
    aliases: (spec.aliases ?? []).map((alias) => checkName('alias', alias)),
    anonymous,
    options: checkOptions(spec.options ?? {}),
    labels: checkLabels('label', spec.labels ?? {}),
    portMappings: (spec.portMappings ?? []).map(checkMapping),
    exposedPorts: (spec.exposedPorts ?? []).map(checkExposed),
    sandboxId: null,
    priority: checkPriority(spec.priority ?? 0),
    join: null,
    ports: [],
    created: new Date().toISOString(),
  }
}

function checkOptions(given: Labels): Labels {
  const options = checkLabels('option', given)
  readInterfaceSysctls(options)
  return options
}

function checkAddress(text: string): string {
  const address = text.split('/', 1)[0] ?? ''
  if (isIP(address) === 0) throw new EngineError('address-invalid', `${quote(text)} is not an IP address`)
  return address
}

function checkMacAddress(text: string): string {
  const address = text.toLowerCase().replaceAll('-', ':')
  const unicast = /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/.test(address)
  if (!unicast || address === '00:00:00:00:00:00') {
    throw new EngineError(
      'mac-invalid',
      `${quote(text)} is not the MAC address of one interface, as 02:42:0a:3c:00:02 is`,
    )
  }
  return address
}

/** Link-local addresses get the prefix lengths of their kind: 169.254.0.0/16 (RFC 3927), fe80::/64 (RFC 4291). */
function linkLocal(text: string): string {
  const address = checkAddress(text)
  if (/^169\.254\./.test(address)) return `${address}/16`
  if (/^fe[89ab][0-9a-f]:/i.test(address)) return `${address}/64`
  throw new EngineError('address-invalid', `${quote(text)} is not a link-local address`)
}

const PROTOCOLS: readonly PortProtocol[] = ['tcp', 'udp', 'sctp']

function checkMapping(mapping: PortMapping): PortMapping {
  checkProtocol(mapping.protocol)
  checkPort(mapping.containerPort, 1)
  if (mapping.hostPort !== undefined) checkPort(mapping.hostPort, 0)
  if (mapping.hostPortEnd !== undefined) checkPort(mapping.hostPortEnd, Math.max(mapping.hostPort ?? 1, 1))
  if (mapping.hostAddress !== undefined && isIP(mapping.hostAddress) === 0) {
    throw new EngineError('port-invalid', `${quote(mapping.hostAddress)} is not an address of the host`)
  }
  return mapping
}

function checkExposed(exposed: { readonly protocol: PortProtocol; readonly port: number }): {
  readonly protocol: PortProtocol
  readonly port: number
} {
  checkProtocol(exposed.protocol)
  checkPort(exposed.port, 1)
  return exposed
}

function checkProtocol(protocol: PortProtocol): void {
  if (!PROTOCOLS.includes(protocol)) {
    throw new EngineError('port-invalid', `${quote(String(protocol))} is not a protocol with ports: tcp, udp or sctp`)
  }
}

function checkPort(port: number, least: number): void {
  if (Number.isInteger(port) && port >= least && port <= 65_535) return
  throw new EngineError('port-invalid', `${quote(String(port))} is not a port between ${least} and 65535`)
}

function checkPriority(priority: number): number {
  if (Number.isSafeInteger(priority)) return priority
  throw new EngineError('option-invalid', `${quote(String(priority))} is not a priority: a whole number is wanted`)
}
