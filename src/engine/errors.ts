/**
 * Rules of the Container Network Model that a request breaks, and things that cannot be had. Each has a code, which callers
 * switch on, and a class, which decides the HTTP status that the daemon answers with.
 */

/** What kind of failure it is: 400, 404, 403, 409, 503, 501, 500. */
export type FailureClass =
  | 'bad-request'
  | 'not-found'
  | 'forbidden'
  | 'conflict'
  | 'unavailable'
  | 'not-implemented'
  | 'internal'

/** Codes of the engine's errors, with their classes. A code that was retired is never used again for something else. */
export const FAILURES = {
  'name-blank': 'bad-request',
  'name-taken': 'conflict',
  'option-unknown': 'bad-request',
  'option-invalid': 'bad-request',
  'driver-unknown': 'not-found',
  'ipam-driver-unknown': 'not-found',
  'network-unknown': 'not-found',
  'endpoint-unknown': 'not-found',
  'sandbox-unknown': 'not-found',
  'reference-ambiguous': 'bad-request',
  'network-in-use': 'forbidden',
  'network-undeletable': 'forbidden',
  'network-single': 'forbidden',
  'network-config-only': 'forbidden',
  'network-not-config-only': 'bad-request',
  'endpoint-in-use': 'forbidden',
  'endpoint-joined': 'forbidden',
  'endpoint-not-joined': 'forbidden',
  'sandbox-in-use': 'forbidden',
  'sandbox-exists': 'conflict',
  'sandbox-gone': 'not-found',
  'address-space-invalid': 'bad-request',
  'pool-invalid': 'bad-request',
  'pool-overlap': 'conflict',
  'pool-unknown': 'not-found',
  'pools-exhausted': 'unavailable',
  'address-invalid': 'bad-request',
  'address-taken': 'conflict',
  'address-out-of-range': 'bad-request',
  'addresses-exhausted': 'unavailable',
  'mac-invalid': 'bad-request',
  'bridge-taken': 'conflict',
  'bridge-unknown': 'not-found',
  'parent-unknown': 'not-found',
  'parent-taken': 'conflict',
  'port-invalid': 'bad-request',
  'port-taken': 'conflict',
  'ports-exhausted': 'unavailable',
  'scope-invalid': 'forbidden',
  'plugin-failed': 'internal',
  'plugin-unreachable': 'unavailable',
  'kernel-lacks': 'not-implemented',
  'kernel-refused': 'internal',
  'store-locked': 'unavailable',
  'store-broken': 'internal',
  'controller-closed': 'unavailable',
} as const satisfies Record<string, FailureClass>

/** Code of an engine error. */
export type FailureCode = keyof typeof FAILURES

/** What an error is about. */
export interface EngineErrorDetails {
  readonly network?: string
  readonly endpoint?: string
  readonly sandbox?: string
  readonly cause?: unknown
}

/** A request that the engine refused, or could not carry out. The message is one sentence for a person. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
  readonly code: FailureCode
  readonly failure: FailureClass
  readonly network: string | undefined
  readonly endpoint: string | undefined
  readonly sandbox: string | undefined

  constructor(code: FailureCode, message: string, details: EngineErrorDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause })
    this.code = code
    this.failure = FAILURES[code]
    this.network = details.network
    this.endpoint = details.endpoint
    this.sandbox = details.sandbox
  }
}

/** True when `error` is an engine error with one of these codes. */
export function isEngineError(error: unknown, ...codes: FailureCode[]): error is EngineError {
  return error instanceof EngineError && (codes.length === 0 || codes.includes(error.code))
}
