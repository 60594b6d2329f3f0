/** Rules of iptables-legacy in nftables' shapes, as far as a walk through filters needs them. */
import type {
  IptablesCondition,
  IptablesRule,
  IptablesTable,
  NftExpression,
  NftObject,
  NftStatement,
} from '../../../kernel/index.ts'

/** Name that the tables get, since nftables may have one of the same name; no table of nftables can be called so. */
export const LEGACY_PREFIX = 'legacy '

/** The filter tables of iptables-legacy as objects. */
export function legacyObjects(tables: readonly IptablesTable[]): NftObject[] {
  return tables.filter((table) => table.name === 'filter' && table.complete).flatMap(tableObjects)
}

function tableObjects({ family, name, chains }: IptablesTable): NftObject[] {
  const table = `${LEGACY_PREFIX}${name}`
  return chains.flatMap((chain): NftObject[] => {
    const hook = chain.hook?.toLowerCase() as 'input' | 'forward' | 'output' | undefined
    const base = hook === undefined ? {} : ({ type: 'filter', hook, prio: 0, policy: policyOf(chain.policy) } as const)
    return [
      { chain: { family, table, name: chain.name, ...base } },
      ...chain.rules.map((rule) => ({ rule: { family, table, chain: chain.name, expr: statements(family, rule) } })),
    ]
  })
}

function policyOf(policy: string | undefined): 'accept' | 'drop' {
  return policy === 'DROP' ? 'drop' : 'accept'
}

function statements(family: 'ip' | 'ip6', rule: IptablesRule): NftStatement[] {
  const field = (name: string): NftExpression => ({ payload: { protocol: family, field: name } })
  return [
    ...condition(field('saddr'), rule.source, prefix),
    ...condition(field('daddr'), rule.destination, prefix),
    ...condition({ meta: { key: 'iifname' } }, rule.inInterface, interfaceName),
    ...condition({ meta: { key: 'oifname' } }, rule.outInterface, interfaceName),
    ...(rule.protocol === undefined && rule.fragment === undefined ? [] : [unclear('protocol')]),
    ...rule.matches.map((match) => unclear(match.name)),
    ...targetOf(rule),
  ]
}

function unclear(name: string): NftStatement {
  return { xt: { type: 'match', name } }
}

function condition<T>(
  left: NftExpression,
  wanted: IptablesCondition<T> | undefined,
  write: (value: T) => NftExpression,
): NftStatement[] {
  if (wanted === undefined) return []
  return [{ match: { left, right: write(wanted.value), op: wanted.inverted ? '!=' : '==' } }]
}

function prefix(text: string): NftExpression {
  const [addr = '', length] = text.split('/')
  return length === undefined ? addr : { prefix: { addr, len: Number(length) } }
}

function interfaceName(name: string): string {
  return name.replace(/\+$/, '*')
}

function targetOf({ target }: IptablesRule): NftStatement[] {
  if (target.kind === 'none') return []
  if (target.kind === 'extension') return [{ xt: { type: 'target', name: target.name } }]
  if (target.kind !== 'verdict') {
    const { chain } = target
    return [target.kind === 'jump' ? { jump: { target: chain } } : { goto: { target: chain } }]
  }
  if (target.verdict === 'ACCEPT') return [{ accept: null }]
  if (target.verdict === 'DROP') return [{ drop: null }]
  return target.verdict === 'RETURN' ? [{ return: null }] : [{ queue: null }]
}
