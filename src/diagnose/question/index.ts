/**
 * From what people ask to a flow. `question.ts` is what is asked and what comes of it, `ask-question.ts` the whole;
 * `target-address.ts` chooses among a namespace's addresses, `name-resolution.ts` resolves names as the programs of a
 * namespace would, and `name-cause.ts` says why that failed.
 */
export { askQuestion } from './ask-question.ts'
export type * from './question.ts'
export { QuestionError } from './question-error.ts'
