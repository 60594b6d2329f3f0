/**
 * Paths, hop by hop. `find-path.ts` is the whole; `hop-prober.ts` says what it needs of a protocol, `echo-prober.ts` and
 * `segment-prober.ts` are the three; `path-mtu.ts` finds how large packets may be.
 */
export { findPath, type PathInit, type PathOutcome, type PathProtocol, type PathReport } from './find-path.ts'
export type { PathHop } from './hop-record.ts'
