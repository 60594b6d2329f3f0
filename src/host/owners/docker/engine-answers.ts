/** What is read of the Engine API's answers, checked member by member. Unknown or misshapen members are left out. */
import { asArray, asCount, asLabels, asObject, asText, memberOf } from '../foreign-value.ts'

/** An attachment of a container to a network. */
export interface EngineEndpoint {
  readonly networkId: string
  readonly networkName: string
  readonly mac: string | null
  /** `172.17.0.2/16`; IPv4 first. */
  readonly addresses: readonly string[]
}

/** A running container. */
export interface EngineContainer {
  readonly id: string
  readonly name: string
  /** `bridge`, `host`, `none`, `container:<id>`, or a network's name. */
  readonly networkMode: string
  readonly labels: Readonly<Record<string, string>>
  readonly endpoints: readonly EngineEndpoint[]
}

/** A network. */
export interface EngineNetwork {
  readonly id: string
  readonly name: string
  readonly driver: string
  readonly subnets: readonly string[]
  readonly ingress: boolean
  readonly options: Readonly<Record<string, string>>
}

/** The elements that could be read, and how many could not. */
export interface EngineList<T> {
  readonly items: readonly T[]
  readonly unreadable: number
}

/** Reads the answer to GET /containers/json. Undefined when it is no list. */
export function readContainers(answer: unknown): EngineList<EngineContainer> | undefined {
  return readList(answer, readContainer)
}

/** Reads the answer to GET /networks. Undefined when it is no list. */
export function readNetworks(answer: unknown): EngineList<EngineNetwork> | undefined {
  return readList(answer, readNetwork)
}

/** Reads of the answer to GET /containers/ID/json the path of its namespace's mount, as the daemon sees it. */
export function readSandboxKey(answer: unknown): string | undefined {
  return asText(memberOf(memberOf(answer, 'NetworkSettings'), 'SandboxKey'), PATH_LIMIT)
}

function readList<T>(answer: unknown, read: (element: unknown) => T | undefined): EngineList<T> | undefined {
  if (!Array.isArray(answer)) return undefined
  const items = answer.map(read).filter((item) => item !== undefined)
  return { items, unreadable: answer.length - items.length }
}

function readContainer(element: unknown): EngineContainer | undefined {
  const id = asText(memberOf(element, 'Id'))
  if (id === undefined) return undefined
  // A container that others link to has several names, those links as `/other/alias`; its own has one slash.
  const names = asArray(memberOf(element, 'Names')).map((name) => asText(name)?.replace(/^\//, ''))
  const name = names.find((candidate) => candidate !== undefined && !candidate.includes('/')) ?? names[0]
  const networks = asObject(memberOf(memberOf(element, 'NetworkSettings'), 'Networks')) ?? {}
  return {
    id,
    name: name === undefined || name === '' ? id.slice(0, 12) : name,
    networkMode: asText(memberOf(memberOf(element, 'HostConfig'), 'NetworkMode')) ?? '',
    labels: asLabels(memberOf(element, 'Labels')),
    endpoints: Object.entries(networks).flatMap(([network, endpoint]) => readEndpoint(network, endpoint) ?? []),
  }
}

function readEndpoint(network: string, endpoint: unknown): EngineEndpoint | undefined {
  const networkId = asText(memberOf(endpoint, 'NetworkID'))
  if (networkId === undefined) return undefined
  const addresses = [
    withPrefix(memberOf(endpoint, 'IPAddress'), memberOf(endpoint, 'IPPrefixLen')),
    withPrefix(memberOf(endpoint, 'GlobalIPv6Address'), memberOf(endpoint, 'GlobalIPv6PrefixLen')),
  ]
  return {
    networkId,
    networkName: asText(network) ?? networkId,
    mac: asText(memberOf(endpoint, 'MacAddress'))?.toLowerCase() ?? null,
    addresses: addresses.filter((address) => address !== undefined),
  }
}

function withPrefix(address: unknown, length: unknown): string | undefined {
  const text = asText(address)
  const prefix = asCount(length)
  return text === undefined || prefix === undefined || prefix === 0 ? text : `${text}/${prefix}`
}

function readNetwork(element: unknown): EngineNetwork | undefined {
  const id = asText(memberOf(element, 'Id'))
  if (id === undefined) return undefined
  const subnets = asArray(memberOf(memberOf(element, 'IPAM'), 'Config')).map((pool) => asText(memberOf(pool, 'Subnet')))
  return {
    id,
    name: asText(memberOf(element, 'Name')) ?? id,
    driver: asText(memberOf(element, 'Driver')) ?? 'unknown',
    subnets: subnets.filter((subnet) => subnet !== undefined),
    ingress: memberOf(element, 'Ingress') === true,
    options: asLabels(memberOf(element, 'Options')),
  }
}

/** PATH_MAX of Linux. */
const PATH_LIMIT = 4096
