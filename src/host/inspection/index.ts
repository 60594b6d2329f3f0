/**
 * One namespace in full. `inspection.ts` is the document, `inspect-namespace.ts` makes it, and each `read-….ts` is a part
 * of it that stands for itself. `resolver-files.ts` also serves programs that are run in a namespace.
 */
export { type InspectionRequest, inspectNamespace } from './inspect-namespace.ts'
export * from './inspection.ts'
export { filesForHostProgram, type ResolverFiles, readResolverFiles } from './resolver-files.ts'
