/** Where a call finds the engine. */
import { join } from 'node:path'
import { type Directories, directoriesOf } from '../directories.ts'
import type { CniConfiguration } from './configuration.ts'
import type { CniCall } from './invocation.ts'

/** The directories that the configuration names, else those of the environment. */
export function engineDirectories(
  { state, run }: Pick<CniConfiguration, 'state' | 'run'>,
  { environment }: Pick<CniCall, 'environment'>,
): Directories {
  const usual = directoriesOf(environment)
  return { state: state ?? usual.state, run: run ?? usual.run }
}

/** Path of the socket on which a daemon takes CNI calls. */
export function cniSocketPath(run: string): string {
  return join(run, 'cni.sock')
}
