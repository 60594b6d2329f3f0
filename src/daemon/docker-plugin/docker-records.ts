/** What dockerd asks for, as records of the Container Network Model. */
import {
  type EndpointRecord,
  EngineError,
  type NetworkRecord,
  type PoolLease,
  type PortMapping,
  type PortProtocol,
} from '../../engine/index.ts'
import {
  type CreateEndpointRequest,
  type CreateNetworkRequest,
  type PoolData,
  portBindings,
  whatIsWrong,
} from './messages.ts'

/** Names of the options in which dockerd puts what is not in the messages themselves. */
const Option = {
  generic: 'com.docker.network.generic',
  internal: 'com.docker.network.internal',
  enableIPv4: 'com.docker.network.enable_ipv4',
  enableIPv6: 'com.docker.network.enable_ipv6',
  portMap: 'com.docker.network.portmap',
  macAddress: 'com.docker.network.endpoint.macaddress',
} as const

/** Protocol numbers (IANA). */
const PROTOCOLS: Readonly<Record<number, PortProtocol>> = { 6: 'tcp', 17: 'udp', 132: 'sctp' }

/** The network of a request. @throws EngineError option-invalid */
export function networkRecordOf(request: CreateNetworkRequest): NetworkRecord {
  const { NetworkID, Options, IPv4Data, IPv6Data } = request
  return {
    id: NetworkID,
    name: `docker-${NetworkID.slice(0, 12)}`,
    driver: 'bridge',
    scope: 'local',
    internal: Options[Option.internal] === true,
    attachable: false,
    ipv4: Options[Option.enableIPv4] !== false,
    ipv6: Options[Option.enableIPv6] === true || IPv6Data.length > 0,
    configOnly: false,
    configFrom: null,
    options: userOptions(Options[Option.generic]),
    labels: {},
    ipamDriver: 'docker',
    ipamOptions: {},
    pools: [...IPv4Data.map((pool) => poolLease(pool, 4)), ...IPv6Data.map((pool) => poolLease(pool, 6))],
    created: new Date().toISOString(),
  }
}

/** What was given with `docker network create -o`. */
function userOptions(generic: unknown): Record<string, string> {
  if (generic === undefined || generic === null) return {}
  const entries = typeof generic === 'object' ? Object.entries(generic) : []
  if (typeof generic === 'object' && entries.every(([, value]) => typeof value === 'string')) {
    return Object.fromEntries(entries)
  }
  throw new EngineError('option-invalid', `the options in ${Option.generic} are not texts`)
}

function poolLease(data: PoolData, family: 4 | 6): PoolLease {
  return {
    family,
    poolId: `${data.AddressSpace}/${data.Pool}`,
    pool: data.Pool,
    subPool: null,
    gateway: data.Gateway === '' ? null : data.Gateway,
    auxiliary: data.AuxAddresses,
    data: {},
  }
}

/** The endpoint of a request. @throws EngineError option-invalid */
export function endpointRecordOf(request: CreateEndpointRequest): EndpointRecord {
  const { NetworkID, EndpointID, Interface, Options } = request
  const macAddress = Interface.MacAddress === '' ? macAddressOf(Options) : Interface.MacAddress.toLowerCase()
  return {
    id: EndpointID,
    name: `docker-${EndpointID.slice(0, 12)}`,
    networkId: NetworkID,
    macAddress,
    addresses: [Interface.Address, Interface.AddressIPv6].filter((address) => address !== ''),
    linkLocalAddresses: [],
    aliases: [],
    anonymous: true,
    options: {},
    labels: {},
    portMappings: portMappingsOf(Options) ?? [],
    exposedPorts: [],
    sandboxId: null,
    priority: 0,
    join: null,
    ports: [],
    created: new Date().toISOString(),
  }
}

/** The MAC address among the options: Go writes the six bytes in base64. */
function macAddressOf(options: CreateEndpointRequest['Options']): string | null {
  const value = options[Option.macAddress]
  if (typeof value !== 'string' || value === '') return null
  const bytes = Buffer.from(value, 'base64')
  if (bytes.length === 6) return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':')
  throw new EngineError('mac-invalid', `the option ${Option.macAddress} is no MAC address`)
}

/** The ports to publish that options name; undefined when they name none. @throws EngineError port-invalid */
export function portMappingsOf(options: Readonly<Record<string, unknown>>): PortMapping[] | undefined {
  const value = options[Option.portMap]
  if (value === undefined || value === null) return undefined
  const parsed = portBindings.safeParse(value)
  if (!parsed.success) {
    throw new EngineError('port-invalid', `the option ${Option.portMap}: ${whatIsWrong(parsed.error)}`)
  }
  return parsed.data.map(({ Proto, Port, HostIP, HostPort, HostPortEnd }) => {
    const protocol = PROTOCOLS[Proto]
    if (protocol === undefined) throw new EngineError('port-invalid', `protocol ${Proto} has no ports to publish`)
    return {
      protocol,
      containerPort: Port,
      hostPort: HostPort,
      ...(HostIP === '' ? {} : { hostAddress: HostIP }),
      ...(HostPortEnd > HostPort ? { hostPortEnd: HostPortEnd } : {}),
    }
  })
}
