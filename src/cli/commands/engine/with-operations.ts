/** How commands reach the engine: through the daemon when one serves, else by themselves. */
import { directoriesOf, type Operations, openOperations } from '../../../daemon/index.ts'
import { CannotError, type Invocation } from '../../command.ts'

/** Milliseconds after which a person is told what is being waited for. */
const SILENCE = 1000

/** Runs `work` with the engine, and closes it. @throws CannotError for whatever the engine refuses, in its own words */
export async function withOperations<T>(
  { environment }: Pick<Invocation, 'environment'>,
  work: (operations: Operations, daemon: boolean) => Promise<T>,
): Promise<T> {
  try {
    const { operations, daemon } = await openOperations(directoriesOf(environment))
    try {
      return await work(operations, daemon)
    } finally {
      await operations.close()
    }
  } catch (error) {
    throw isRefusal(error) ? new CannotError(error.message) : error
  }
}

/** The same, and a person at a terminal is told when it takes a while. */
export async function withProgress<T>(
  invocation: Pick<Invocation, 'environment' | 'terminal'>,
  doing: string,
  work: (operations: Operations, daemon: boolean) => Promise<T>,
): Promise<T> {
  const { terminal } = invocation
  const started = Date.now()
  const tell = (): void => terminal.remark(`${doing} … ${Math.round((Date.now() - started) / 1000)} s`)
  const timer = terminal.interactive ? setInterval(tell, SILENCE) : undefined
  try {
    return await withOperations(invocation, work)
  } finally {
    clearInterval(timer)
  }
}

/** Errors of the engine, told by itself or by the daemon: each is one sentence that says what to do. */
export function isRefusal(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && (error.name === 'EngineError' || error.name === 'ApiError')
}
