/**
 * Who may ask over TCP: whoever knows the token, and not by way of a browser that somebody else's page steers. The `Host`
 * header must name the address that we listen on, or a page could reach us under a name of its own that resolves to us (DNS
 * rebinding); an `Origin` header must be our own.
 */
import { createHash, timingSafeEqual } from 'node:crypto'

/** What a guard is made from. */
export interface GuardSettings {
  readonly token: string
  /** Addresses and names under which we are reached, without port; IPv6 addresses without brackets. */
  readonly hosts: readonly string[]
  readonly port: number
}

/** Headers of a request that decide. */
export interface GuardedHeaders {
  readonly host?: string | undefined
  readonly origin?: string | undefined
  readonly authorization?: string | undefined
}

/** Why a request is refused. */
export interface GuardRefusal {
  readonly status: 401 | 403
  readonly code: 'token-missing' | 'token-wrong' | 'host-refused' | 'origin-refused'
  readonly message: string
}

/** Judges a request; undefined when it is welcome. */
export type Guard = (headers: GuardedHeaders) => GuardRefusal | undefined

/** Shortest token that cannot be guessed: 128 bits in base64 are 22 characters. */
export const SHORTEST_TOKEN = 22

/** Makes a guard. The port may be left out of `Host` and `Origin` only when it is that of HTTP. */
export function tcpGuard({ token, hosts, port }: GuardSettings): Guard {
  const wanted = digest(token)
  const authorities = new Set(hosts.flatMap((host) => authoritiesOf(host.toLowerCase(), port)))
  return ({ host, origin, authorization }) => {
    if (host === undefined || !authorities.has(host.toLowerCase())) {
      return { status: 403, code: 'host-refused', message: 'the Host header does not name an address of this server' }
    }
    if (origin !== undefined && !isOwn(origin, authorities)) {
      return { status: 403, code: 'origin-refused', message: 'requests of web pages from elsewhere are refused' }
    }
    const given = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1]
    if (given === undefined) {
      return { status: 401, code: 'token-missing', message: 'a token is needed: send "Authorization: Bearer TOKEN"' }
    }
    // Digests have one length and are compared in constant time, so that no answer tells how much of a guess was right.
    if (timingSafeEqual(digest(given), wanted)) return undefined
    return { status: 401, code: 'token-wrong', message: 'the token is not the right one' }
  }
}

/**
 * The token in a file's text: its only line.
 * @throws RangeError when it is too short to be safe, or more than one word
 */
export function parseToken(text: string): string {
  const token = text.trim()
  if (/\s/.test(token)) throw new RangeError('it holds more than one word; write one token, and nothing else')
  if (token.length < SHORTEST_TOKEN) {
    throw new RangeError(`its token is shorter than ${SHORTEST_TOKEN} characters; make one with: openssl rand -hex 32`)
  }
  return token
}

function authoritiesOf(host: string, port: number): string[] {
  const name = host.includes(':') ? `[${host}]` : host
  return port === 80 ? [name, `${name}:80`] : [`${name}:${port}`]
}

function isOwn(origin: string, authorities: ReadonlySet<string>): boolean {
  const authority = /^https?:\/\/([^/?#@]+)$/i.exec(origin)?.[1]
  return authority !== undefined && authorities.has(authority.toLowerCase())
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
