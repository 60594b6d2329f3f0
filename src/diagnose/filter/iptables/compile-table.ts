/** Tables of iptables-legacy, ready to be asked. */
import {
  type IptablesChain,
  type IptablesCondition,
  type IptablesRule,
  type IptablesTable,
  iptablesRuleText,
} from '../../../kernel/index.ts'
import type { CompiledChain, CompiledRule, Step, StepResult } from '../chain.ts'
import type { RuleReference } from '../filter-rules.ts'
import { networkTest } from '../network.ts'
import type { Named, Passage } from '../passage.ts'
import { conditionStep } from './condition-step.ts'
import { interfaceTest } from './interface-test.ts'
import { targetStep } from './target-step.ts'

/** A built-in chain, which packets are sent to. */
export interface BuiltInChain {
  readonly chain: CompiledChain
  readonly hook: NonNullable<IptablesChain['hook']>
  readonly policy: 'accept' | 'drop'
  /** Names the policy. */
  readonly policyName: Named
}

/** A table of iptables-legacy. */
export interface CompiledTable {
  readonly chains: ReadonlyMap<string, CompiledChain>
  readonly builtIn: readonly BuiltInChain[]
}

/** Makes a table ready. */
export function compileTable(table: IptablesTable): CompiledTable {
  const chains = new Map(table.chains.map((chain) => [chain.name, compileChain(chain, table)]))
  const builtIn = table.chains.flatMap(({ name, hook, policy }): BuiltInChain[] => {
    const chain = chains.get(name)
    if (hook === undefined || chain === undefined) return []
    const text = `policy ${policy === 'DROP' ? 'drop' : 'accept'}`
    const reference = (): RuleReference => ({ ...place(table, name), position: null, text })
    return [{ chain, hook, policy: policy === 'DROP' ? 'drop' : 'accept', policyName: { reference, scope: 'all' } }]
  })
  return { chains, builtIn }
}

function place(table: IptablesTable, chain: string): Omit<RuleReference, 'position' | 'text'> {
  return { backend: 'iptables-legacy', family: table.family, table: table.name, chain, handle: null }
}

function compileChain(chain: IptablesChain, table: IptablesTable): CompiledChain {
  const rules = chain.rules.map((rule, i): CompiledRule => {
    const position = i + 1
    const where = `rule ${position} of chain ${chain.name} in table ${table.family} ${table.name} (iptables-legacy)`
    return {
      steps: ruleSteps(rule, where),
      scope: scopeOf(rule),
      reference: () => ({ ...place(table, chain.name), position, text: iptablesRuleText(chain, rule) }),
    }
  })
  return { name: chain.name, rules }
}

function ruleSteps(rule: IptablesRule, where: string): Step[] {
  return [
    ...conditionSteps(
      rule.source,
      networkTest,
      (test) =>
        ({ packet }) =>
          test(packet.source),
    ),
    ...conditionSteps(
      rule.destination,
      networkTest,
      (test) =>
        ({ packet }) =>
          test(packet.destination),
    ),
    ...conditionSteps(
      rule.inInterface,
      interfaceTest,
      (test) =>
        ({ visit }) =>
          test(visit.input?.name ?? ''),
    ),
    ...conditionSteps(
      rule.outInterface,
      interfaceTest,
      (test) =>
        ({ visit }) =>
          test(visit.output?.name ?? ''),
    ),
    ...conditionSteps(
      rule.protocol,
      (number) => (protocol: number) => protocol === number,
      (test) =>
        ({ packet }) =>
          test(packet.protocol),
    ),
    // Packets of ours are no second fragments.
    ...conditionSteps(
      rule.fragment,
      () => () => false,
      (test) => () => test(),
    ),
    ...rule.matches.map((match) => conditionStep(match, where)),
    ...targetSteps(rule, where),
  ]
}

function conditionSteps<T, F>(
  condition: IptablesCondition<T> | undefined,
  makeTest: (value: T) => F,
  ask: (test: F) => (passage: Passage) => boolean,
): Step[] {
  if (condition === undefined) return []
  const met = ask(makeTest(condition.value))
  const { inverted } = condition
  return [{ acts: false, run: (passage): StepResult => (met(passage) === inverted ? 'break' : 'next') }]
}

function targetSteps({ target }: IptablesRule, where: string): Step[] {
  switch (target.kind) {
    case 'none':
      return []
    case 'jump':
    case 'goto': {
      const { kind, chain } = target
      return [{ acts: true, run: () => ({ kind, chain }) }]
    }
    case 'verdict': {
      const kind = ({ ACCEPT: 'accept', DROP: 'drop', QUEUE: 'taken', RETURN: 'return' } as const)[target.verdict]
      return [{ acts: true, run: () => ({ kind }) }]
    }
    case 'extension':
      return [targetStep(target, where)]
  }
}

/** What a rule is about. A protocol alone says little. */
function scopeOf(rule: IptablesRule): CompiledRule['scope'] {
  if (rule.matches.some(({ name }) => name === 'set')) return 'set'
  const own = [rule.source, rule.destination, rule.inInterface, rule.outInterface, rule.fragment]
  const narrows = own.some((one) => one !== undefined) || rule.matches.some(({ name }) => name !== 'comment')
  return narrows ? 'some' : 'all'
}
