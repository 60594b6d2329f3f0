/**
 * Leads port 53 of 127.0.0.11 to the ports that the resolver has. It does not hold port 53 itself, because nothing in the
 * sandbox could then listen on port 53 of all addresses: programs that answer names would not start in a container.
 *
 * The ports are rewritten in the packets, both ways, without connection tracking: no state is kept for each of a sandbox's
 * queries, and every packet passes the output hook of the sandbox, so that two rewrites are all that is needed. The table
 * stays when the process ends, and the next one takes over its ports.
 */
import { isDeepStrictEqual } from 'node:util'
import {
  hasCode,
  type NamespaceHandle,
  Nftables,
  NftablesMissingError,
  type NftCommand,
  type NftExpression,
  type NftStatement,
} from '../../kernel/index.ts'
import { DNS_PORT, RESOLVER_ADDRESS } from './protocol.ts'

const REDIRECT_TABLE = 'netwright-dns'
const table = { family: 'ip', name: REDIRECT_TABLE } as const
const chain = { family: 'ip', table: REDIRECT_TABLE, name: 'output' } as const
/** Before connection tracking (nft(8), priority raw). */
const PRIORITY_RAW = -300

/** Ports of a resolver. */
export interface ResolverPorts {
  readonly udp: number
  readonly tcp: number
}

/**
 * The ports that port 53 is led to already, by a process before this one; undefined when it is not, or not as we do it.
 * Whoever takes those ports over needs no new rules: replacing a table waits 15 ms for the kernel, and adding one does not.
 * @throws NftablesMissingError, NftablesError
 */
export function redirectedPorts(namespace: NamespaceHandle): ResolverPorts | undefined {
  using nftables = Nftables.open(namespace)
  const found = rulesOf(nftables)
  const ports = found === undefined ? undefined : { udp: targetOf(found[0]), tcp: targetOf(found[2]) }
  return ports !== undefined && isDeepStrictEqual(found, rules(ports)) ? ports : undefined
}

/** Leads port 53 to these ports. @throws NftablesMissingError, NftablesError */
export function redirectPort53(namespace: NamespaceHandle, ports: ResolverPorts): void {
  using nftables = Nftables.open(namespace)
  const hook = { type: 'filter', hook: 'output', prio: PRIORITY_RAW, policy: 'accept' } as const
  nftables.run([
    ...(rulesOf(nftables) === undefined ? [] : AWAY),
    { add: { table } },
    { add: { chain: { ...chain, ...hook } } },
    ...rules(ports).map(
      (expr): NftCommand => ({ add: { rule: { family: 'ip', table: REDIRECT_TABLE, chain: chain.name, expr } } }),
    ),
  ])
}

/** Takes the table away, whether or not it is there. @throws NftablesMissingError, NftablesError */
export function removeRedirect(namespace: NamespaceHandle): void {
  using nftables = Nftables.open(namespace)
  nftables.run(AWAY)
}

/** Takes the table away, whether or not it is there. */
const AWAY: readonly NftCommand[] = [{ add: { table } }, { delete: { table } }]

/** What the rules of the table are made of, in order; undefined without the table. */
function rulesOf(nftables: Nftables): (readonly NftStatement[])[] | undefined {
  try {
    const objects = nftables.list({ table })
    return objects.flatMap((object) => ('rule' in object ? [object.rule.expr ?? []] : []))
  } catch (error) {
    if (hasCode(error, 'ENOENT') && !(error instanceof NftablesMissingError)) return undefined
    throw error
  }
}

/** The port that a rule leads to; 0 when it is none of ours. */
function targetOf(rule: readonly NftStatement[] | undefined): number {
  const last = rule?.at(-1)
  const value = last !== undefined && 'mangle' in last ? last.mangle.value : 0
  return typeof value === 'number' ? value : 0
}

function rules(ports: ResolverPorts): NftStatement[][] {
  return (['udp', 'tcp'] as const).flatMap((protocol) => [
    rewrite(protocol, 'daddr', 'dport', DNS_PORT, ports[protocol]),
    rewrite(protocol, 'saddr', 'sport', ports[protocol], DNS_PORT),
  ])
}

function rewrite(
  protocol: 'udp' | 'tcp',
  side: 'daddr' | 'saddr',
  portField: 'dport' | 'sport',
  from: number,
  to: number,
): NftStatement[] {
  const field = (header: string, name: string): NftExpression => ({ payload: { protocol: header, field: name } })
  const port = field(protocol, portField)
  return [
    { match: { op: '==', left: field('ip', side), right: RESOLVER_ADDRESS } },
    { match: { op: '==', left: port, right: from } },
    { notrack: null },
    { mangle: { key: port, value: to } },
  ]
}
