/** How a daemon is started, and what one has then. */
import type { Environment } from './directories.ts'
import type { TcpAddress } from './listen/tcp-address.ts'
import type { LogLevel } from './log-level.ts'

/** Settings of a daemon. */
export interface DaemonSettings {
  readonly state: string
  readonly run: string
  /** Path of the API's socket. */
  readonly socket: string
  /** Also listen on TCP, for those who have the token. */
  readonly tcp: { readonly address: TcpAddress; readonly token: string } | null
  /** Path at which dockerd finds the network plugin; `usual`: where it looks for one called netwright; null: nowhere. */
  readonly dockerPlugin: string | 'usual' | null
  readonly logLevel: LogLevel
  readonly environment: Environment
  readonly version: string
}

/** A daemon that serves. */
export interface RunningDaemon {
  /** Where: the socket's path, then host and port. */
  readonly addresses: readonly string[]
  /** Ends streams, lets what is being done end, and closes. Networks and sandboxes stay as they are. */
  stop(): Promise<void>
}
