/** What the daemon answered instead of what was asked for. */

/** A failure that the daemon told. Its code is one of the engine's, or of the API's own (`request-invalid`). */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}
