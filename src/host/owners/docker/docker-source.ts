/** Docker's word on namespaces: all daemons within reach are asked at once. */
import { networkNamespaceOfProcess } from '../../../kernel/index.ts'
import { withOwnersFromLabels } from '../from-labels.ts'
import type { OwnedNetwork, OwnerAnswer, OwnerClaim, OwnerEvidence, OwnerSource } from '../owner-source.ts'
import { claimServingNamespaces, describeNetworks } from './docker-networks.ts'
import { type EngineList, readContainers, readNetworks, readSandboxKey } from './engine-answers.ts'
import { EngineClient, EngineError } from './engine-client.ts'
import { type Daemon, findDaemons } from './find-daemons.ts'
import { standingOf, withinJurisdiction } from './jurisdiction.ts'
import { type PlacedContainer, placeContainers } from './place-containers.ts'

/** Docker as a source of owners. @param environment DOCKER_HOST is looked at */
export function dockerSource(environment: Readonly<Record<string, string | undefined>>): OwnerSource {
  return {
    runtime: 'docker',
    async ask(evidence, signal) {
      const { daemons, warnings } = findDaemons(evidence, environment)
      const answers = await Promise.all(daemons.map((daemon) => askOrWarn(daemon, evidence, signal)))
      return {
        claims: answers.flatMap((answer) => answer.claims),
        networks: uniqueNetworks(answers.flatMap((answer) => answer.networks)),
        warnings: [...warnings, ...answers.flatMap((answer) => answer.warnings)],
      }
    },
  }
}

/** A daemon in trouble costs its own answer, not the others'. */
async function askOrWarn(daemon: Daemon, evidence: OwnerEvidence, signal: AbortSignal): Promise<OwnerAnswer> {
  try {
    return await askDaemon(daemon, evidence, signal)
  } catch (error) {
    const warning = warningOf(error, daemon, signal)
    return { claims: [], networks: [], warnings: warning === undefined ? [] : [warning] }
  } finally {
    daemon.release()
  }
}

async function askDaemon(daemon: Daemon, evidence: OwnerEvidence, signal: AbortSignal): Promise<OwnerAnswer> {
  const client = await EngineClient.open(daemon.address, { signal })
  try {
    const [containersAnswer, networksAnswer] = await Promise.all([
      client.get('/containers/json'),
      client.get('/networks'),
    ])
    const containers = understood(readContainers(containersAnswer), 'its list of containers')
    const networks = understood(readNetworks(networksAnswer), 'its list of networks')
    const inode = daemon.pid === undefined ? undefined : networkNamespaceOfProcess(daemon.pid)
    const placed = await placeContainers(containers.items, claimable(evidence, daemon.pid), {
      pid: daemon.pid,
      inode,
      sandboxKeyOf: (id) => inspectSandboxKey(client, id),
    })
    const serving = claimServingNamespaces(networks.items, evidence, daemon.pid)
    return {
      claims: [...containerClaims(placed, client.runtime).flatMap(withOwnersFromLabels), ...serving],
      // Podman leaves out what its bridges are called; its own source reads its networks from their files.
      networks: client.runtime === 'podman' ? [] : describeNetworks(networks.items, containers.items, serving, inode),
      warnings: [
        ...cutShort(daemon, signal),
        ...unreadable(daemon, containers, 'containers'),
        ...unreadable(daemon, networks, 'networks'),
      ],
    }
  } finally {
    client.close()
  }
}

/** A daemon whose process is unknown is on another host, or one that DOCKER_HOST named: the user trusts it. */
function claimable(evidence: OwnerEvidence, pid: number | undefined): OwnerEvidence {
  const standing = pid === undefined ? undefined : standingOf(pid)
  return standing === undefined ? evidence : withinJurisdiction(evidence, standing)
}

/** A container that ended meanwhile, or an inspection that is cut off, costs no more than this one place. */
async function inspectSandboxKey(client: EngineClient, id: string): Promise<string | undefined> {
  try {
    return readSandboxKey(await client.get(`/containers/${encodeURIComponent(id)}/json`))
  } catch {
    return undefined
  }
}

function cutShort(daemon: Daemon, signal: AbortSignal): string[] {
  return signal.aborted ? [`${daemon.label} did not answer in time about all containers; some have no names here`] : []
}

function understood<T>(list: EngineList<T> | undefined, what: string): EngineList<T> {
  if (list === undefined) throw new EngineError(`sent something else than ${what}`)
  return list
}

function unreadable(daemon: Daemon, list: EngineList<unknown>, what: string): string[] {
  if (list.unreadable === 0) return []
  return [`${daemon.label} sent ${list.unreadable} ${what} without an id; they are left out`]
}

/** Claims on the namespaces of containers. The container that a namespace was made for comes first. */
function containerClaims(placed: readonly PlacedContainer[], runtime: string): OwnerClaim[] {
  const order = { own: 0, shared: 1, host: 2, inner: 3 }
  return [...placed].sort((a, b) => order[a.manner] - order[b.manner]).map((one) => containerClaim(one, runtime))
}

function containerClaim({ container, inode, manner }: PlacedContainer, runtime: string): OwnerClaim {
  const { id, name, labels } = container
  const endpoints = container.endpoints
    .filter((endpoint) => endpoint.mac !== null || endpoint.addresses.length > 0)
    .map(({ networkName, mac, addresses }) => ({ network: networkName, mac, addresses }))
  return {
    inode,
    role: manner === 'own' || manner === 'shared' ? 'container' : 'anonymous',
    owner: { runtime, id, name, labels },
    ...(manner === 'own' && endpoints.length > 0 ? { endpoints } : {}),
  }
}

/** One sentence about a daemon that did not serve; undefined when it is simply not there. */
function warningOf(error: unknown, daemon: Daemon, signal: AbortSignal): string | undefined {
  const effect = 'its containers and networks have no names here'
  if (signal.aborted) return `${daemon.label} did not answer in time; ${effect}`
  if (error instanceof EngineError) return `${daemon.label} ${error.message}; ${effect}`
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  // A socket that nobody listens on is left behind by every daemon that was killed.
  if (daemon.optional && (code === 'ECONNREFUSED' || code === 'ENOENT')) return undefined
  return `${daemon.label} cannot be reached: ${reasonOf(code, error)}; ${effect}`
}

function reasonOf(code: string, error: unknown): string {
  if (code === 'EACCES' || code === 'EPERM') return 'it refuses this user (run as root, or join its group)'
  if (code === 'ECONNREFUSED') return 'nobody listens there'
  return error instanceof Error ? error.message : String(error)
}

/** Daemons of one swarm on one host all know the swarm's networks; each that serves one here is kept, of the others one. */
function uniqueNetworks(networks: readonly OwnedNetwork[]): OwnedNetwork[] {
  const served = new Set(networks.filter((network) => network.namespaceInode !== null).map((network) => network.id))
  const seen = new Set<string>()
  return networks.filter((network) => {
    if (network.namespaceInode !== null) return true
    if (served.has(network.id) || seen.has(network.id)) return false
    seen.add(network.id)
    return true
  })
}
