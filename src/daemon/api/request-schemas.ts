/** What may be asked for. Unknown fields are refused: a misspelt one would be left out silently otherwise. */
import { z } from '@hono/zod-openapi'
import { labels, list, port, protocol, text } from './common-schemas.ts'

const pool = z.strictObject({
  pool: text.optional().openapi({ example: '10.60.0.0/24' }),
  subPool: text.optional().openapi({ description: 'Part of the pool that addresses are taken from.' }),
  gateway: text.optional(),
  auxiliary: labels.optional().openapi({ description: 'Addresses that are kept for others, by name.' }),
})

/** Body of `POST /v1/networks`. */
export const networkSpec = z
  .strictObject({
    name: text,
    id: text.optional(),
    driver: text.optional().openapi({ description: 'bridge when left out.' }),
    scope: z.enum(['local', 'global']).optional(),
    internal: z.boolean().optional(),
    attachable: z.boolean().optional(),
    ipv4: z.boolean().optional(),
    ipv6: z.boolean().optional(),
    configOnly: z.boolean().optional(),
    configFrom: text.optional(),
    options: labels.optional(),
    labels: labels.optional(),
    ipamDriver: text.optional(),
    ipamOptions: labels.optional(),
    ipam: list(pool).optional(),
  })
  .openapi('NetworkSpec')

const portMapping = z.strictObject({
  protocol,
  containerPort: port,
  hostAddress: text.optional(),
  hostPort: z.int().min(0).max(65_535).optional().openapi({ description: 'Any free one when 0 or left out.' }),
  hostPortEnd: port.optional().openapi({ description: 'Last port of a range to choose from.' }),
})

const endpointFields = {
  name: text.optional(),
  id: text.optional(),
  macAddress: text.optional(),
  addresses: list(text).optional(),
  linkLocalAddresses: list(text).optional(),
  aliases: list(text).optional(),
  anonymous: z.boolean().optional(),
  options: labels.optional(),
  labels: labels.optional(),
  ipamOptions: labels.optional(),
  portMappings: list(portMapping).optional(),
  exposedPorts: list(z.strictObject({ protocol, port })).optional(),
  priority: z.int().optional(),
}

/** Body of `POST /v1/networks/{network}/endpoints`. */
export const endpointSpec = z.strictObject(endpointFields).openapi('EndpointSpec')

/** Body of `POST /v1/networks/{network}/connect`. */
export const connectSpec = z.strictObject({ ...endpointFields, sandbox: text }).openapi('ConnectSpec')

/** Body of `POST …/endpoints/{endpoint}/join`. */
export const joinSpec = z
  .strictObject({
    sandbox: text,
    priority: z.int().optional(),
    aliases: list(text).optional(),
    options: labels.optional(),
  })
  .openapi('JoinSpec')

/** Body of `…/leave` and `…/disconnect`. */
export const sandboxReference = z.strictObject({ sandbox: text }).openapi('SandboxReference')

/** Body of `POST /v1/sandboxes`. */
export const sandboxSpec = z
  .strictObject({
    containerId: text.optional().openapi({ description: 'For a new namespace.' }),
    pid: z.int().min(1).optional().openapi({ description: 'Adopt the namespace of a process.' }),
    path: text.optional().openapi({ description: 'Adopt the namespace at a path.' }),
    host: z.boolean().optional().openapi({ description: 'The host’s own namespace.' }),
    id: text.optional(),
    hostname: text.optional(),
    domainname: text.optional(),
    labels: labels.optional(),
    dns: z
      .strictObject({ servers: list(text).optional(), search: list(text).optional(), options: list(text).optional() })
      .optional(),
    extraHosts: list(z.strictObject({ name: text, address: text })).optional(),
  })
  .superRefine(({ containerId, pid, path, host }, context) => {
    const origins = [pid !== undefined, path !== undefined, host === true].filter((given) => given).length
    if (origins > 1) context.addIssue({ code: 'custom', path: ['pid'], message: 'only one of pid, path and host' })
    if (origins === 0 && containerId === undefined) {
      context.addIssue({ code: 'custom', path: ['containerId'], message: 'needed, unless pid, path or host is given' })
    }
  })
  .openapi('SandboxSpec')
