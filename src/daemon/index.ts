/**
 * The daemon's room: the engine for others to ask. Read `operations/operations.ts` first: what can be asked. `local-operations.ts`
 * carries it out with a controller, `client/` asks a daemon; `open-operations.ts` chooses. `api/` serves it over HTTP
 * (`app.ts` puts the routes together), `libnetwork/` serves libnetwork's own API, `events/` and `metrics/` tell what happens,
 * `listen/` and `access/` are the doors; `daemon.ts` starts all of it. `docker-plugin/` and `cni/` are rooms of their own.
 *
 * What a command needs that only asks is loaded here; the server, with all that it stands on, when a daemon is started.
 */
import type { DaemonSettings, RunningDaemon } from './daemon-settings.ts'

export { parseToken } from './access/tcp-guard.ts'
export { ApiError } from './client/api-error.ts'
export { type CniAnswer, type CniCall, runCniPlugin } from './cni/plugin.ts'
export type { DaemonSettings, RunningDaemon } from './daemon-settings.ts'
export { type Directories, directoriesOf, type Environment, socketPath } from './directories.ts'
export { parseTcpAddress, type TcpAddress } from './listen/tcp-address.ts'
export { isLogLevel, type LogLevel } from './log-level.ts'
export { findDaemon, type OpenedOperations, type OpenOptions, openOperations } from './open-operations.ts'
export type { ConnectSpec, Operations, Removal } from './operations/operations.ts'
export type * from './operations/views.ts'

/**
 * Starts the daemon: opens the engine, which restores what the last one left, and then the doors.
 * @throws EngineError store-locked when another daemon has the state or the run directory
 */
export async function startDaemon(settings: DaemonSettings): Promise<RunningDaemon> {
  const daemon = await import('./daemon.ts')
  return daemon.startDaemon(settings)
}

/** Labels of a sandbox that is of no use when process `pid` has ended: it is removed then, even if `pid` was killed. */
export async function goesWithProcess(pid: number): Promise<Readonly<Record<string, string>>> {
  const abandoned = await import('./operations/abandoned-sandboxes.ts')
  return abandoned.goesWithProcess(pid)
}
