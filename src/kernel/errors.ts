/**
 * What the kernel refused, kept whole: the call, the errno, the object it was about and the namespace it happened in.
 */
import { getSystemErrorMap } from 'node:util'
import { errno } from './libc.ts'

/** Circumstances of a failed kernel call that a reader of the error needs. */
export interface KernelErrorDetails {
  /** The call or netlink request that failed, as the field writes it: `setns`, `RTM_NEWLINK`. */
  readonly operation: string
  /** Positive error number; 0 when the failure has none. */
  readonly errno: number
  /** What it was about: a path, an interface, a process. */
  readonly subject?: string
  /** The network namespace it happened in, as it was named by the caller. */
  readonly namespace?: string
}

let knownErrors: ReturnType<typeof getSystemErrorMap> | undefined

/** Node's table of errors, made at the first error: most commands meet none. */
function systemErrors(): ReturnType<typeof getSystemErrorMap> {
  knownErrors ??= getSystemErrorMap()
  return knownErrors
}

/** The symbol of an error number (`ENODEV`), or `E<number>` for one that Node does not know. */
export function errnoName(number: number): string {
  // Linux gives 95 two names; the manual pages of the network calls use this one, Node the other.
  if (number === 95) return 'EOPNOTSUPP'
  return systemErrors().get(-number)?.[0] ?? `E${number}`
}

/** What an error number means, in the words of the C library. */
export function errnoText(number: number): string {
  return systemErrors().get(-number)?.[1] ?? `error ${number}`
}

/** A call that the kernel refused. `code` is the errno's symbol, so callers switch on it as on Node's own errors. */
export class KernelError extends Error {
  override readonly name: string = 'KernelError'
  readonly operation: string
  readonly errno: number
  readonly code: string
  readonly subject: string | undefined
  readonly namespace: string | undefined

  constructor(details: KernelErrorDetails, message?: string) {
    super(message ?? describe(details))
    this.operation = details.operation
    this.errno = details.errno
    this.code = errnoName(details.errno)
    this.subject = details.subject
    this.namespace = details.namespace
  }
}

/** One sentence: the operation, its object, its namespace and the reason. */
function describe(details: KernelErrorDetails): string {
  const subject = details.subject === undefined ? '' : ` ${details.subject}`
  const place = details.namespace === undefined ? '' : ` in ${details.namespace}`
  return `${details.operation}${subject}${place}: ${errnoText(details.errno)} (${errnoName(details.errno)})`
}

/**
 * Passes a C result through, or throws a KernelError carrying errno when it is negative.
 * Call it directly on the C call's result: any other C call in between overwrites errno.
 */
export function check(result: number, operation: string, subject?: string): number {
  if (result >= 0) return result
  throw new KernelError({ operation, errno: errno(), ...(subject === undefined ? {} : { subject }) })
}

/** True when `error` is a KernelError (or an error of Node's) with one of these errno symbols. */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
