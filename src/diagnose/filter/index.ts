/**
 * Rule sets as something that can be asked: what nftables, iptables-nft and iptables-legacy, with connection tracking and
 * address translation, make of a packet at a hook. Begin with `filter-rules.ts`, the question and the answer;
 * `read-filter-rules.ts` reads a namespace, `hook-order.ts` says who is asked when, `chain.ts` sends a packet (`passage.ts`)
 * through rules. `nft/` and `iptables/` turn rules into steps, `tracking.ts` and `translation.ts` are the flow's side.
 * `remedy.ts` writes the commands that let a packet pass.
 */
export type * from './filter-rules.ts'
export { readFilterRules } from './read-filter-rules.ts'
export { filterRemedy } from './remedy.ts'
