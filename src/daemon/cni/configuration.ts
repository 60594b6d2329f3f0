/** The network configuration that a CNI call brings on its standard input. */
import type { PoolRequest, PortMapping, PortProtocol } from '../../engine/index.ts'
import { CniCode, CniError } from './cni-error.ts'
import { JsonFields } from './json-fields.ts'
import { type CniVersion, versionOf } from './version.ts'

/** A route that a container gets besides its default route. */
export interface CniRoute {
  readonly dst: string
  readonly gw?: string
}

/** DNS settings, which are passed through to the runtime. */
export interface CniDns {
  readonly nameservers?: readonly string[]
  readonly domain?: string
  readonly search?: readonly string[]
  readonly options?: readonly string[]
}

/** A container's interface in a network: what GC is told to keep. */
export interface CniAttachment {
  readonly containerId: string
  readonly interfaceName: string
}

/** A network configuration. */
export interface CniConfiguration {
  readonly cniVersion: CniVersion
  readonly name: string
  /** Name of the bridge; made up from the network's id when left out. */
  readonly bridge: string | undefined
  readonly mtu: number | undefined
  readonly masquerade: boolean
  /** Without a way to the outside. */
  readonly internal: boolean
  /** Pools; none when the network exists already and is only joined. */
  readonly pools: readonly PoolRequest[]
  readonly routes: readonly CniRoute[]
  readonly dns: CniDns
  /** From the capabilities of the runtime. */
  readonly portMappings: readonly PortMapping[]
  readonly addresses: readonly string[]
  readonly macAddress: string | undefined
  readonly prevResult: JsonFields | undefined
  readonly validAttachments: readonly CniAttachment[]
  /** Directories of the engine; those of the program when left out. */
  readonly state: string | undefined
  readonly run: string | undefined
}

/** What must be refused because ignoring it would give another network than the one asked for. */
const UNSUPPORTED = ['vlan', 'vlanTrunk', 'hairpinMode', 'macspoofchk', 'promiscMode'] as const
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/

/**
 * Reads a configuration.
 * @throws CniError 6 when it is no JSON; 1, 2, 7 for what it says
 */
export function readConfiguration(input: string): CniConfiguration {
  const fields = JsonFields.parse(input, 'the network configuration')
  const cniVersion = versionOf(fields.text('cniVersion'))
  const name = fields.text('name') ?? ''
  if (!NAME.test(name)) {
    const what =
      name === ''
        ? 'the network configuration has no name'
        : `${JSON.stringify(name.slice(0, 80))} cannot be a network's name`
    throw invalid(`${what}; letters, digits and _.- are allowed, a letter or digit first`)
  }
  refuseUnsupported(fields)
  const ipam = fields.object('ipam')
  const runtime = fields.object('runtimeConfig')
  return {
    cniVersion,
    name,
    bridge: fields.text('bridge'),
    mtu: fields.integer('mtu', 0, 65535),
    masquerade: fields.flag('ipMasq') ?? true,
    internal: fields.flag('internal') ?? false,
    pools: ipam === undefined ? [] : readPools(ipam),
    routes: ipam === undefined ? [] : readRoutes(ipam),
    dns: readDns(runtime?.object('dns') ?? fields.object('dns')),
    portMappings: readPortMappings(runtime),
    addresses: runtime?.texts('ips') ?? [],
    macAddress: runtime?.text('mac'),
    prevResult: fields.object('prevResult'),
    validAttachments: readAttachments(fields),
    state: fields.text('stateDirectory'),
    run: fields.text('runDirectory'),
  }
}

function refuseUnsupported(fields: JsonFields): void {
  for (const name of UNSUPPORTED) {
    const value = fields.value(name)
    if (value === undefined || value === false || value === 0) continue
    throw unsupported(name)
  }
  // The engine decides which of a container's networks is its way out.
  if (fields.flag('isDefaultGateway') === false) throw unsupported('isDefaultGateway: false')
  if (fields.flag('isGateway') === false) throw unsupported('isGateway: false')
}

function unsupported(what: string): CniError {
  return new CniError(CniCode.unsupportedField, `${what} is not supported by netwright; leave it out`)
}

function readPools(ipam: JsonFields): PoolRequest[] {
  const type = ipam.text('type')
  if (type !== undefined && type !== 'netwright') {
    throw new CniError(
      CniCode.unsupportedField,
      `netwright gives addresses itself: ipam.type ${JSON.stringify(type)} is not supported`,
    )
  }
  const several = ipam.objects('subnets')
  const pools = (several.length > 0 ? several : [ipam]).flatMap(readPool)
  if (pools.length === 0) throw invalid('ipam needs a subnet, or subnets')
  return pools
}

function readPool(fields: JsonFields): PoolRequest[] {
  const pool = fields.text('subnet')
  if (pool === undefined) return []
  const subPool = fields.text('range')
  const gateway = fields.text('gateway')
  return [{ pool, ...(subPool === undefined ? {} : { subPool }), ...(gateway === undefined ? {} : { gateway }) }]
}

function readRoutes(ipam: JsonFields): CniRoute[] {
  return ipam.objects('routes').map((route) => {
    const dst = route.text('dst')
    if (dst === undefined) throw invalid('a route of ipam.routes has no dst')
    const gw = route.text('gw')
    return gw === undefined ? { dst } : { dst, gw }
  })
}

function readDns(fields: JsonFields | undefined): CniDns {
  if (fields === undefined) return {}
  const domain = fields.text('domain')
  // The capability calls them servers and searches, the result nameservers and search.
  const nameservers = [...fields.texts('nameservers'), ...fields.texts('servers')]
  const search = [...fields.texts('search'), ...fields.texts('searches')]
  const options = fields.texts('options')
  return {
    ...(nameservers.length === 0 ? {} : { nameservers }),
    ...(domain === undefined ? {} : { domain }),
    ...(search.length === 0 ? {} : { search }),
    ...(options.length === 0 ? {} : { options }),
  }
}

function readPortMappings(runtime: JsonFields | undefined): PortMapping[] {
  return (runtime?.objects('portMappings') ?? []).flatMap((fields) => {
    const containerPort = fields.integer('containerPort', 1, 65535)
    const hostPort = fields.integer('hostPort', 0, 65535) ?? 0
    const protocol = (fields.text('protocol') ?? 'tcp').toLowerCase()
    if (containerPort === undefined) throw invalid('a port mapping has no containerPort')
    if (!isProtocol(protocol))
      throw invalid(`a port mapping has the protocol ${JSON.stringify(protocol)}: tcp, udp or sctp`)
    // Runtimes also list ports that are only exposed, with a host port of 0.
    if (hostPort === 0) return []
    const hostAddress = fields.text('hostIP') ?? ''
    return [{ protocol, containerPort, hostPort, ...(hostAddress === '' ? {} : { hostAddress }) }]
  })
}

function isProtocol(text: string): text is PortProtocol {
  return text === 'tcp' || text === 'udp' || text === 'sctp'
}

function readAttachments(fields: JsonFields): CniAttachment[] {
  return fields.objects('cni.dev/valid-attachments').map((attachment) => {
    const containerId = attachment.text('containerID')
    const interfaceName = attachment.text('ifname')
    if (containerId !== undefined && interfaceName !== undefined) return { containerId, interfaceName }
    throw invalid('an entry of cni.dev/valid-attachments lacks its containerID or ifname')
  })
}

function invalid(message: string): CniError {
  return new CniError(CniCode.invalidConfiguration, message)
}
