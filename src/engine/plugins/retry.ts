/** Trying again when a plugin is not there: it may just be restarting. */

/** Time, so that tests need not wait for it. */
export interface Clock {
  /** Milliseconds since any moment. */
  now(): number
  /** Resolves after `milliseconds`; rejects when `signal` aborts. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>
}

/** Milliseconds after which no further attempt begins. */
const PATIENCE = 30_000
const FIRST_PAUSE = 1_000

/**
 * Runs `attempt` until it succeeds, or fails in another way than `passing` knows: again after 1, 2, 4 and 8 seconds, as
 * dockerd does, and no more once 30 seconds would be over.
 * @throws the last failure
 */
export async function retrying<T>(
  attempt: () => Promise<T>,
  passing: (error: unknown) => boolean,
  clock: Clock,
  signal: AbortSignal,
): Promise<T> {
  const started = clock.now()
  for (let pause = FIRST_PAUSE; ; pause *= 2) {
    try {
      return await attempt()
    } catch (error) {
      if (!passing(error) || signal.aborted || clock.now() - started + pause > PATIENCE) throw error
      await clock.sleep(pause, signal)
    }
  }
}
