/** The files by which names are resolved in a namespace: its container's own, or those that `ip netns` keeps for its name. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode, networkNamespaceOfProcess, type PrivateFile, readFileOfProcess } from '../../kernel/index.ts'
import type { NamespaceNode } from '../graph.ts'

/** Files that take the place of the host's, as a namespace's programs know them. */
export interface ResolverFiles {
  /** Whose they are: `process 4711` or `/etc/netns/blue`. */
  readonly source: string
  readonly files: readonly PrivateFile[]
}

/** What decides how names are resolved. */
const RESOLVER_PATHS = ['/etc/resolv.conf', '/etc/hosts']
/** Where `ip netns exec NAME` finds files for a name (ip-netns(8)). */
const FILES_OF_NAMES = '/etc/netns'
/** Processes to ask before giving up: any one is as good as another, but each may just have ended. */
const MOST_PROCESSES = 4
/** No configuration file that anyone reads here comes near this size, in bytes. */
const LARGEST_FILE = 256 * 1024

/**
 * Finds the files of a namespace. A directory in /etc/netns wins, because somebody wrote it for this purpose; else they are
 * read with the eyes of a process that lives there. Undefined when there is neither.
 */
export function readResolverFiles(node: NamespaceNode): ResolverFiles | undefined {
  for (const name of node.names) {
    const files = filesOfName(join(FILES_OF_NAMES, name))
    if (files.length > 0) return { source: join(FILES_OF_NAMES, name), files }
  }
  for (const pid of node.pids.slice(0, MOST_PROCESSES)) {
    // The number may belong to another process by now.
    if (networkNamespaceOfProcess(pid) !== node.inode) continue
    const files = RESOLVER_PATHS.flatMap((path) => fileOfProcess(pid, path) ?? [])
    if (files.length > 0) return { source: `process ${pid}`, files }
  }
  return undefined
}

/**
 * The same files for a program of the host's: nsswitch.conf is made to go by them, for the host's may ask a resolver of its
 * own (systemd-resolved, nscd) that answers for the host's network.
 * @param nameServiceSwitch content of the host's /etc/nsswitch.conf
 */
export function filesForHostProgram(
  files: readonly PrivateFile[],
  nameServiceSwitch: string | undefined,
): PrivateFile[] {
  const path = '/etc/nsswitch.conf'
  if (nameServiceSwitch === undefined || files.some((file) => file.path === path)) return [...files]
  const adapted = nameServiceSwitch.replace(/^(\s*hosts:).*$/m, '$1 files dns')
  return adapted === nameServiceSwitch ? [...files] : [...files, { path, content: Buffer.from(adapted) }]
}

function filesOfName(directory: string): PrivateFile[] {
  let names: string[]
  try {
    names = readdirSync(directory)
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return []
    throw error
  }
  return names.sort().flatMap((name) => {
    const content = contentOf(join(directory, name))
    return content === undefined ? [] : [{ path: `/etc/${name}`, content }]
  })
}

/** Content of a regular file; undefined for anything else, and for one that is unreasonably long. */
function contentOf(path: string): Buffer | undefined {
  try {
    const status = statSync(path)
    return status.isFile() && status.size <= LARGEST_FILE ? readFileSync(path) : undefined
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'EACCES', 'ELOOP')) return undefined
    throw error
  }
}

function fileOfProcess(pid: number, path: string): PrivateFile | undefined {
  try {
    return { path, content: readFileOfProcess(pid, path, LARGEST_FILE) }
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'EINVAL', 'EFBIG', 'ELOOP', 'ENOTDIR', 'ENOSYS'))
      return undefined
    throw error
  }
}
