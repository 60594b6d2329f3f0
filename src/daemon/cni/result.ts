/** The result of an ADD: what it made, as the version of the configuration writes it. */
import type { CniDns, CniRoute } from './configuration.ts'
import { atLeast, type CniVersion } from './version.ts'

/** An interface that was made. */
export interface CniInterface {
  readonly name: string
  readonly mac?: string
  readonly mtu?: number
  /** Path of its namespace; left out for interfaces of the host. */
  readonly sandbox?: string
}

/** An address that was given to an interface. */
export interface CniAddress {
  /** With prefix length. */
  readonly address: string
  readonly gateway?: string
  /** Position of its interface in `interfaces`. */
  readonly interface: number
}

/** What an ADD made. */
export interface CniResult {
  readonly interfaces: readonly CniInterface[]
  readonly ips: readonly CniAddress[]
  readonly routes: readonly CniRoute[]
  readonly dns: CniDns
}

/** Parts of a result document, of any version that is spoken here. */
interface Parts {
  readonly interfaces: readonly unknown[]
  readonly ips: readonly unknown[]
  readonly routes: readonly unknown[]
}

/**
 * A result as a document. What an earlier plugin of the chain made comes first and stays as it is.
 * @param previous reads a list of the previous result by its name; none without one
 */
export function resultDocument(
  result: CniResult,
  cniVersion: CniVersion,
  previous: (name: keyof Parts) => readonly unknown[] = () => [],
): Record<string, unknown> {
  const before: Parts = { interfaces: previous('interfaces'), ips: previous('ips'), routes: previous('routes') }
  const shift = before.interfaces.length
  return {
    cniVersion,
    interfaces: [...before.interfaces, ...result.interfaces.map((one) => interfaceDocument(one, cniVersion))],
    ips: [...before.ips, ...result.ips.map((one) => addressDocument(one, shift, cniVersion))],
    routes: [...before.routes, ...result.routes],
    dns: result.dns,
  }
}

/** The MTU is told from 1.1.0 on. */
function interfaceDocument({ mtu, ...rest }: CniInterface, cniVersion: CniVersion): Record<string, unknown> {
  return atLeast(cniVersion, '1.1.0') && mtu !== undefined ? { ...rest, mtu } : rest
}

/** Before 1.0.0 every address names its family. */
function addressDocument(one: CniAddress, shift: number, cniVersion: CniVersion): Record<string, unknown> {
  const family = atLeast(cniVersion, '1.0.0') ? {} : { version: one.address.includes(':') ? '6' : '4' }
  return { ...family, ...one, interface: one.interface + shift }
}
