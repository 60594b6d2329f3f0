/**
 * What /proc tells of processes. Start with `process-ids.ts` (who is there), then `namespace-link.ts` (where they live),
 * `descriptors.ts` and `borrowed-descriptors.ts` (what they hold), `process-text.ts` (what they are called); `protocol-counters.ts`
 * is about a namespace. Everything here
 * reads on the calling thread and takes a process that ends meanwhile for one that was never there.
 */
export { BorrowedDescriptors } from './borrowed-descriptors.ts'
export { controllersOf, type ResourceUse, resourceUseOf } from './control-group.ts'
export { type DescriptorVisitor, type WalkOutcome, walkDescriptors } from './descriptors.ts'
export {
  DENIED,
  GONE,
  namespaceOfLink,
  namespaceOfTask,
  pathThroughProcess,
  seesWholeMountTable,
  type TaskReference,
} from './namespace-link.ts'
export { processIds, threadCount, threadIds } from './process-ids.ts'
export { argumentsOf, commandOf, controlGroupOf } from './process-text.ts'
export { type ProtocolCounters, readProtocolCounters } from './protocol-counters.ts'
