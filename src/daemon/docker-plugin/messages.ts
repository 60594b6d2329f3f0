/**
 * Requests of Docker's network and IPAM plugin protocols. dockerd is written in Go: a field that is absent or null stands for
 * the zero value of its type, and fields that we do not know are left alone.
 */
import { z } from 'zod'

const text = z
  .string()
  .max(4096)
  .nullish()
  .transform((value) => value ?? '')
const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false)
/** An id ends up in keys of the store and names of interfaces. */
const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/, 'is not an id')
const texts = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {})
const options = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform((value) => value ?? {})

const pool = z.object({ AddressSpace: text, Pool: text, Gateway: text, AuxAddresses: texts })
const pools = z
  .array(pool)
  .max(64)
  .nullish()
  .transform((value) => value ?? [])
/** Names of links are made of an endpoint's id. */
const endpointId = z.string().regex(/^[0-9a-f]{32,128}$/, 'is not the id of an endpoint')
const endpoint = { NetworkID: id, EndpointID: endpointId }

/** NetworkDriver.CreateNetwork */
export const createNetworkRequest = z.object({ NetworkID: id, Options: options, IPv4Data: pools, IPv6Data: pools })
/** NetworkDriver.DeleteNetwork */
export const networkRequest = z.object({ NetworkID: id })
/** NetworkDriver.DeleteEndpoint, Leave, EndpointOperInfo, RevokeExternalConnectivity */
export const endpointRequest = z.object(endpoint)
/** NetworkDriver.CreateEndpoint */
export const createEndpointRequest = z.object({
  ...endpoint,
  Options: options,
  Interface: z
    .object({ Address: text, AddressIPv6: text, MacAddress: text })
    .nullish()
    .transform((value) => value ?? { Address: '', AddressIPv6: '', MacAddress: '' }),
})
/** NetworkDriver.Join */
export const joinRequest = z.object({ ...endpoint, SandboxKey: text, Options: options })
/** NetworkDriver.ProgramExternalConnectivity */
export const programRequest = z.object({ ...endpoint, Options: options })
/** IpamDriver.RequestPool */
export const poolRequest = z.object({ AddressSpace: text, Pool: text, SubPool: text, Options: texts, V6: flag })
/** IpamDriver.ReleasePool */
export const releasePoolRequest = z.object({ PoolID: text })
/** IpamDriver.RequestAddress */
export const addressRequest = z.object({ PoolID: text, Address: text, Options: texts })
/** IpamDriver.ReleaseAddress */
export const releaseAddressRequest = z.object({ PoolID: text, Address: text })

const hostPort = z
  .number()
  .int()
  .min(0)
  .max(65_535)
  .nullish()
  .transform((value) => value ?? 0)
/** A port mapping among the options of an endpoint; `Proto` is the number in the IP header. */
const portBinding = z.object({
  Proto: z.number().int(),
  Port: z.number().int().min(1).max(65_535),
  HostIP: text,
  HostPort: hostPort,
  HostPortEnd: hostPort,
})
/** The option `com.docker.network.portmap`. */
export const portBindings = z.array(portBinding).max(65_536)

/** A network that dockerd wants. */
export type CreateNetworkRequest = z.output<typeof createNetworkRequest>
/** An endpoint that dockerd wants. */
export type CreateEndpointRequest = z.output<typeof createEndpointRequest>
/** A pool that dockerd wants. */
export type RequestedPool = z.output<typeof poolRequest>
/** A pool as a network is given it. */
export type PoolData = z.output<typeof pool>

/** The first thing that is wrong with a message: where, and what. */
export function whatIsWrong(error: z.ZodError): string {
  const [issue] = error.issues
  if (issue === undefined) return 'it is not what the protocol has there'
  const place = issue.path.join('.')
  return place === '' ? issue.message : `${place}: ${issue.message}`
}
