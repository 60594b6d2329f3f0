/** What a network plugin is sent, in the shapes and under the names of Docker's remote driver protocol. */
import { parseMac } from '../../../kernel/index.ts'
import type { EndpointRecord, Labels, NetworkRecord, PoolLease, PortProtocol } from '../../model.ts'

const Option = {
  generic: 'com.docker.network.generic',
  ipv4: 'com.docker.network.enable_ipv4',
  ipv6: 'com.docker.network.enable_ipv6',
  internal: 'com.docker.network.internal',
  portMap: 'com.docker.network.portmap',
  exposedPorts: 'com.docker.network.endpoint.exposedports',
  macAddress: 'com.docker.network.endpoint.macaddress',
} as const

/** Protocol numbers (RFC 790, RFC 9260). */
const PROTOCOLS: Readonly<Record<PortProtocol, number>> = { tcp: 6, udp: 17, sctp: 132 }

/** Request of NetworkDriver.CreateNetwork. */
export function createNetworkRequest(network: NetworkRecord): object {
  return {
    NetworkID: network.id,
    Options: {
      [Option.generic]: network.options,
      [Option.ipv4]: network.ipv4,
      [Option.ipv6]: network.ipv6,
      ...(network.internal ? { [Option.internal]: true } : {}),
    },
    IPv4Data: poolData(network, 4),
    IPv6Data: poolData(network, 6),
  }
}

function poolData(network: NetworkRecord, family: 4 | 6): object[] {
  return network.pools.filter((lease) => lease.family === family).map((lease) => poolDatum(network, lease))
}

function poolDatum(network: NetworkRecord, lease: PoolLease): object {
  return {
    AddressSpace: network.scope === 'global' ? 'GlobalDefault' : 'LocalDefault',
    Pool: lease.pool,
    ...(lease.gateway === null ? {} : { Gateway: lease.gateway }),
    AuxAddresses: lease.auxiliary,
  }
}

/** Request of the calls that only name an endpoint. */
export function endpointRequest(endpoint: EndpointRecord): { NetworkID: string; EndpointID: string } {
  return { NetworkID: endpoint.networkId, EndpointID: endpoint.id }
}

/** Request of NetworkDriver.CreateEndpoint. */
export function createEndpointRequest(endpoint: EndpointRecord): object {
  return {
    ...endpointRequest(endpoint),
    Interface: { ...addressesOf(endpoint), MacAddress: endpoint.macAddress ?? '' },
    Options: endpointOptions(endpoint),
  }
}

/** Addresses under their names in the protocol; empty where there is none. */
export function addressesOf(endpoint: EndpointRecord): { readonly Address: string; readonly AddressIPv6: string } {
  return {
    Address: endpoint.addresses.find((address) => !address.includes(':')) ?? '',
    AddressIPv6: endpoint.addresses.find((address) => address.includes(':')) ?? '',
  }
}

/** Request of NetworkDriver.Join. */
export function joinRequest(endpoint: EndpointRecord, sandboxKey: string, options: Labels): object {
  return {
    ...endpointRequest(endpoint),
    SandboxKey: sandboxKey,
    Options: { ...endpointOptions(endpoint), ...options },
  }
}

/** Request of NetworkDriver.ProgramExternalConnectivity. */
export function exposeRequest(endpoint: EndpointRecord): object {
  return { ...endpointRequest(endpoint), Options: endpointOptions(endpoint) }
}

function endpointOptions(endpoint: EndpointRecord): object {
  const { macAddress } = endpoint
  return {
    ...endpoint.options,
    [Option.portMap]: endpoint.portMappings.map((mapping) => ({
      Proto: PROTOCOLS[mapping.protocol],
      IP: '',
      Port: mapping.containerPort,
      HostIP: mapping.hostAddress ?? '',
      HostPort: mapping.hostPort ?? 0,
      HostPortEnd: mapping.hostPortEnd ?? mapping.hostPort ?? 0,
    })),
    [Option.exposedPorts]: endpoint.exposedPorts.map(({ protocol, port }) => ({
      Proto: PROTOCOLS[protocol],
      Port: port,
    })),
    // Go writes a slice of bytes, which a MAC address is there, in base 64.
    ...(macAddress === null ? {} : { [Option.macAddress]: Buffer.from(parseMac(macAddress)).toString('base64') }),
  }
}
