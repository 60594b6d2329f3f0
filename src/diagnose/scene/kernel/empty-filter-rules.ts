/** The rule sets of a namespace that has none: everything passes. */
import type { FilterRules } from '../../filter/filter-rules.ts'

/** Rule sets without a rule. */
export function emptyFilterRules(): FilterRules {
  return {
    isEmpty: () => true,
    traverse: ({ packet, flow }) => ({
      verdict: 'accept',
      packet,
      flow,
      translations: [],
      rule: undefined,
      rejectWith: undefined,
      doubts: [],
    }),
    warnings: [],
  }
}
