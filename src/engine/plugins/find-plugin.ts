/** Finding Docker's plugins on this host, by sockets and by files that tell where they listen. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type PluginAddress, readJsonSpec, readSpec } from './plugin-address.ts'

/** Directories that plugins announce themselves in. */
export interface PluginDirectories {
  /** Of sockets: `NAME.sock` or `NAME/NAME.sock`. */
  readonly sockets: string
  /** Of files: `NAME.spec` or `NAME.json`, or in a directory NAME; the first that has one counts. */
  readonly specifications: readonly string[]
}

/** Where Docker looks for them. */
export const DOCKER_PLUGIN_DIRECTORIES: PluginDirectories = {
  sockets: '/run/docker/plugins',
  specifications: ['/etc/docker/plugins', '/usr/lib/docker/plugins'],
}

/** What may be a plugin's name: it becomes part of paths. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/

/**
 * Where the plugin of this name listens; undefined when nothing tells. Sockets come before files, as with Docker.
 * @throws EngineError plugin-failed when the file that tells is broken
 */
export async function findPlugin(
  name: string,
  directories: PluginDirectories = DOCKER_PLUGIN_DIRECTORIES,
): Promise<PluginAddress | undefined> {
  if (!NAME.test(name)) return undefined
  for (const socketPath of candidates(directories.sockets, name, 'sock')) {
    if ((await kindOf(socketPath)) === 'socket') return { socketPath }
  }
  for (const directory of directories.specifications) {
    for (const [ending, read] of [
      ['spec', readSpec],
      ['json', readJsonSpec],
    ] as const) {
      for (const file of candidates(directory, name, ending)) {
        if ((await kindOf(file)) === 'file') return read(file)
      }
    }
  }
  return undefined
}

function candidates(directory: string, name: string, ending: string): string[] {
  return [join(directory, `${name}.${ending}`), join(directory, name, `${name}.${ending}`)]
}

async function kindOf(path: string): Promise<'socket' | 'file' | undefined> {
  try {
    const found = await stat(path)
    if (found.isSocket()) return 'socket'
    return found.isFile() ? 'file' : undefined
  } catch {
    return undefined
  }
}
