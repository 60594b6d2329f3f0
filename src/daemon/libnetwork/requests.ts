/** Bodies of requests to libnetwork's HTTP API. Unknown fields are ignored, and names count in any case, as Go reads JSON. */
import { z } from '@hono/zod-openapi'
import { EngineError, type NetworkSpec, type SandboxSpec } from '../../engine/index.ts'
import { labels, list, text } from '../api/common-schemas.ts'

/** A list that Go may write as null. */
const maybe = <T extends z.ZodType>(schema: T) => schema.nullish()

const ipamConfiguration = z.object({
  preferredpool: text.optional(),
  subpool: text.optional(),
  gateway: text.optional(),
  auxaddresses: maybe(labels),
})

const networkCreation = z.object({
  name: text.default(''),
  id: text.optional(),
  network_type: text.optional(),
  ipv4_configuration: maybe(list(ipamConfiguration)),
  driver_opts: maybe(labels),
  network_opts: maybe(labels),
})

const endpointCreation = z.object({ name: text.default(''), my_aliases: maybe(list(text)) })
const servicePublication = endpointCreation.extend({ network_name: text.default('') })
const serviceRemoval = z.object({ force: z.boolean().default(false) })
const endpointJoin = z.object({
  sandbox_id: text.default(''),
  aliases: maybe(list(text)),
  sandbox_key: text.default(''),
})
const sandboxCreation = z.object({
  container_id: text.default(''),
  host_name: text.default(''),
  domain_name: text.default(''),
  hosts_path: text.default(''),
  resolv_conf_path: text.default(''),
  dns: maybe(list(text)),
  extra_hosts: maybe(list(z.object({ name: text, address: text }))),
  use_default_sandbox: z.boolean().default(false),
  use_external_key: z.boolean().default(false),
  port_mapping: maybe(list(z.unknown())),
})

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map((word) => [word, true] as const),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map((word) => [word, false] as const),
])

/** A network as it is asked for. @throws EngineError option-invalid */
export function readNetworkCreation(body: unknown): NetworkSpec {
  const { name, id, network_type, ipv4_configuration, driver_opts, network_opts } = read(networkCreation, body)
  return {
    name,
    ...(id === undefined || id === '' ? {} : { id }),
    ...(network_type === undefined || network_type === '' ? {} : { driver: network_type }),
    ...booleanOption(network_opts, 'com.docker.network.internal', 'internal'),
    ...booleanOption(network_opts, 'com.docker.network.enable_ipv6', 'ipv6'),
    options: driver_opts ?? {},
    ipam: (ipv4_configuration ?? []).map((pool) => ({
      ...(pool.preferredpool ? { pool: pool.preferredpool } : {}),
      ...(pool.subpool ? { subPool: pool.subpool } : {}),
      ...(pool.gateway ? { gateway: pool.gateway } : {}),
      ...(pool.auxaddresses ? { auxiliary: pool.auxaddresses } : {}),
    })),
  }
}

/** An endpoint as it is asked for. @throws EngineError option-invalid */
export function readEndpointCreation(body: unknown): { readonly name: string; readonly aliases: readonly string[] } {
  const { name, my_aliases } = read(endpointCreation, body)
  return { name, aliases: my_aliases ?? [] }
}

/** A service as it is asked for. @throws EngineError option-invalid */
export function readServicePublication(body: unknown): ReturnType<typeof readEndpointCreation> & { network: string } {
  return { ...readEndpointCreation(body), network: read(servicePublication, body).network_name }
}

/** Whether a service is to go though it is in use. @throws EngineError option-invalid */
export function readServiceRemoval(body: unknown): boolean {
  return read(serviceRemoval, body).force
}

/** Id of the sandbox to join. @throws EngineError option-invalid; kernel-lacks for what this engine does not do */
export function readJoin(body: unknown): string {
  const { sandbox_id, aliases, sandbox_key } = read(endpointJoin, body)
  refuse('sandbox_key', sandbox_key !== '')
  refuse('aliases', (aliases ?? []).length > 0)
  return sandbox_id
}

/** A sandbox as it is asked for. @throws EngineError option-invalid; kernel-lacks for what this engine does not do */
export function readSandboxCreation(body: unknown): SandboxSpec {
  const wanted = read(sandboxCreation, body)
  refuse('hosts_path', wanted.hosts_path !== '')
  refuse('resolv_conf_path', wanted.resolv_conf_path !== '')
  refuse('use_external_key', wanted.use_external_key)
  refuse('port_mapping', (wanted.port_mapping ?? []).length > 0)
  const settings = {
    containerId: wanted.container_id,
    ...(wanted.host_name === '' ? {} : { hostname: wanted.host_name }),
    ...(wanted.domain_name === '' ? {} : { domainname: wanted.domain_name }),
    ...(wanted.dns ? { dns: { servers: wanted.dns } } : {}),
    ...(wanted.extra_hosts ? { extraHosts: wanted.extra_hosts } : {}),
  }
  return wanted.use_default_sandbox ? { ...settings, host: true } : settings
}

function read<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  const result = schema.safeParse(withLowerKeys(body))
  if (result.success) return result.data
  const [fault] = result.error.issues
  throw new EngineError('option-invalid', `Invalid body: ${fault?.path.join('.')}: ${fault?.message}`)
}

/** Names of fields in lower case, also within lists; options and labels keep theirs. */
function withLowerKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withLowerKeys)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const name = key.toLowerCase()
      return [name, MAPS.has(name) ? inner : withLowerKeys(inner)]
    }),
  )
}

const MAPS = new Set(['driver_opts', 'network_opts', 'auxaddresses'])

function booleanOption<K extends string>(
  options: Readonly<Record<string, string>> | null | undefined,
  name: string,
  key: K,
): Partial<Record<K, boolean>> {
  const word = options?.[name]
  if (word === undefined) return {}
  const value = BOOLEANS.get(word)
  if (value === undefined) throw new EngineError('option-invalid', `${name} is neither true nor false`)
  return { [key]: value } as Partial<Record<K, boolean>>
}

function refuse(field: string, given: boolean): void {
  if (given) throw new EngineError('kernel-lacks', `${field} is not supported here; leave it out`)
}
