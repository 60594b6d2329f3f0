/** CNI calls where no daemon runs: the engine is opened for the call, and closed after it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Controller, isEngineError } from '../../engine/index.ts'
import { Namespace } from '../../kernel/index.ts'
import type { Directories } from '../directories.ts'
import type { CniContext } from './cni-context.ts'
import { CniCode, CniError } from './cni-error.ts'

/** Calls of a runtime come together, and take their turn. */
const PATIENCE_MILLISECONDS = 30_000
const FIRST_PAUSE_MILLISECONDS = 4
const LONGEST_PAUSE_MILLISECONDS = 50

/**
 * Runs `work` with an engine of its own.
 * @param daemonCame asks whether a daemon that holds the state answers meanwhile
 * @returns undefined when a daemon came
 * @throws CniError 11 when the state stays in use
 */
export async function withOwnEngine<T>(
  directories: Directories,
  daemonCame: () => Promise<boolean>,
  work: (context: CniContext) => Promise<T>,
): Promise<{ readonly result: T } | undefined> {
  const controller = await openInTurn(directories, daemonCame)
  if (controller === undefined) return undefined
  const host = Namespace.open('own')
  try {
    return { result: await work({ controller, host }) }
  } finally {
    await controller.close()
    host.close()
  }
}

async function openInTurn(
  directories: Directories,
  daemonCame: () => Promise<boolean>,
): Promise<Controller | undefined> {
  const end = Date.now() + PATIENCE_MILLISECONDS
  let pause = FIRST_PAUSE_MILLISECONDS
  for (;;) {
    try {
      return await Controller.open({ ...directories, names: null, plugins: null })
    } catch (error) {
      if (!isEngineError(error, 'store-locked')) throw error
      if (await daemonCame()) return undefined
      if (Date.now() > end) throw new CniError(CniCode.tryAgainLater, error.message)
    }
    // Not all at the same moment again.
    await sleep(pause * (0.5 + Math.random()))
    pause = Math.min(2 * pause, LONGEST_PAUSE_MILLISECONDS)
  }
}
