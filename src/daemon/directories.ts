/** Where the daemon and those who ask it find each other. */
import { join } from 'node:path'

/** Variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The directories of an installation. */
export interface Directories {
  /** What must outlive a reboot: NETWRIGHT_STATE, or /var/lib/netwright. */
  readonly state: string
  /** Sockets, pins and files of sandboxes: NETWRIGHT_RUN, or /run/netwright. */
  readonly run: string
}

/** The directories that the environment names. */
export function directoriesOf(environment: Environment): Directories {
  return {
    state: environment['NETWRIGHT_STATE'] || '/var/lib/netwright',
    run: environment['NETWRIGHT_RUN'] || '/run/netwright',
  }
}

/** The daemon's socket in a run directory. */
export function socketPath(run: string): string {
  return join(run, 'api.sock')
}
