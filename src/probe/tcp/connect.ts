/** Connecting over TCP from within a namespace: whether it can be done, how long it takes, and who says no. */
import { Socket } from 'node:net'
import { errnoName, KernelError, type NamespaceHandle, TcpAttempt } from '../../kernel/index.ts'
import { canonicalAddress, familyOfAddress } from '../wire/address.ts'
import { IpProtocol } from '../wire/icmp.ts'
import { IcmpListener, type IcmpObjection, isAbout, objectionOf } from '../wire/icmp-listener.ts'

/** How an attempt ended. */
export type ConnectOutcome =
  | 'connected'
  /** The answer was a RST, or an ICMP port unreachable: see who objected. */
  | 'refused'
  | 'timeout'
  /** No route leads there, nobody has that address, or somebody said that it cannot be reached. */
  | 'unreachable'
  /** A rule here does not let it out (EPERM, EACCES). */
  | 'denied'
  /** Anything else: see the reason. */
  | 'failed'
  | 'interrupted'

/** Where to connect. */
export interface ConnectInit {
  readonly namespace: NamespaceHandle
  readonly address: string
  readonly port: number
  /** Milliseconds to wait for the connection. */
  readonly timeout: number
  readonly signal?: AbortSignal
}

/** An attempt. */
export interface Connection {
  readonly address: string
  readonly port: number
  readonly outcome: ConnectOutcome
  /** An errno's symbol; null for those that have none. */
  readonly reason: string | null
  /** Who sent an ICMP error about it; null when nobody did. */
  readonly objection: IcmpObjection | null
  readonly milliseconds: number
}

/** A connection that was made, with its socket. */
export interface OpenConnection extends Connection {
  /** Undefined unless it is connected; whoever asked closes it. */
  readonly descriptor: number | undefined
}

const outcomes: Readonly<Record<string, ConnectOutcome>> = {
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timeout',
  ENETUNREACH: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ENETDOWN: 'unreachable',
  EHOSTDOWN: 'unreachable',
  EPERM: 'denied',
  EACCES: 'denied',
}

/** Connects, and ends the connection at once. @throws RangeError when the address is none; KernelError EMFILE, ENODEV */
export async function tryConnect(init: ConnectInit): Promise<Connection> {
  const { descriptor, ...connection } = await connect(init)
  if (descriptor !== undefined) new Socket({ fd: descriptor }).on('error', () => {}).resetAndDestroy()
  return connection
}

/** Connects. @throws RangeError when the address is none; KernelError EMFILE, ENODEV */
export function connect(init: ConnectInit): Promise<OpenConnection> {
  const { namespace, port, signal } = init
  const address = canonicalAddress(init.address)
  let objection: IcmpObjection | null = null
  const listener = new IcmpListener(namespace, familyOfAddress(address), (from, error) => {
    if (isAbout(error, IpProtocol.tcp, address, port)) objection ??= objectionOf(from, error)
  })
  const started = performance.now()
  return new Promise((resolve, reject) => {
    let attempt: TcpAttempt | undefined
    const end = (outcome: ConnectOutcome, reason: string | null = null): void => {
      const milliseconds = performance.now() - started
      clearTimeout(timer)
      signal?.removeEventListener('abort', interrupt)
      // The error that ended the attempt may still wait to be heard.
      listener.drain()
      listener.close()
      const descriptor = outcome === 'connected' ? attempt?.takeSocket() : undefined
      attempt?.close()
      resolve({ address, port, outcome, reason, objection, milliseconds, descriptor })
    }
    const interrupt = (): void => end('interrupted')
    const timer = setTimeout(() => end('timeout'), init.timeout)
    if (signal?.aborted === true) return interrupt()
    signal?.addEventListener('abort', interrupt, { once: true })
    try {
      attempt = new TcpAttempt(namespace, address, port, (errno) => {
        if (errno === 0) end('connected')
        else end(outcomes[errnoName(errno)] ?? 'failed', errnoName(errno))
      })
    } catch (error) {
      const outcome = error instanceof KernelError ? outcomes[error.code] : undefined
      if (outcome !== undefined) return end(outcome, (error as KernelError).code)
      clearTimeout(timer)
      signal?.removeEventListener('abort', interrupt)
      listener.close()
      reject(error)
    }
  })
}
