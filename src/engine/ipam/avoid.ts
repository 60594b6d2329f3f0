/** What a pool that nobody asked for by name must keep clear of, so that the host goes on reaching what it reaches now. */
import { listRoutes, type NamespaceHandle, NetlinkProtocol, NetlinkSocket } from '../../kernel/index.ts'
import { bitsOf, formatPrefix, lastOf, parseAddress, prefixOf, RangeSet } from '../addresses/index.ts'
import { readRange } from './outside-text.ts'

/**
 * Widest route that is heeded: the widest ranges for private use, 10.0.0.0/8 and fc00::/7. Wider ones stand for everywhere
 * (0.0.0.0/1 and 128.0.0.0/1 of a VPN, 2000::/3) and would leave no pool.
 */
const WIDEST = { 4: 8, 6: 7 } as const

/**
 * Destinations of the routes of all tables of a namespace, and its nameservers, as prefixes. Local addresses of the host are
 * among them: they are routes of the table `local`.
 * @param resolvConf text of the resolv.conf that the host uses
 * @throws NetlinkError
 */
export function prefixesToAvoid(host: NamespaceHandle, resolvConf: string): string[] {
  return [...new Set([...routesOf(host), ...nameserversIn(resolvConf)])]
}

function routesOf(host: NamespaceHandle): string[] {
  const socket = NetlinkSocket.open(NetlinkProtocol.route, host)
  try {
    return listRoutes(socket).flatMap(({ destination, destinationLength }) => {
      if (destination === undefined) return []
      const address = parseAddress(destination)
      return destinationLength < WIDEST[address.family] ? [] : [formatPrefix(prefixOf(address, destinationLength))]
    })
  } finally {
    socket.close()
  }
}

/** Addresses of resolv.conf(5); lines that are none are passed over, as the C library does. */
export function nameserversIn(resolvConf: string): string[] {
  return [...resolvConf.matchAll(/^nameserver[ \t]+([0-9a-fA-F.:]+)/gm)].flatMap(([, text]) => {
    try {
      const address = parseAddress(text!)
      return [formatPrefix(prefixOf(address, bitsOf(address.family)))]
    } catch {
      return []
    }
  })
}

/** Those of one family among some prefixes, for looking up. @throws EngineError pool-invalid */
export function rangesToAvoid(prefixes: readonly string[], family: 4 | 6): RangeSet {
  const ranges = new RangeSet()
  for (const text of prefixes) {
    const { prefix } = readRange(text)
    if (prefix.family === family) ranges.add(prefix.first, lastOf(prefix))
  }
  return ranges
}
