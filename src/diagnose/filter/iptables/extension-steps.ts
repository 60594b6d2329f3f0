/** Extensions of iptables inside rules of nf_tables, as iptables-nft writes them. */
import { decodeIptablesMatch, decodeIptablesTarget, type NfExpressionOf } from '../../../kernel/index.ts'
import type { Step } from '../chain.ts'
import type { RuleContext } from '../nft/rule-context.ts'
import { conditionStep } from './condition-step.ts'
import { targetStep } from './target-step.ts'

/** A match as a step. */
export function iptablesMatch(expression: NfExpressionOf<'match'>, { family, where }: RuleContext): Step {
  const { name = '', revision = 0, info: data = Buffer.alloc(0) } = expression
  return conditionStep(decodeIptablesMatch({ name, revision, data }, family === 'ip6' ? 'ip6' : 'ip'), where)
}

/** A target as a step. */
export function iptablesTarget(expression: NfExpressionOf<'target'>, { family, where }: RuleContext): Step {
  const { name = '', revision = 0, info: data = Buffer.alloc(0) } = expression
  return targetStep(decodeIptablesTarget({ name, revision, data }, family === 'ip6' ? 'ip6' : 'ip'), where)
}
