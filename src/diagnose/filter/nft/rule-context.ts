/** What the expressions of a rule may refer to. */
import type { NfExpression, NfFamily } from '../../../kernel/index.ts'
import type { ElementIndex } from './element-index.ts'

/** The table that a rule stands in, and the rule itself. */
export interface RuleContext {
  readonly family: NfFamily
  /** How to look a key up in a set of the table; undefined when there is no such set. */
  set(name: string): ElementIndex | undefined
  /** State of a named object. */
  object(name: string): NfExpression | undefined
  /** The rule, for sentences: `rule 4 of chain FORWARD in table ip filter`. */
  readonly where: string
}
