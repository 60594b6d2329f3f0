/** Whom to ask: the daemon when one serves, else an engine that is opened for the purpose. */
import { setTimeout as sleep } from 'node:timers/promises'
import { ApiClient } from './client/api-client.ts'
import { RemoteOperations } from './client/remote-operations.ts'
import { type Directories, socketPath } from './directories.ts'
import type { Operations } from './operations/operations.ts'

/** Operations, and who carries them out. */
export interface OpenedOperations {
  readonly operations: Operations
  /** False when this process does it itself: then nobody answers names in sandboxes once it ends. */
  readonly daemon: boolean
}

/** Where to look, and for how long to wait. */
export interface OpenOptions extends Directories {
  /** Instead of the socket in the run directory; then only a daemon will do. */
  readonly socket?: string | undefined
  /** Milliseconds to wait while another process that is soon done has the engine's state open. */
  readonly patience?: number
}

const USUAL_PATIENCE = 5000
const PAUSE = 25

/**
 * Opens them.
 * @throws EngineError store-locked when a process that is no daemon keeps the state; Error EACCES when the daemon's socket
 *   is not for this user, ENOENT or ECONNREFUSED when `socket` was named and nobody answers there
 */
export async function openOperations(options: OpenOptions): Promise<OpenedOperations> {
  const end = Date.now() + (options.patience ?? USUAL_PATIENCE)
  for (;;) {
    const remote = await findDaemon(options)
    if (remote !== undefined) return { operations: remote, daemon: true }
    try {
      return { operations: await openEngine(options), daemon: false }
    } catch (error) {
      // A daemon that is just starting has the state before it answers.
      if (!isLocked(error) || Date.now() > end) throw error
    }
    await sleep(PAUSE)
  }
}

/** The daemon that serves here; undefined when there is none. @throws Error EACCES when its socket is not for this user */
export async function findDaemon({
  run,
  socket,
}: Pick<OpenOptions, 'run' | 'socket'>): Promise<Operations | undefined> {
  const client = new ApiClient(socket ?? socketPath(run))
  try {
    await client.ask({ method: 'GET', path: '/v1/health' })
    return new RemoteOperations(client)
  } catch (error) {
    if (socket === undefined && hasCode(error, 'ENOENT', 'ECONNREFUSED', 'stopping')) return undefined
    throw error
  }
}

/** The engine is loaded only when it is needed: asking the daemon takes none of it. */
async function openEngine({ state, run }: OpenOptions): Promise<Operations> {
  const [{ Controller }, { LocalOperations }, { removeAbandonedSandboxes }] = await Promise.all([
    import('../engine/index.ts'),
    import('./operations/local-operations.ts'),
    import('./operations/abandoned-sandboxes.ts'),
  ])
  const controller = await Controller.open({ state, run })
  try {
    await removeAbandonedSandboxes(controller)
  } catch {
    // It is tried again at the next start; whoever asks for something else is not to be kept from it.
  }
  return new LocalOperations(controller)
}

function isLocked(error: unknown): boolean {
  return hasCode(error, 'store-locked')
}

function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
