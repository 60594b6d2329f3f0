/**
 * The driver's nftables table: one for both families, so that a network is one set of chains. Base chains only look up which
 * network a packet comes from or goes to, in maps keyed by interface or source; so a packet's way does not grow with the
 * number of networks, a network adds elements and chains, and an endpoint adds nothing at all.
 *
 * Priorities are nftables' usual ones. Base chains of other tables (Docker's, firewalld's, those of iptables) on the same hook
 * all see the packet too: an accept here ends only our own chain, a drop anywhere is final.
 */
import type { NftCommand, NftExpression, NftStatement } from '../../../kernel/index.ts'

/** Name of the table. */
export const TABLE = 'netwright-bridge'
const here = { family: 'inet', table: TABLE } as const

/** Names of maps and sets. */
export const MapName = {
  /** Interface that a packet came in by → the network's rules for what leaves it. */
  from: 'from',
  /** Interface that it goes out by → the network's rules for what enters it. */
  to: 'to',
  /** Outgoing interface → the network's translations of what enters it. */
  entering: 'entering',
  /** Source → the network's translations of what leaves it. */
  sources: { 4: 'sources4', 6: 'sources6' },
  /** All bridges of ours. */
  bridges: 'bridges',
  /** Address, protocol and port of the host → address and port of a container: nft 1.0.6 takes no pair as a value in JSON. */
  portAddress: { 4: 'port4-address', 6: 'port6-address' },
  portNumber: { 4: 'port4-number', 6: 'port6-number' },
  /** The same for ports on all addresses of the host: protocol and port. */
  anyAddress: { 4: 'any4-address', 6: 'any6-address' },
  anyNumber: { 4: 'any4-number', 6: 'any6-number' },
  /** Address, protocol and port of containers whose ports are open to everyone without translation. */
  open: { 4: 'open4', 6: 'open6' },
  /** Protocol and port of what is published on all addresses of IPv6, but cannot be had on its loopback. */
  notOnLoopback: 'not-on-loopback6',
} as const

const families = [
  { number: 4, ip: 'ip', type: 'ipv4_addr', nfproto: 'ipv4' },
  { number: 6, ip: 'ip6', type: 'ipv6_addr', nfproto: 'ipv6' },
] as const

/** `meta KEY` */
export const meta = (key: string): NftExpression => ({ meta: { key } })
/** A header's field. */
export const field = (protocol: string, name: string): NftExpression => ({ payload: { protocol, field: name } })
/** `LEFT RIGHT`, or another comparison. */
export const match = (left: NftExpression, right: NftExpression, op: '==' | '!=' | 'in' = '=='): NftStatement => ({
  match: { op, left, right },
})
/** `10.0.0.0/8` as an expression. */
export function prefix(text: string): NftExpression {
  const [addr = '', length] = text.split('/')
  return length === undefined ? addr : { prefix: { addr, len: Number(length) } }
}
/** The connection's destination was translated: to one of the ports that somebody published. */
export const translated = match({ ct: { key: 'status' } }, 'dnat', 'in')

/** A command that adds a rule at the end of a chain of ours. */
export function rule(chain: string, ...expr: NftStatement[]): NftCommand {
  return { add: { rule: { ...here, chain, expr } } }
}
/** A command that adds a chain that rules jump to. */
export function chain(name: string): NftCommand {
  return { add: { chain: { ...here, name } } }
}
/** A command on elements of a map or set. */
export function elements(verb: 'add' | 'delete', name: string, elem: readonly NftExpression[]): NftCommand {
  const element = { ...here, name, elem }
  return verb === 'add' ? { add: { element } } : { delete: { element } }
}
/** A command that empties or deletes a chain. */
export function chainAway(verb: 'flush' | 'delete', name: string): NftCommand {
  return verb === 'flush' ? { flush: { chain: { ...here, name } } } : { delete: { chain: { ...here, name } } }
}

function baseChain(
  name: string,
  type: 'filter' | 'nat',
  hook: 'input' | 'forward' | 'prerouting' | 'output' | 'postrouting',
  prio: number,
): NftCommand {
  return { add: { chain: { ...here, name, type, hook, prio, policy: 'accept' } } }
}

/** Packets from a pool go to a chain. */
export interface SourceJump {
  readonly family: 4 | 6
  readonly pool: string
  readonly chain: string
}

/** A jump as an element of the map of its family. */
export function sourceElement({ pool, chain }: SourceJump): NftExpression {
  return [prefix(pool), { jump: { target: chain } }]
}

/**
 * Commands that make the table, which must not exist yet, with its maps and base chains.
 * @param sources what the maps of sources hold from the start: libnftables 1.0.6 compares new intervals with those that the
 *   kernel has, and so cannot add any in the transaction that makes the map, unless they come with the map itself
 */
export function tableCommands(sources: readonly SourceJump[] = []): NftCommand[] {
  return [
    { add: { table: { family: 'inet', name: TABLE } } },
    ...sources.map((source) => chain(source.chain)),
    ...mapCommands(sources),
    ...filterCommands(),
    ...natCommands(),
  ]
}

/** Commands that take the table away with all that it holds, whether or not it exists. */
export function tableAwayCommands(): NftCommand[] {
  const table = { family: 'inet', name: TABLE } as const
  return [{ add: { table } }, { delete: { table } }]
}

