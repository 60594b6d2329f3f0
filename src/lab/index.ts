/**
 * The lab's room: networks described in one file. `topology/` reads a file in the field's format, with ours beyond it, and says
 * what it means: read `topology.ts` (the outcome) and `read-topology.ts` (the way there), then `lab-file.ts` (YAML with places).
 */
export * from './lab-error.ts'
export { type ReadTopologyOptions, readTopology } from './topology/read-topology.ts'
export type * from './topology/topology.ts'
