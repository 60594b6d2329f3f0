/** The methods of Docker's plugin protocols, by name. */
import type { z } from 'zod'
import type { DockerAddresses } from './docker-addresses.ts'
import type { DockerNetworks } from './docker-networks.ts'
import {
  addressRequest,
  createEndpointRequest,
  createNetworkRequest,
  endpointRequest,
  joinRequest,
  networkRequest,
  poolRequest,
  programRequest,
  releaseAddressRequest,
  releasePoolRequest,
} from './messages.ts'
import type { PluginMethod, PluginMethods } from './plugin-server.ts'

/** All methods, over what they are about. */
export function pluginMethods(networks: DockerNetworks, addresses: DockerAddresses): PluginMethods {
  return new Map([
    ['Plugin.Activate', plain('Err', async () => ({ Implements: ['NetworkDriver', 'IpamDriver'] }))],
    ...networkMethods(networks),
    ...ipamMethods(addresses),
  ])
}

function networkMethods(networks: DockerNetworks): [string, PluginMethod][] {
  const capabilities = { Scope: 'local', ConnectivityScope: 'local' }
  return [
    ['NetworkDriver.GetCapabilities', plain('Err', async () => capabilities)],
    // Other nodes of a swarm, which concern networks across hosts.
    ['NetworkDriver.DiscoverNew', plain('Err', async () => ({}))],
    ['NetworkDriver.DiscoverDelete', plain('Err', async () => ({}))],
    ['NetworkDriver.CreateNetwork', network(createNetworkRequest, (request) => networks.createNetwork(request))],
    ['NetworkDriver.DeleteNetwork', network(networkRequest, ({ NetworkID }) => networks.deleteNetwork(NetworkID))],
    [
      'NetworkDriver.CreateEndpoint',
      network(createEndpointRequest, async (request) => {
        const macAddress = await networks.createEndpoint(request)
        return macAddress === undefined ? {} : { Interface: { MacAddress: macAddress } }
      }),
    ],
    [
      'NetworkDriver.DeleteEndpoint',
      network(endpointRequest, (request) => networks.deleteEndpoint(request.NetworkID, request.EndpointID)),
    ],
    [
      'NetworkDriver.EndpointOperInfo',
      network(endpointRequest, async (request) => ({
        Value: await networks.inspect(request.NetworkID, request.EndpointID),
      })),
    ],
    [
      'NetworkDriver.Join',
      network(joinRequest, async (request) => {
        const join = await networks.join(request.NetworkID, request.EndpointID, request.SandboxKey)
        return {
          InterfaceName: { SrcName: join.source, DstPrefix: join.prefix },
          Gateway: join.gateway,
          GatewayIPv6: join.gatewayIPv6,
          DisableGatewayService: join.disableGatewayService,
        }
      }),
    ],
    [
      'NetworkDriver.Leave',
      network(endpointRequest, (request) => networks.leave(request.NetworkID, request.EndpointID)),
    ],
    [
      'NetworkDriver.ProgramExternalConnectivity',
      network(programRequest, (request) => networks.expose(request.NetworkID, request.EndpointID, request.Options)),
    ],
    [
      'NetworkDriver.RevokeExternalConnectivity',
      network(endpointRequest, (request) => networks.conceal(request.NetworkID, request.EndpointID)),
    ],
  ]
}

function ipamMethods(addresses: DockerAddresses): [string, PluginMethod][] {
  const capabilities = { RequiresMACAddress: false, RequiresRequestReplay: false }
  return [
    ['IpamDriver.GetCapabilities', plain('Error', async () => capabilities)],
    [
      'IpamDriver.GetDefaultAddressSpaces',
      plain('Error', async () => {
        const { local, global } = await addresses.addressSpaces()
        return { LocalDefaultAddressSpace: local, GlobalDefaultAddressSpace: global }
      }),
    ],
    [
      'IpamDriver.RequestPool',
      ipam(poolRequest, async (request) => {
        const { id, pool } = await addresses.requestPool(request)
        return { PoolID: id, Pool: pool, Data: {} }
      }),
    ],
    ['IpamDriver.ReleasePool', ipam(releasePoolRequest, ({ PoolID }) => addresses.releasePool(PoolID))],
    [
      'IpamDriver.RequestAddress',
      ipam(addressRequest, async ({ PoolID, Address, Options }) => {
        return { Address: await addresses.requestAddress(PoolID, Address, Options), Data: {} }
      }),
    ],
    [
      'IpamDriver.ReleaseAddress',
      ipam(releaseAddressRequest, ({ PoolID, Address }) => addresses.releaseAddress(PoolID, Address)),
    ],
  ]
}

function plain(errorField: PluginMethod['errorField'], handle: () => Promise<object>): PluginMethod {
  return { request: undefined, errorField, handle }
}

function network<T extends z.ZodType>(request: T, handle: (request: z.output<T>) => Promise<unknown>): PluginMethod {
  return { request, errorField: 'Err', handle: async (message: never) => answerOf(await handle(message)) }
}

function ipam<T extends z.ZodType>(request: T, handle: (request: z.output<T>) => Promise<unknown>): PluginMethod {
  return { request, errorField: 'Error', handle: async (message: never) => answerOf(await handle(message)) }
}

/** Methods that have nothing to say answer with an empty object. */
function answerOf(outcome: unknown): object {
  return typeof outcome === 'object' && outcome !== null ? outcome : {}
}
