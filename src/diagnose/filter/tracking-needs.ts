/**
 * Whether rules make the kernel track connections: it does so per namespace and family, as long as something asks for it
 * (nf_ct_netns_get in net/netfilter/nf_conntrack_proto.c).
 */
import type { IptablesTable, NfExpression, NfTable } from '../../kernel/index.ts'

/** What is tracked. */
export type TrackedLayer = 'ipv4' | 'ipv6' | 'bridge'

const expressions = new Set(['ct', 'connlimit', 'nat', 'masq', 'redir', 'flow_offload', 'synproxy'])
const extensions = new Set([
  'conntrack',
  'state',
  'connmark',
  'connbytes',
  'connlabel',
  'connlimit',
  'helper',
  'cluster',
  'CONNMARK',
  'CT',
  'SNAT',
  'DNAT',
  'MASQUERADE',
  'REDIRECT',
  'NETMAP',
  'SYNPROXY',
])
const layers = { ip: ['ipv4'], ip6: ['ipv6'], inet: ['ipv4', 'ipv6'], bridge: ['bridge'], arp: [], netdev: [] } as const

/** What the rules of a namespace make the kernel track. */
export function trackedLayers(tables: readonly NfTable[], legacy: readonly IptablesTable[]): ReadonlySet<TrackedLayer> {
  const found = new Set<TrackedLayer>()
  for (const table of tables) {
    if (
      table.chains.some(
        ({ base, rules }) => base?.type === 'nat' || rules.some((rule) => rule.expressions.some(tracks)),
      )
    ) {
      for (const layer of layers[table.family]) found.add(layer)
    }
  }
  for (const { family, name, chains } of legacy) {
    const asks = chains.some(({ rules }) =>
      rules.some(
        ({ matches, target }) =>
          matches.some((match) => extensions.has(match.name)) ||
          (target.kind === 'extension' && extensions.has(target.name)),
      ),
    )
    if (name === 'nat' || asks) found.add(family === 'ip' ? 'ipv4' : 'ipv6')
  }
  return found
}

function tracks(expression: NfExpression): boolean {
  if (expression.kind === 'match' || expression.kind === 'target') return extensions.has(expression.name ?? '')
  return expressions.has(expression.kind)
}
