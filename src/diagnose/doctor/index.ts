/**
 * Examining a whole host. `examine.ts` makes every check of `registry.ts` on a scene; a check is one file of `checks/`.
 * `wiring.ts`, `segment.ts` and `overlay.ts` are what they look at: who is joined to whom, who hears whom, which tunnels
 * belong together.
 */
export { type ExamineOptions, examine, type FindingsDocument } from './examine.ts'
