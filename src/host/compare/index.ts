/**
 * Two moments of a host compared. `comparison.ts` finds out what of the one graph is what of the other
 * (`match-namespaces.ts`, `match-interfaces.ts`); the `compare-` files each tell one kind of difference; `read-graph.ts`
 * checks graphs that come from files.
 */
export type { ChangeKind, GraphChange } from './change.ts'
export { compareGraphs } from './compare-graphs.ts'
export { readGraph } from './read-graph.ts'
export { GraphFormatError } from './shape.ts'
