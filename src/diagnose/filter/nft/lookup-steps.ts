/** Looking something up in a set or a map of the table. */
import type { NfElement, NfExpression, NfExpressionOf } from '../../../kernel/index.ts'
import type { Step, StepResult } from '../chain.ts'
import type { Passage } from '../passage.ts'
import type { RuleContext } from './rule-context.ts'
import { verdictDecision } from './verdict-decision.ts'

type Lookup = Extract<NfExpression, { readonly kind: 'lookup' | 'dynset' | 'objref' }>
type Compile = (expression: NfExpression, context: RuleContext) => Step

const INVERTED = 1
const VERDICT_REGISTER = 0
/** Longest key (NFT_DATA_VALUE_MAXLEN). */
const LONGEST_KEY = 64

/** Makes a step of an expression that asks a set. @param compile for the expressions that elements hold */
export function lookupStep(expression: Lookup, context: RuleContext, compile: Compile): Step {
  switch (expression.kind) {
    case 'lookup':
      return lookup(expression, context, compile)
    case 'dynset':
      return dynamicSet(expression, context, compile)
    case 'objref':
      return objectReference(expression, context, compile)
  }
}

function lookup(expression: NfExpressionOf<'lookup'>, context: RuleContext, compile: Compile): Step {
  const { set = '', sreg = 0, dreg, flags = 0 } = expression
  const inverted = (flags & INVERTED) !== 0
  const lacking = `${context.where} asks the set ${set}, which could not be read; it was taken as not met`
  const stepsOf = heldSteps(context, compile)
  return {
    acts: dreg === VERDICT_REGISTER,
    run(passage) {
      if (passage.unknownRegister === sreg) return 'unlikely'
      const index = context.set(set)
      if (index === undefined) {
        passage.pending.push(lacking)
        return 'unlikely'
      }
      const element = index.find(passage.registers.load(sreg, index.keyLength))
      if (dreg === undefined && (element !== undefined) === inverted) return 'break'
      if (element === undefined) return dreg === undefined ? 'next' : 'break'
      const limited = firstRefusal(stepsOf(element), passage)
      if (limited !== 'next') return limited
      return dreg === undefined ? 'next' : mapped(element, dreg, passage)
    },
  }
}

/** What limits of an element say of it. */
function firstRefusal(steps: readonly Step[], passage: Passage): StepResult {
  for (const step of steps) {
    const result = step.run(passage)
    if (result !== 'next') return result
  }
  return 'next'
}

function mapped(element: NfElement, dreg: number, passage: Passage): StepResult {
  const { data } = element
  if (data?.verdict !== undefined) return verdictDecision(data.verdict) ?? 'break'
  if (data?.value !== undefined) passage.registers.store(dreg, data.value)
  return 'next'
}

/** Adding an element is taken to succeed. An element that is there keeps its own limits, a new one gets those of the rule. */
function dynamicSet(expression: NfExpressionOf<'dynset'>, context: RuleContext, compile: Compile): Step {
  const inner = expression.expressions ?? (expression.expression === undefined ? [] : [expression.expression])
  const steps = inner.map((one) => compile(one, context))
  const { set = '', sregKey = 0, flags = 0 } = expression
  const inverted = (flags & INVERTED) !== 0
  const stepsOf = heldSteps(context, compile)
  return {
    acts: false,
    run(passage) {
      if (inverted) return 'break'
      const index = context.set(set)
      const element = index?.find(passage.registers.load(sregKey, index.keyLength))
      const own = element === undefined || element.expressions.length === 0 ? steps : stepsOf(element)
      return firstRefusal(own, passage)
    },
  }
}

/** The steps of expressions that elements hold, made when they are first met. */
function heldSteps(context: RuleContext, compile: Compile): (element: NfElement) => readonly Step[] {
  const held = new Map<NfElement, readonly Step[]>()
  return (element) => {
    const known = held.get(element)
    if (known !== undefined) return known
    const steps = element.expressions.map((inner) => compile(inner, context))
    held.set(element, steps)
    return steps
  }
}

/** A named object stands for the expression that it would be in the rule. */
function objectReference(expression: NfExpressionOf<'objref'>, context: RuleContext, compile: Compile): Step {
  const { name, set, sreg = 0 } = expression
  const steps = new Map<string, Step | undefined>()
  const stepOf = (object: string): Step | undefined => {
    if (!steps.has(object)) {
      const state = context.object(object)
      steps.set(object, state === undefined ? undefined : compile(state, context))
    }
    return steps.get(object)
  }
  return {
    acts: false,
    run(passage) {
      if (set === undefined) return stepOf(name ?? '')?.run(passage) ?? 'next'
      const index = context.set(set)
      const object = index?.find(passage.registers.load(sreg, Math.min(index.keyLength, LONGEST_KEY)))?.object
      return object === undefined ? 'break' : (stepOf(object)?.run(passage) ?? 'next')
    },
  }
}
