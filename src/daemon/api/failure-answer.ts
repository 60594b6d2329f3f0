/** What goes wrong, as the API tells it: `{ "error": { "code", "message" } }` with the status of the failure's class. */
import { EngineError, type FailureClass } from '../../engine/index.ts'

/** Statuses of failures. */
export type FailureStatus = 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 500 | 501 | 503

/** A failure in the API's words. */
export interface FailureAnswer {
  readonly status: FailureStatus
  readonly body: { readonly error: { readonly code: string; readonly message: string } }
}

/** Status of each class of the engine's failures. */
export const STATUS_OF: Readonly<Record<FailureClass, FailureStatus>> = {
  'bad-request': 400,
  'not-found': 404,
  forbidden: 403,
  conflict: 409,
  unavailable: 503,
  'not-implemented': 501,
  internal: 500,
}

/** A failure with a code of the API's own. */
export function failureAnswer(status: FailureStatus, code: string, message: string): FailureAnswer {
  return { status, body: { error: { code, message } } }
}

/** The answer to a request that threw. What is not the engine's own error is a fault of ours, and is told without details. */
export function answerOfError(error: unknown): FailureAnswer {
  if (error instanceof EngineError) return failureAnswer(STATUS_OF[error.failure], error.code, error.message)
  if (isKernelRefusal(error)) return failureAnswer(500, 'kernel-refused', error.message)
  return failureAnswer(500, 'unexpected', 'something unexpected went wrong; the log of the daemon tells what')
}

interface KernelRefusal extends Error {
  readonly code: string
}

/** Errors of the kernel room and of Node's own calls name an errno. */
function isKernelRefusal(error: unknown): error is KernelRefusal {
  return error instanceof Error && 'code' in error && /^E[A-Z0-9]+$/.test(String(error.code))
}

/** One fault that a schema found. */
export interface SchemaFault {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** The answer to a body, query or path that its schema refuses: every field with what is wrong with it. */
export function answerOfFaults(part: string, faults: readonly SchemaFault[]): FailureAnswer {
  const sentences = faults.slice(0, MOST_FAULTS).map(({ path, message }) => `${fieldName(path) || part}: ${message}`)
  if (faults.length > MOST_FAULTS) sentences.push(`and ${faults.length - MOST_FAULTS} more`)
  return failureAnswer(400, 'request-invalid', sentences.join('; '))
}

const MOST_FAULTS = 8

/** `ipam[0].pool` */
function fieldName(path: readonly PropertyKey[]): string {
  return path
    .map((step, i) => (typeof step === 'number' ? `[${step}]` : `${i === 0 ? '' : '.'}${String(step).slice(0, 80)}`))
    .join('')
}
