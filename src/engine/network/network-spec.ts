/** What a network is asked to be, and the rules that need no driver to be told. */
import { EngineError } from '../errors.ts'
import { checkId, newId, quote } from '../ids.ts'
import { checkLabels, checkName } from '../input.ts'
import type { Labels, NetworkRecord, PoolRequest } from '../model.ts'

/** A network that is wanted. */
export interface NetworkSpec {
  readonly name: string
  /** 64 hexadecimal digits, made up when left out. */
  readonly id?: string
  /** `bridge` when left out. */
  readonly driver?: string
  readonly scope?: 'local' | 'global'
  /** No way to the outside. */
  readonly internal?: boolean
  /** Others than the owner of the network may join it. */
  readonly attachable?: boolean
  /** True when left out. */
  readonly ipv4?: boolean
  /** When left out: true when an IPv6 pool is asked for. */
  readonly ipv6?: boolean
  /** A template for other networks: nothing is allocated, no endpoint can be made. */
  readonly configOnly?: boolean
  /** Id, name or prefix of the config-only network whose settings this one takes. */
  readonly configFrom?: string
  readonly options?: Labels
  readonly labels?: Labels
  /** `default` when left out. */
  readonly ipamDriver?: string
  readonly ipamOptions?: Labels
  /** Pools; one a family is chosen when there are none of it. */
  readonly ipam?: readonly PoolRequest[]
}

/** A network as it will be, before its pools are leased. */
export interface NetworkDraft {
  readonly record: NetworkRecord
  readonly pools: readonly PoolRequest[]
}

/** Pool requests of a config-only network are kept with it, for the networks that take them over. */
const TEMPLATE_POOLS = 'netwright.template.pools'

/**
 * Turns a wish into a draft, with the settings of its template.
 * @throws EngineError name-blank, option-invalid, network-config-only, network-not-config-only
 */
export function draftNetwork(spec: NetworkSpec, template: NetworkRecord | undefined): NetworkDraft {
  const name = checkName('network', spec.name)
  if (template !== undefined) checkConsumer(spec, template)
  if (spec.configOnly === true) checkTemplate(spec)
  const pools = template === undefined ? (spec.ipam ?? []) : poolsOfTemplate(template)
  const { ipv4, ipv6 } = template ?? families(spec, pools)
  const settings = template ?? spec
  return {
    pools,
    record: {
      id: spec.id === undefined ? newId() : checkId(spec.id),
      name,
      driver: spec.configOnly === true ? 'null' : (spec.driver ?? 'bridge'),
      scope: spec.scope ?? 'local',
      internal: spec.internal ?? false,
      attachable: spec.attachable ?? false,
      ipv4,
      ipv6,
      configOnly: spec.configOnly ?? false,
      configFrom: template?.id ?? null,
      options: checkLabels('option', settings.options ?? {}),
      labels: checkLabels('label', settings.labels ?? {}),
      ipamDriver: settings.ipamDriver ?? 'default',
      ipamOptions: ipamOptions(spec, template, pools),
      pools: [],
      created: new Date().toISOString(),
    },
  }
}

/** Options for the IPAM driver, without what the engine keeps among them. */
export function ownIpamOptions(network: NetworkRecord): Labels {
  const { [TEMPLATE_POOLS]: _, ...own } = network.ipamOptions
  return own
}

function ipamOptions(spec: NetworkSpec, template: NetworkRecord | undefined, pools: readonly PoolRequest[]): Labels {
  if (template !== undefined) return ownIpamOptions(template)
  const options = checkLabels('IPAM option', spec.ipamOptions ?? {})
  return spec.configOnly === true && pools.length > 0
    ? { ...options, [TEMPLATE_POOLS]: JSON.stringify(pools) }
    : options
}

function poolsOfTemplate(template: NetworkRecord): readonly PoolRequest[] {
  const text = template.ipamOptions[TEMPLATE_POOLS]
  return text === undefined ? [] : JSON.parse(text)
}

function families(spec: NetworkSpec, pools: readonly PoolRequest[]): { ipv4: boolean; ipv6: boolean } {
  const ipv4 = spec.ipv4 ?? true
  const ipv6 = spec.ipv6 ?? pools.some((pool) => familyOfPool(pool) === 6)
  if (!ipv4 && !ipv6) {
    throw new EngineError('option-invalid', `network ${quote(spec.name)} needs IPv4, IPv6 or both`)
  }
  for (const pool of pools) {
    const family = familyOfPool(pool)
    if ((family === 4 && !ipv4) || (family === 6 && !ipv6)) {
      throw new EngineError(
        'option-invalid',
        `the pool ${quote(pool.pool ?? '')} is IPv${family}, which is switched off`,
      )
    }
  }
  return { ipv4, ipv6 }
}

/** Family of a pool request, told by whatever of it is an address; IPv4 when nothing tells. */
export function familyOfPool(request: PoolRequest): 4 | 6 {
  return [request.pool, request.subPool, request.gateway].some((text) => text?.includes(':')) ? 6 : 4
}

function checkTemplate(spec: NetworkSpec): void {
  const refused = [
    spec.internal === true && 'internal',
    spec.attachable === true && 'attachable',
    spec.scope !== undefined && 'scope',
    spec.configFrom !== undefined && 'configFrom',
    spec.driver !== undefined && spec.driver !== 'null' && 'driver',
  ].filter((word) => word !== false)
  if (refused.length === 0) return
  throw new EngineError(
    'option-invalid',
    `the config-only network ${quote(spec.name)} cannot have ${refused.join(', ')}: the networks made from it have that`,
  )
}

function checkConsumer(spec: NetworkSpec, template: NetworkRecord): void {
  if (!template.configOnly) {
    throw new EngineError(
      'network-not-config-only',
      `network ${quote(template.name)} is not config-only, so that no network can take its settings from it`,
      { network: template.id },
    )
  }
  const set = (['ipam', 'ipamDriver', 'ipamOptions', 'ipv4', 'ipv6', 'labels', 'options'] as const).filter((key) => {
    const value = spec[key]
    return value !== undefined && (typeof value !== 'object' || Object.keys(value).length > 0)
  })
  if (set.length === 0) return
  throw new EngineError(
    'option-invalid',
    `network ${quote(spec.name)} takes its settings from ${quote(template.name)} and cannot set ${set.join(', ')} itself`,
  )
}
