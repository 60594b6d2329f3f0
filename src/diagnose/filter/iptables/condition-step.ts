/** Matches of iptables as steps. */
import type { IptablesExtension, IptablesOption } from '../../../kernel/index.ts'
import type { Step } from '../chain.ts'
import type { Condition } from './condition.ts'
import { conditionOf } from './conditions.ts'

/** Makes a step of a match: all of its options must be met. */
export function conditionStep(extension: IptablesExtension, where: string): Step {
  const what = `match "${extension.name}"`
  const doubt = `${where} depends on something that cannot be known beforehand (${what})`
  const { options } = extension
  const conditions = options === undefined ? [() => undefined] : conditionsOf(extension, options)
  return {
    acts: false,
    run(passage) {
      let unlikely = false
      for (const condition of conditions) {
        const met = condition(passage)
        if (met === false) return 'break'
        if (met === undefined) unlikely = true
      }
      if (!unlikely) return 'next'
      passage.pending.push(`${doubt}; it was taken as not met`)
      return 'unlikely'
    },
  }
}

function conditionsOf({ name }: IptablesExtension, options: readonly IptablesOption[]): readonly Condition[] {
  const probability = options.find((option) => option.name === 'probability' || option.name === 'every')
  if (name === 'statistic' && probability !== undefined) return [byChance(probability)]
  return options.map((option) => {
    const condition = conditionOf(name, option, options)
    if (!option.inverted) return condition
    return (passage) => {
      const met = condition(passage)
      return met === undefined ? undefined : !met
    }
  })
}

/** One in `every`, or with a probability: what is at least as likely as not is taken as met. */
function byChance({ name, values: [value = ''], inverted }: IptablesOption): Condition {
  const share = name === 'every' ? 1 / Number(value) : Number(value)
  const likelihood = inverted ? 1 - share : share
  if (likelihood >= 1) return () => true
  if (likelihood < 0.5) return () => undefined
  return ({ pending }) => {
    pending.push(`a rule applies to ${Math.round(likelihood * 100)} % of packets by chance; it was taken to apply`)
    return true
  }
}
