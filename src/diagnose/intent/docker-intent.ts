/** What Docker's daemons have on record: containers with their addresses, gateways and ports; networks. */
import {
  asArray,
  asCount,
  asObject,
  asText,
  type Graph,
  memberOf,
  type OpenDaemon,
  openDockerDaemons,
} from '../../host/index.ts'
import type {
  AnsweringDaemon,
  Intent,
  PublishedPort,
  WantedContainer,
  WantedEndpoint,
  WantedNetwork,
} from './intent.ts'

/** Containers of one daemon that are looked at. */
const MOST_CONTAINERS = 10_000
const OPTION_BRIDGE = 'com.docker.network.bridge.name'
const OPTION_DEFAULT_BRIDGE = 'com.docker.network.bridge.default_bridge'
const OPTION_MASQUERADE = 'com.docker.network.bridge.enable_ip_masquerade'

/**
 * Asks every daemon within reach. What a daemon says of containers counts only for those that the graph believes it to
 * own: anyone can start a process of that name.
 */
export async function readDockerIntent(
  graph: Graph,
  environment: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<Intent> {
  const daemons = await openDockerDaemons(environment, signal)
  const answers = await Promise.all(daemons.map((daemon) => askOrWarn(daemon, graph)))
  return {
    containers: answers.flatMap(({ containers }) => containers),
    networks: answers.flatMap(({ networks }) => networks),
    leases: [],
    daemons: answers.flatMap((answer) => answer.daemons),
    warnings: answers.flatMap(({ warnings }) => warnings),
  }
}

async function askOrWarn(daemon: OpenDaemon, graph: Graph): Promise<Intent> {
  try {
    const [containers, networks] = await Promise.all([daemon.get('/containers/json'), daemon.get('/networks')])
    const answering: AnsweringDaemon = {
      runtime: 'docker',
      label: daemon.label,
      host: daemon.host,
      namespace: daemon.inode ?? null,
    }
    const places = placesOf(graph)
    return {
      containers: asArray(containers)
        .slice(0, MOST_CONTAINERS)
        .flatMap((element) => readContainer(element, places, daemon) ?? []),
      networks: asArray(networks).flatMap((element) => readNetwork(element, daemon) ?? []),
      leases: [],
      daemons: [answering],
      warnings: [],
    }
  } catch {
    // The graph, for which the same daemon was asked, has a warning about it already.
    return { containers: [], networks: [], leases: [], daemons: [], warnings: [] }
  }
}

/** Namespaces by id of the container that owns them. */
function placesOf(graph: Graph): ReadonlyMap<string, string> {
  return new Map(
    graph.namespaces.flatMap(({ role, inode, owners }) =>
      role === 'container'
        ? owners.filter(({ runtime }) => runtime === 'docker').map(({ id }) => [id, inode] as const)
        : [],
    ),
  )
}

/** A container of GET /containers/json, with what diagnosis needs of it. */
export function readContainer(
  element: unknown,
  places: ReadonlyMap<string, string>,
  daemon: Pick<OpenDaemon, 'inode' | 'host'>,
): WantedContainer | undefined {
  const id = asText(memberOf(element, 'Id'))
  const mode = asText(memberOf(memberOf(element, 'HostConfig'), 'NetworkMode')) ?? ''
  // A container in somebody else's namespace has no attachments of its own.
  if (id === undefined || mode === 'host' || mode.startsWith('container:')) return undefined
  const names = asArray(memberOf(element, 'Names')).map((name) => asText(name)?.replace(/^\//, ''))
  const networks = asObject(memberOf(memberOf(element, 'NetworkSettings'), 'Networks')) ?? {}
  return {
    runtime: 'docker',
    id,
    name: names.find((name) => name !== undefined && !name.includes('/')) ?? id.slice(0, 12),
    namespace: places.get(id) ?? null,
    hostNamespace: daemon.inode ?? null,
    host: daemon.host,
    endpoints: Object.entries(networks).flatMap(([name, endpoint]) => readEndpoint(name, endpoint) ?? []),
    ports: asArray(memberOf(element, 'Ports')).flatMap((port) => readPort(port) ?? []),
  }
}

function readEndpoint(name: string, endpoint: unknown): WantedEndpoint | undefined {
  const networkId = asText(memberOf(endpoint, 'NetworkID'))
  if (networkId === undefined) return undefined
  const addresses = [
    withPrefix(asText(memberOf(endpoint, 'IPAddress')), asCount(memberOf(endpoint, 'IPPrefixLen'))),
    withPrefix(asText(memberOf(endpoint, 'GlobalIPv6Address')), asCount(memberOf(endpoint, 'GlobalIPv6PrefixLen'))),
  ]
  const gateways = [asText(memberOf(endpoint, 'Gateway')), asText(memberOf(endpoint, 'IPv6Gateway'))]
  return {
    networkId,
    networkName: name,
    mac: asText(memberOf(endpoint, 'MacAddress'))?.toLowerCase() ?? null,
    addresses: addresses.filter((address) => address !== undefined),
    gateways: gateways.filter((gateway) => gateway !== undefined),
  }
}

function withPrefix(address: string | undefined, length: number | undefined): string | undefined {
  return address === undefined || length === undefined || length === 0 ? address : `${address}/${length}`
}

function readPort(port: unknown): PublishedPort | undefined {
  const protocol = asText(memberOf(port, 'Type'))
  const containerPort = asCount(memberOf(port, 'PrivatePort'))
  const hostPort = asCount(memberOf(port, 'PublicPort'))
  // A port that is only exposed has no PublicPort.
  if (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'sctp') return undefined
  if (containerPort === undefined || hostPort === undefined || hostPort === 0) return undefined
  return { protocol, hostAddress: asText(memberOf(port, 'IP')) ?? '0.0.0.0', hostPort, containerPort }
}

/** A network of GET /networks. */
export function readNetwork(element: unknown, daemon: Pick<OpenDaemon, 'inode'>): WantedNetwork | undefined {
  const id = asText(memberOf(element, 'Id'))
  const driver = asText(memberOf(element, 'Driver')) ?? 'unknown'
  if (id === undefined || driver === 'host' || driver === 'null') return undefined
  const pools = asArray(memberOf(memberOf(element, 'IPAM'), 'Config'))
  const options = asObject(memberOf(element, 'Options')) ?? {}
  const option = (name: string): string | undefined => asText(memberOf(options, name))
  const usualName = option(OPTION_DEFAULT_BRIDGE) === 'true' ? 'docker0' : `br-${id.slice(0, 12)}`
  return {
    runtime: 'docker',
    id,
    name: asText(memberOf(element, 'Name')) ?? id,
    driver,
    subnets: pools.flatMap((pool) => asText(memberOf(pool, 'Subnet')) ?? []),
    gateways: pools.flatMap((pool) => asText(memberOf(pool, 'Gateway'))?.split('/')[0] ?? []),
    internal: memberOf(element, 'Internal') === true,
    masquerade: option(OPTION_MASQUERADE) !== 'false',
    bridgeName: driver === 'bridge' ? (option(OPTION_BRIDGE) ?? usualName) : null,
    hostNamespace: daemon.inode ?? null,
  }
}
