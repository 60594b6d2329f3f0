/**
 * Why can A not reach B. `trace.ts` is the whole of it: a question becomes a flow (`../question/`), which is predicted
 * (`../path/`) and observed (`../observe/`); `explain/` holds the two against each other and names the one cause, and
 * `trace-document.ts` is what is said. `check-all.ts` does it for a table of expectations.
 */
export { QuestionError } from '../question/index.ts'
export { WhatIfError } from '../what-if/index.ts'
export { checkAll, type ExpectationResult, type ExpectationsDocument } from './check-all.ts'
export { type Expectation, ExpectationsError, type ExpectedVerdict, parseExpectations } from './expectations.ts'
export { type TraceOptions, type TraceQuestion, trace, traceIn } from './trace.ts'
export type * from './trace-document.ts'
