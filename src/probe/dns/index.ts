/**
 * Names, looked up as programs in a namespace would. `look-up.ts` is the whole (hosts, search list), on `ask-servers.ts` (the
 * servers in turn) and `exchange.ts` (one question, one server); below are the wire (`message.ts`) and resolv.conf.
 */
export type { AskedStatus } from './ask-servers.ts'
export { type Exchange, type ExchangeInit, type ExchangeOutcome, exchange } from './exchange.ts'
export { type LookUp, type LookUpInit, type LookUpStep, lookUp } from './look-up.ts'
export type { Answer, Question, ResourceRecord } from './message.ts'
export { type RecordData, recordText } from './record-data.ts'
export { RECORD_TYPES, type RecordType } from './record-type.ts'
export { parseResolverConfiguration, type ResolverConfiguration, type ResolverTexts } from './resolver-files.ts'
