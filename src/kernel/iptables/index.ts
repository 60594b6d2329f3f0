/**
 * Rule sets of iptables-legacy, read only. Begin with `rule.ts`, the shapes; `read-tables.ts` asks the kernel, `entry.ts` and
 * `decode-table.ts` take its bytes apart, `matches.ts` and `targets.ts` know the extensions, `save-notation.ts` writes rules
 * as iptables-save does.
 */

export { decodeTable, type TableInfo } from './decode-table.ts'
export type { RawExtension } from './entry.ts'
export { decodeMatch as decodeIptablesMatch, decodeTarget as decodeIptablesTarget } from './extensions.ts'
export { type RawTable, readIptables, readRawTables } from './read-tables.ts'
export type {
  IptablesChain,
  IptablesCondition,
  IptablesCounters,
  IptablesExtension,
  IptablesFamily,
  IptablesHook,
  IptablesOption,
  IptablesRule,
  IptablesTable,
  IptablesTarget,
  IptablesVerdict,
} from './rule.ts'
export { iptablesRuleText } from './save-notation.ts'
