/** What ought to be: `intent.ts` says in what shape, `read-intent.ts` reads it from everybody who has it on record. */
export type * from './intent.ts'
export { NO_INTENT } from './intent.ts'
export { type ReadIntentOptions, readIntent } from './read-intent.ts'
