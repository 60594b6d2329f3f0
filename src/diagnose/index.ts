/**
 * The room of diagnosis: what is wrong on this host, why A cannot reach B, and what mends it. `finding.ts` is what it says,
 * `catalog/` every code that it can say. `scene/` is what it looks at: the graph of the host with each namespace in full.
 * `filter/` asks rule sets about a packet, `path/` follows a packet through the scene as the kernel would, `observe/` sends
 * one and watches it, `trace/` holds the two against each other and names the cause; `doctor/` examines everything at once;
 * `remedy/` writes the commands that mend.
 */

export * from './catalog/index.ts'
export * from './doctor/index.ts'
export * from './finding.ts'
export * from './intent/index.ts'
export type { Observation } from './observe/observation.ts'
export { observe } from './observe/observe.ts'
export type { Flow } from './path/flow.ts'
export { predict } from './path/predict.ts'
export type { Cause, Hop, Prediction, Verdict } from './path/prediction.ts'
export { askQuestion } from './question/index.ts'
export { shellWord } from './remedy/command-line.ts'
export * from './scene/index.ts'
export * from './support/index.ts'
export * from './trace/index.ts'
export { suppose } from './what-if/index.ts'
