/** Addresses to listen on, as people write them. */

/** Where to listen. */
export interface TcpAddress {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
}

/** Names of the loopback interface. */
export const LOOPBACK_NAMES: readonly string[] = ['127.0.0.1', '::1', 'localhost']

/**
 * Reads `HOST:PORT`, `[::1]:PORT`, `:PORT` or `PORT`; loopback when no host is given.
 * @throws RangeError
 */
export function parseTcpAddress(text: string): TcpAddress {
  const [, bracketed, plain, digits] = /^(?:(?:\[([^\]]+)\]|([^:\s]*)):)?(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  if (digits === undefined || port > 65_535) throw new RangeError(`${JSON.stringify(text)} is no HOST:PORT`)
  return { host: bracketed ?? (plain || '127.0.0.1'), port }
}

/** Whether only this host itself can reach an address. */
export function isLoopback(host: string): boolean {
  return LOOPBACK_NAMES.includes(host) || host.startsWith('127.')
}
