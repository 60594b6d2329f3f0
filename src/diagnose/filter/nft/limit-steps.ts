/** Limits: a packet of ours is taken to be within them, but for a quota that is used up. */
import type { NfExpression, NfExpressionOf } from '../../../kernel/index.ts'
import type { Step } from '../chain.ts'

type Limit = Extract<NfExpression, { readonly kind: 'limit' | 'quota' | 'connlimit' }>

/** The flag that turns each of them round: it matches what is above. */
const INVERTED = 1

/** Makes a step of a limit. */
export function limitStep(expression: Limit): Step {
  const inverted = ((expression.flags ?? 0) & INVERTED) !== 0
  const over = expression.kind === 'quota' && isUsedUp(expression)
  return { acts: false, run: () => (over === inverted ? 'next' : 'break') }
}

function isUsedUp({ bytes = 0n, consumed = 0n }: NfExpressionOf<'quota'>): boolean {
  return consumed >= bytes
}
