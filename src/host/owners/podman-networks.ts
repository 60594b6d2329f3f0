/** Podman's networks as its files define them: netavark's JSON, or CNI's lists (podman-network(1)). */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { holdPathOfProcess, networkNamespaceOfProcess, userOfProcess } from '../../kernel/index.ts'
import type { MonitoredContainer } from './conmon.ts'
import { asArray, asText, memberOf, parseJson } from './foreign-value.ts'
import type { OwnedNetwork } from './owner-source.ts'

/** What a file says of a network; where its bridge lives is not in the file. */
export type DefinedNetwork = Pick<OwnedNetwork, 'id' | 'name' | 'driver' | 'subnets' | 'bridgeName'>

/** Files of one directory, and bytes of one file, that are read. */
const FILES_LIMIT = 1000
const FILE_LIMIT = 256 * 1024

/**
 * The networks of every Podman that runs a container here. Their members are found behind their bridges: which container
 * has which address is only in Podman's database.
 */
export function podmanNetworks(containers: readonly MonitoredContainer[]): OwnedNetwork[] {
  const networks: OwnedNetwork[] = []
  const seen = new Set<string>()
  for (const container of containers) {
    const inode = networkNamespaceOfProcess(container.monitor) ?? null
    for (const { directory, read } of networkDirectories(container)) {
      const key = `${inode} ${directory}`
      if (seen.has(key)) continue
      seen.add(key)
      for (const defined of readDirectory(container.monitor, directory, read)) {
        networks.push({ ...defined, runtime: 'podman', daemonInode: inode, namespaceInode: null, members: [] })
      }
    }
  }
  return networks
}

interface NetworkDirectory {
  readonly directory: string
  readonly read: (json: string) => DefinedNetwork | undefined
}

function networkDirectories(container: MonitoredContainer): NetworkDirectory[] {
  const { networkBackend, networkDirectory, storageRoot } = container
  if (networkBackend === 'cni') return [{ directory: networkDirectory ?? '/etc/cni/net.d', read: parseCniList }]
  const root = userOfProcess(container.monitor) === 0
  const usual = root ? '/etc/containers/networks' : storageRoot === undefined ? undefined : `${storageRoot}/networks`
  const directory = networkDirectory ?? usual
  return directory === undefined ? [] : [{ directory, read: parseNetavarkNetwork }]
}

function readDirectory(viewer: number, directory: string, read: NetworkDirectory['read']): DefinedNetwork[] {
  try {
    const held = holdPathOfProcess(viewer, directory)
    try {
      const names = readdirSync(held.path).filter((name) => /\.(json|conflist)$/.test(name))
      return names.slice(0, FILES_LIMIT).flatMap((name) => readNetworkFile(`${held.path}/${name}`, read) ?? [])
    } finally {
      held.close()
    }
  } catch {
    // Podman makes the directory with the first network that differs from the default one.
    return []
  }
}

function readNetworkFile(path: string, read: NetworkDirectory['read']): DefinedNetwork | undefined {
  try {
    const status = statSync(path)
    // A named pipe would stop us; whose directory this is decides what is in it.
    return status.isFile() && status.size <= FILE_LIMIT ? read(readFileSync(path, 'utf8')) : undefined
  } catch {
    return undefined
  }
}

/** Understands a network of netavark's. */
export function parseNetavarkNetwork(json: string): DefinedNetwork | undefined {
  const network = parseJson(json)
  const name = asText(memberOf(network, 'name'))
  if (name === undefined) return undefined
  const driver = asText(memberOf(network, 'driver')) ?? 'bridge'
  const subnets = asArray(memberOf(network, 'subnets')).map((subnet) => asText(memberOf(subnet, 'subnet')))
  return {
    id: asText(memberOf(network, 'id')) ?? name,
    name,
    driver,
    subnets: subnets.filter((subnet) => subnet !== undefined),
    bridgeName: driver === 'bridge' ? (asText(memberOf(network, 'network_interface')) ?? null) : null,
  }
}

/** Understands a list of CNI plugins; the first makes the interface. */
export function parseCniList(json: string): DefinedNetwork | undefined {
  const list = parseJson(json)
  const name = asText(memberOf(list, 'name'))
  const plugin = asArray(memberOf(list, 'plugins'))[0]
  if (name === undefined || plugin === undefined) return undefined
  const driver = asText(memberOf(plugin, 'type')) ?? 'unknown'
  const pools = asArray(memberOf(memberOf(plugin, 'ipam'), 'ranges')).flatMap(asArray)
  const subnets = pools.map((pool) => asText(memberOf(pool, 'subnet')))
  return {
    id: name,
    name,
    driver,
    subnets: subnets.filter((subnet) => subnet !== undefined),
    bridgeName: driver === 'bridge' ? (asText(memberOf(plugin, 'bridge')) ?? 'cni0') : null,
  }
}