function mapCommands(sources: readonly SourceJump[]): NftCommand[] {
  const map = (name: string, type: string | string[], value: string): NftCommand => ({
    add: { map: { ...here, name, type, map: value } },
  })
  const sourceMap = (family: 4 | 6, type: string): NftCommand => {
    const elem = sources.filter((source) => source.family === family).map(sourceElement)
    const intervals = { name: MapName.sources[family], type, map: 'verdict', flags: ['interval'] }
    return { add: { map: { ...here, ...intervals, ...(elem.length === 0 ? {} : { elem }) } } }
  }
  const perFamily = families.flatMap(({ number, type }) => [
    sourceMap(number, type),
    map(MapName.portAddress[number], [type, 'inet_proto', 'inet_service'], type),
    map(MapName.portNumber[number], [type, 'inet_proto', 'inet_service'], 'inet_service'),
    map(MapName.anyAddress[number], ['inet_proto', 'inet_service'], type),
    map(MapName.anyNumber[number], ['inet_proto', 'inet_service'], 'inet_service'),
    { add: { set: { ...here, name: MapName.open[number], type: [type, 'inet_proto', 'inet_service'] } } } as const,
  ])
  return [
    map(MapName.from, 'ifname', 'verdict'),
    map(MapName.to, 'ifname', 'verdict'),
    map(MapName.entering, 'ifname', 'verdict'),
    { add: { set: { ...here, name: MapName.bridges, type: 'ifname' } } },
    { add: { set: { ...here, name: MapName.notOnLoopback, type: ['inet_proto', 'inet_service'] } } },
    ...perFamily,
  ]
}

const PRIORITY = { destinationNat: -100, filter: 0, sourceNat: 100 } as const

function filterCommands(): NftCommand[] {
  const port = { concat: [meta('l4proto'), field('th', 'dport')] }
  const onLoopback = [match(field('ip6', 'daddr'), '::1'), match(port, `@${MapName.notOnLoopback}`)]
  const known = match({ ct: { key: 'state' } }, { set: ['established', 'related'] })
  return [
    baseChain('forward', 'filter', 'forward', PRIORITY.filter),
    rule('forward', known, { accept: null }),
    rule('forward', { vmap: { key: meta('iifname'), data: `@${MapName.from}` } }),
    rule('forward', { vmap: { key: meta('oifname'), data: `@${MapName.to}` } }),
    baseChain('input', 'filter', 'input', PRIORITY.filter),
    // route_localnet, which published ports need on loopback, would let containers reach the host's loopback addresses.
    rule(
      'input',
      match(field('ip', 'daddr'), prefix('127.0.0.0/8')),
      match({ ct: { key: 'direction' } }, 'original'),
      match(meta('iifname'), `@${MapName.bridges}`),
      { drop: null },
    ),
    // IPv6 has no route_localnet: what ::1 sends never comes back from a container. The socket that holds the port would
    // swallow it without a word; being refused, programs try 127.0.0.1 instead.
    rule('input', ...onLoopback, match(meta('l4proto'), 'tcp'), { reject: { type: 'tcp reset' } }),
    rule('input', ...onLoopback, { reject: { type: 'icmpx', expr: 'port-unreachable' } }),
  ]
}

function natCommands(): NftCommand[] {
  const local = match({ fib: { result: 'type', flags: ['daddr'] } }, 'local')
  return [
    baseChain('prerouting', 'nat', 'prerouting', PRIORITY.destinationNat),
    rule('prerouting', match(field('ip', 'daddr'), prefix('127.0.0.0/8')), { return: null }),
    rule('prerouting', match(field('ip6', 'saddr'), prefix('fe80::/10')), { return: null }),
    chain('publish'),
    rule('prerouting', local, { jump: { target: 'publish' } }),
    baseChain('output', 'nat', 'output', PRIORITY.destinationNat),
    rule('output', match(field('ip6', 'daddr'), '::1'), { return: null }),
    rule('output', local, { jump: { target: 'publish' } }),
    ...families.flatMap(({ number, ip, nfproto }) => [
      publish(ip, [field(ip, 'daddr')], MapName.portAddress[number], MapName.portNumber[number], nfproto),
      publish(ip, [], MapName.anyAddress[number], MapName.anyNumber[number], nfproto),
    ]),
    baseChain('postrouting', 'nat', 'postrouting', PRIORITY.sourceNat),
    rule('postrouting', { vmap: { key: meta('oifname'), data: `@${MapName.entering}` } }),
    ...families.map(({ number, ip }) =>
      rule('postrouting', { vmap: { key: field(ip, 'saddr'), data: `@${MapName.sources[number]}` } }),
    ),
  ]
}

/** The rule that leads published ports to containers. */
function publish(
  ip: 'ip' | 'ip6',
  address: NftExpression[],
  addresses: string,
  ports: string,
  nfproto: string,
): NftCommand {
  const key = { concat: [...address, meta('l4proto'), field('th', 'dport')] }
  return rule('publish', match(meta('nfproto'), nfproto), {
    dnat: { family: ip, addr: { map: { key, data: `@${addresses}` } }, port: { map: { key, data: `@${ports}` } } },
  })
}
