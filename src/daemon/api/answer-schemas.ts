/** What is answered. These describe; the answers are made from the engine's records and not checked again. */
import { z } from '@hono/zod-openapi'
import { labels, port, protocol } from './common-schemas.ts'

const reference = z.object({ id: z.string(), name: z.string() })

const portBinding = z.object({ protocol, containerPort: port, hostAddress: z.string(), hostPort: port })

const portMapping = z.object({
  protocol,
  containerPort: port,
  hostAddress: z.string().optional(),
  hostPort: z.int().optional(),
  hostPortEnd: z.int().optional(),
})

/** An endpoint. */
export const endpoint = z
  .object({
    id: z.string(),
    name: z.string(),
    network: reference,
    sandbox: reference.nullable(),
    interfaceName: z.string().nullable(),
    macAddress: z.string().nullable(),
    addresses: z.array(z.string()),
    linkLocalAddresses: z.array(z.string()),
    gateway: z.string().nullable(),
    gatewayIPv6: z.string().nullable(),
    aliases: z.array(z.string()),
    anonymous: z.boolean(),
    options: labels,
    labels,
    portMappings: z.array(portMapping),
    exposedPorts: z.array(z.object({ protocol, port })),
    priority: z.int(),
    ports: z.array(portBinding),
    created: z.string(),
  })
  .openapi('Endpoint')

const poolLease = z.object({
  family: z.union([z.literal(4), z.literal(6)]),
  poolId: z.string(),
  pool: z.string(),
  subPool: z.string().nullable(),
  gateway: z.string().nullable(),
  auxiliary: labels,
  data: labels,
})

/** A network in a list. */
export const network = z
  .object({
    id: z.string(),
    name: z.string(),
    driver: z.string(),
    scope: z.enum(['local', 'global']),
    internal: z.boolean(),
    attachable: z.boolean(),
    ipv4: z.boolean(),
    ipv6: z.boolean(),
    configOnly: z.boolean(),
    configFrom: z.string().nullable(),
    options: labels,
    labels,
    ipamDriver: z.string(),
    ipamOptions: labels,
    pools: z.array(poolLease),
    created: z.string(),
    endpointCount: z.int(),
  })
  .openapi('Network')

/** A network with what is in it. */
export const networkDetails = network.extend({ endpoints: z.array(endpoint) }).openapi('NetworkDetails')

/** A sandbox. */
export const sandbox = z
  .object({
    id: z.string(),
    containerId: z.string(),
    hostname: z.string(),
    domainname: z.string(),
    origin: z.enum(['created', 'pid', 'path', 'host']),
    key: z.string().openapi({ description: 'Path of its namespace.' }),
    inode: z.string(),
    labels,
    dns: z.object({
      servers: z.array(z.string()).optional(),
      search: z.array(z.string()).optional(),
      options: z.array(z.string()).optional(),
    }),
    extraHosts: z.array(z.object({ name: z.string(), address: z.string() })),
    files: z.string().openapi({ description: 'Directory with its resolv.conf and hosts.' }),
    created: z.string(),
    endpoints: z.array(endpoint),
  })
  .openapi('Sandbox')

/** Lists are objects, so that something can be added to them. */
export const networks = z.object({ networks: z.array(network) })
/** Answer of `GET /v1/networks/{network}/endpoints`. */
export const endpoints = z.object({ endpoints: z.array(endpoint) })
/** Answer of `GET /v1/sandboxes`. */
export const sandboxes = z.object({ sandboxes: z.array(sandbox) })
/** Answer of `POST /v1/networks/prune`. */
export const pruned = z.object({ removed: z.array(reference) })

/** Answer of `GET /v1/sandboxes/{sandbox}/statistics`. */
export const statistics = z.object({
  interfaces: z.array(
    z.object({
      interfaceName: z.string(),
      rxBytes: z.number(),
      rxPackets: z.number(),
      rxErrors: z.number(),
      rxDropped: z.number(),
      txBytes: z.number(),
      txPackets: z.number(),
      txErrors: z.number(),
      txDropped: z.number(),
    }),
  ),
})

/** Answer of `GET /v1/health`. */
export const health = z
  .object({
    status: z.enum(['serving', 'stopping']),
    version: z.string(),
    pid: z.int(),
    started: z.string(),
    state: z.string(),
    run: z.string(),
    networks: z.int(),
    endpoints: z.int(),
    sandboxes: z.int(),
  })
  .openapi('Health')
