/** Expressions of nf_tables as steps: what each does to registers, packet and flow (net/netfilter/nft_*.c). */
import type { NfExpression, NfExpressionOf } from '../../../kernel/index.ts'
import type { Step, StepResult } from '../chain.ts'
import { iptablesMatch, iptablesTarget } from '../iptables/extension-steps.ts'
import type { Passage } from '../passage.ts'
import { untrackedFlow } from '../tracking.ts'
import { arithmeticStep } from './arithmetic-steps.ts'
import { fieldStep } from './field-steps.ts'
import { limitStep } from './limit-steps.ts'
import { lookupStep } from './lookup-steps.ts'
import { rejectAnswer } from './reject-answer.ts'
import type { RuleContext } from './rule-context.ts'
import { translationStep } from './translation-steps.ts'
import { verdictDecision } from './verdict-decision.ts'

/** Makes a step of an expression. */
export function compileExpression(expression: NfExpression, context: RuleContext): Step {
  switch (expression.kind) {
    case 'immediate':
      return immediate(expression, context)
    case 'cmp':
    case 'range':
    case 'bitwise':
    case 'byteorder':
    case 'numgen':
    case 'hash':
      return arithmeticStep(expression, context)
    case 'payload':
    case 'meta':
    case 'ct':
    case 'fib':
    case 'exthdr':
    case 'rt':
      return fieldStep(expression, context)
    case 'lookup':
    case 'dynset':
    case 'objref':
      return lookupStep(expression, context, compileExpression)
    case 'limit':
    case 'quota':
    case 'connlimit':
      return limitStep(expression)
    case 'nat':
    case 'masq':
    case 'redir':
    case 'tproxy':
      return translationStep(expression, context)
    case 'notrack':
      return acting(notrack)
    case 'reject':
      return acting(({ packet }) => ({ kind: 'reject', answer: rejectAnswer(expression, packet) }))
    case 'queue':
    case 'synproxy':
    case 'fwd':
      return acting(() => ({ kind: 'taken' }))
    case 'counter':
    case 'last':
    case 'log':
    case 'dup':
    case 'flow_offload':
      return { acts: false, run: () => 'next' }
    case 'match':
      return iptablesMatch(expression, context)
    case 'target':
      return iptablesTarget(expression, context)
    // Conditions on sockets, operating systems and tunnels.
    case 'socket':
    case 'osf':
    case 'xfrm':
    case 'tunnel':
    case 'inner':
      return undecidable(`${expression.kind} expression`, context)
    case 'unknown':
      return undecidable(`expression "${expression.name}"`, context)
  }
}

/** A condition that usually is not met, and whose truth cannot be known here. */
function undecidable(what: string, { where }: RuleContext): Step {
  const doubt = `${where} depends on something that cannot be known beforehand (${what}); it was taken as not met`
  return {
    acts: false,
    run(passage) {
      passage.pending.push(doubt)
      return 'unlikely'
    },
  }
}

function acting(run: (passage: Passage) => StepResult): Step {
  return { acts: true, run }
}

const VERDICT_REGISTER = 0

function immediate({ dreg = VERDICT_REGISTER, data }: NfExpressionOf<'immediate'>, context: RuleContext): Step {
  if (data?.verdict !== undefined) {
    const decision = verdictDecision(data.verdict)
    return decision === undefined ? undecidable('unknown verdict', context) : acting(() => decision)
  }
  const value = data?.value ?? Buffer.alloc(0)
  return {
    acts: false,
    run({ registers }) {
      registers.store(dreg, value)
      return 'next'
    },
  }
}

/** A packet that belongs to no flow yet will belong to none. */
function notrack(passage: Passage): StepResult {
  if (passage.flow === undefined) passage.flow = untrackedFlow(passage.packet)
  return 'next'
}
