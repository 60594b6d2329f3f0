/** The files by which programs in a namespace resolve names. */
import { type NamespaceNode, readResolverFiles } from '../../host/index.ts'
import { hasCode, readFileOfProcess } from '../../kernel/index.ts'
import type { ResolverTexts } from '../../probe/index.ts'

/** The files, and where names are looked for. */
export interface NameSources {
  readonly texts: ResolverTexts
  /** The hosts file is looked into. */
  readonly files: boolean
  /** Name servers are asked. */
  readonly dns: boolean
}

const RESOLV_CONF = '/etc/resolv.conf'
const HOSTS = '/etc/hosts'
const NSSWITCH = '/etc/nsswitch.conf'
/** Sources of nsswitch.conf(5) that end at a name server. */
const SERVERS = ['dns', 'resolve']

/**
 * Reads them: those of the namespace's name or processes; what those lack, as `ip netns exec` has it, is the host's.
 * @param node the namespace
 */
export function readNameSources(node: NamespaceNode): NameSources {
  const found = readResolverFiles(node)
  const own = (path: string): string | undefined => {
    const file = found?.files.find((candidate) => candidate.path === path)
    return file === undefined ? undefined : Buffer.from(file.content).toString('utf8')
  }
  const ofProcess = found?.source.startsWith('process ') === true ? Number(found.source.slice(8)) : undefined
  // A process sees its own file system alone; for a name, what is not in its directory is seen as on the host.
  const text = (path: string): string | undefined =>
    own(path) ?? (ofProcess === undefined ? textOf('self', path) : undefined)
  const order = sourcesOf(ofProcess === undefined ? text(NSSWITCH) : textOf(ofProcess, NSSWITCH))
  return {
    texts: { source: found?.source ?? 'the host', resolvConf: text(RESOLV_CONF), hosts: text(HOSTS) },
    files: order.includes('files'),
    dns: order.some((source) => SERVERS.includes(source)),
  }
}

/** Sources of the line `hosts:`; without one, or without the file (as in images with musl), files and then DNS. */
export function sourcesOf(nameServiceSwitch: string | undefined): readonly string[] {
  const line = /^\s*hosts:(.*)$/m.exec(nameServiceSwitch ?? '')?.[1]
  if (line === undefined) return ['files', 'dns']
  return line
    .replace(/#.*/, '')
    .replace(/\[[^\]]*\]/g, ' ')
    .trim()
    .split(/\s+/)
}

function textOf(pid: number | 'self', path: string): string | undefined {
  try {
    return readFileOfProcess(pid === 'self' ? process.pid : pid, path).toString('utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'EINVAL', 'EFBIG', 'ELOOP', 'ENOTDIR')) return undefined
    throw error
  }
}
