/**
 * Addresses that the plugin host-local has booked (CNI's specification of address plugins; Podman with CNI, containerd and
 * Kubernetes use it): one file an address, named after it, whose first line is the container's id.
 */
import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import type { RecordedLease } from './intent.ts'

/** Where host-local keeps its files unless it is told otherwise (`dataDir`). */
export const LEASE_DIRECTORY = '/var/lib/cni/networks'
/** Files that are read, and bytes of one. */
const MOST_LEASES = 20_000
const LONGEST = 4096

/** Every booking below a directory; none when there is no such directory, or it may not be read. */
export function readLeases(directory: string = LEASE_DIRECTORY): RecordedLease[] {
  const leases: RecordedLease[] = []
  for (const network of namesIn(directory)) {
    for (const name of namesIn(join(directory, network))) {
      // IPv6 addresses have their colons, or what stands for them where a file system takes none.
      const address = isIP(name) !== 0 ? name : name.replaceAll('-', ':')
      if (isIP(address) === 0 || leases.length === MOST_LEASES) continue
      const file = join(directory, network, name)
      const holder = firstLine(file)
      if (holder !== undefined) leases.push({ runtime: 'cni', network, address, holder, file })
    }
  }
  return leases
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    // Hosts without CNI have none.
    return []
  }
}

function firstLine(file: string): string | undefined {
  try {
    const status = lstatSync(file)
    if (!status.isFile() || status.size > LONGEST) return undefined
    return readFileSync(file, 'utf8').split(/\r?\n/)[0]?.trim()
  } catch {
    return undefined
  }
}
