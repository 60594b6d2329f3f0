/** Tools that people know: `known-tools.ts` lists them, `find-tools.ts` looks for them on this host. */
export { type FoundTool, findTools, type ToolList } from './find-tools.ts'
export type { KnownTool } from './known-tools.ts'
