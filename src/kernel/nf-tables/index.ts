/**
 * nf_tables by netlink: what the kernel itself has of a rule set, for programs that ask rules about packets. Read `nf-table.ts`
 * first: tables, chains, rules, sets; `rule-set.ts` reads them, `copy-rule-set.ts` copies them into another namespace. A rule is made of expressions (`expression.ts`, their attributes in
 * `expression-tables.ts`), which work on registers that hold bytes (`nf-data.ts`). `filter-trace.ts` watches packets pass the
 * rules. To read rule sets in people's notation, or to change them, see `../nftables/`.
 */
export { copyNfTables } from './copy-rule-set.ts'
export type { NfExpression, NfExpressionOf } from './expression.ts'
export {
  FilterTrace,
  type FilterTraceItem,
  type FilterTraceMatch,
  type FilterTraceOptions,
  openFilterTrace,
} from './filter-trace.ts'
export type { NfData, NfVerdict } from './nf-data.ts'
export type {
  NfBase,
  NfChain,
  NfElement,
  NfFamily,
  NfFlowtable,
  NfHook,
  NfObject,
  NfRule,
  NfSet,
  NfTable,
} from './nf-table.ts'
export { readNfTables } from './rule-set.ts'
export type { FilterTraceEvent } from './trace-event.ts'
