/** Errors as the Container Network Interface has them: a number that runtimes act on, and a sentence for people. */
import type { EngineError } from '../../engine/index.ts'

/** Error codes of the specification (CNI 1.1.0, "Error"), and our own from 100 on. */
export const CniCode = {
  incompatibleVersion: 1,
  unsupportedField: 2,
  unknownContainer: 3,
  invalidEnvironment: 4,
  inputOutput: 5,
  undecodable: 6,
  invalidConfiguration: 7,
  tryAgainLater: 11,
  unavailable: 50,
  /** The engine refused: an address is taken, a pool is used up, a port is in use. */
  refused: 100,
  /** CHECK found something that is not as ADD left it. */
  changed: 101,
  /** The interface that ADD is to make exists already. */
  exists: 102,
} as const

/** A CNI error. */
export class CniError extends Error {
  override readonly name = 'CniError'
  readonly code: number
  readonly details: string | undefined

  constructor(code: number, message: string, details?: string) {
    super(message)
    this.code = code
    this.details = details
  }
}

/** An error as the plugin prints it on standard output. */
export function errorDocument(error: unknown, cniVersion: string): Record<string, unknown> {
  const { code, message, details } = error instanceof CniError ? error : unforeseen(error)
  return { cniVersion, code, msg: message, ...(details === undefined ? {} : { details }) }
}

function unforeseen(error: unknown): { code: number; message: string; details: string | undefined } {
  return {
    code: CniCode.refused,
    message: error instanceof Error ? error.message : String(error),
    details: error instanceof Error && error.cause instanceof Error ? error.cause.message : undefined,
  }
}

/** The CNI error for what the engine refused; anything else as it is. */
export function asCniError(error: unknown): unknown {
  if (!isEngineError(error)) return error
  const { code, failure, message } = error
  if (code === 'store-locked') return new CniError(CniCode.tryAgainLater, message, code)
  const wrong = failure === 'bad-request' || code === 'pool-overlap' || code === 'bridge-taken'
  return new CniError(wrong ? CniCode.invalidConfiguration : CniCode.refused, message, code)
}

/** Told by name: the class itself would bring the whole engine with it, which is not needed to ask a daemon. */
function isEngineError(error: unknown): error is EngineError {
  return error instanceof Error && error.name === 'EngineError'
}
