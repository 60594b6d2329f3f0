/** What the listeners share. */
import type { Server, ServerOptions } from 'node:http'

/** Answers requests. */
export type Fetch = (request: Request) => Response | Promise<Response>

/** A door that is open. */
export interface Listener {
  /** Path, or host and port. */
  readonly address: string
  /** No new requests; those that are being answered have a moment to end. */
  close(): Promise<void>
}

/** Requests that are not there as a whole after this are given up. */
export const SERVER_OPTIONS: ServerOptions = {
  requestTimeout: 30_000,
  headersTimeout: 10_000,
  keepAliveTimeout: 30_000,
}

/** How long answers may still take when the daemon stops, in milliseconds. */
const GRACE = 3000

/** Closes a server: idle connections at once, busy ones when they are done or the grace is over. */
export async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const patience = setTimeout(() => server.closeAllConnections(), GRACE)
  await closed
  clearTimeout(patience)
}
