/** Chains and rules ready to be asked, whichever tool wrote them, and how a packet goes through them. */
import type { Decision, FinalDecision, Named, Passage } from './passage.ts'

/** What a step says: go on; the rule is not for this packet; probably not, but nobody can tell; this is decided. */
export type StepResult = 'next' | 'break' | 'unlikely' | Decision

/** One condition or action of a rule. */
export interface Step {
  /** It decides or changes something; a doubt about whether it is reached is worth telling. */
  readonly acts: boolean
  run(passage: Passage): StepResult
}

/** A rule. */
export interface CompiledRule extends Named {
  readonly steps: readonly Step[]
}

/** A chain; base chains have a policy. */
export interface CompiledChain {
  readonly name: string
  readonly rules: readonly CompiledRule[]
}

/** How a chain ended a packet's way, and who did it. */
export interface ChainEnd {
  readonly decision: FinalDecision
  readonly rule: Named
}

/** Rules that a packet is sent past at one hook: jumps can multiply without bounds, and the rules may be anybody's. */
const MOST_RULES = 1_000_000

/** NFT_JUMP_STACK_SIZE; the kernel refuses rule sets that jump deeper. */
const DEEPEST_JUMP = 16

/**
 * Sends a packet through a chain.
 * @param chains those that rules jump to, by name
 * @returns undefined when it comes out at the end, or a rule says so: then the caller goes on, or a policy is applied
 */
export function runChain(
  passage: Passage,
  chain: CompiledChain,
  chains: ReadonlyMap<string, CompiledChain>,
  depth = 0,
): ChainEnd | undefined {
  for (const rule of chain.rules) {
    if (passage.lifted.has(rule)) continue
    if (++passage.asked > MOST_RULES) return undefined
    const decision = askRule(passage, rule)
    if (decision === undefined || decision.kind === 'continue') continue
    if (decision.kind === 'return') return undefined
    if (decision.kind !== 'jump' && decision.kind !== 'goto') return { decision, rule }
    const target = depth < DEEPEST_JUMP ? chains.get(decision.chain) : undefined
    const end = target === undefined ? undefined : runChain(passage, target, chains, depth + 1)
    if (end !== undefined || decision.kind === 'goto') return end
  }
  return undefined
}

/** What a rule decides; undefined when it is not for this packet, or only counts it. */
function askRule(passage: Passage, rule: CompiledRule): Decision | undefined {
  passage.rule = rule
  passage.pending.length = 0
  passage.unknownRegister = undefined
  let unlikely = false
  for (const step of rule.steps) {
    if (step.acts && passage.pending.length > 0) {
      passage.doubts.push(...passage.pending)
      passage.pending.length = 0
    }
    if (step.acts && unlikely) return undefined
    const result = step.run(passage)
    if (result === 'break') return undefined
    if (result === 'unlikely') unlikely = true
    else if (result !== 'next') return result
  }
  return undefined
}
