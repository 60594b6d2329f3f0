/** The IP protocol that extensions of iptables in a rule are asked for (NFTA_RULE_COMPAT), which the kernel takes and never tells. */
import type { NfExpression } from './expression.ts'

/** Offsets of the protocol in the headers of IPv4 and IPv6. */
const PROTOCOL_OFFSETS = [9, 6]

/**
 * Finds it in the comparison that iptables-nft puts before them. Undefined when there is no extension; protocol 0 stands for
 * any.
 */
export function compatProtocol(
  expressions: readonly NfExpression[],
): { readonly protocol: number; readonly inverted: boolean } | undefined {
  if (!expressions.some(({ kind }) => kind === 'match' || kind === 'target')) return undefined
  for (const [i, expression] of expressions.entries()) {
    const next = expressions[i + 1]
    if (!loadsProtocol(expression) || next?.kind !== 'cmp') continue
    const [protocol] = next.data?.value ?? []
    if (protocol !== undefined) return { protocol, inverted: next.op === '!=' }
  }
  return { protocol: 0, inverted: false }
}

function loadsProtocol(expression: NfExpression): boolean {
  if (expression.kind === 'meta') return expression.key === 'l4proto'
  if (expression.kind !== 'payload' || expression.base !== 'network') return false
  return expression.length === 1 && PROTOCOL_OFFSETS.includes(expression.offset ?? 0)
}
