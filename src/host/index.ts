/**
 * The host's room: what is on this host, as one graph. Read `graph.ts` first: it is the document that everything else makes
 * or reads. `survey.ts` takes it, in three steps: `discovery/` finds every namespace by the traces it leaves, `owners/` asks
 * the runtimes whose they are, `survey/` reads all of them through the kernel and joins the three. Around the graph stand
 * `targets/` (words for namespaces), `names/` (entries of /run/netns, kept right), `inspection/` (one namespace in full),
 * `pictures/` (tree, dot, mermaid, SVG), `compare/` (two moments) and `watch/` (every change as it happens).
 */

export * from './compare/index.ts'
export { discoverNamespaces } from './discovery/discover.ts'
export type { BrokenName, Discovery, Sighting } from './discovery/sighting.ts'
export * from './graph.ts'
export * from './inspection/index.ts'
export * from './names/index.ts'
export { type OpenDaemon, openDockerDaemons } from './owners/docker/open-daemons.ts'
export { asArray, asCount, asObject, asText, memberOf, parseJson } from './owners/foreign-value.ts'
export type { OwnerAnswer, OwnerClaim, OwnerEvidence, OwnerSource } from './owners/owner-source.ts'
export * from './pictures/index.ts'
export { type TakeGraphOptions, takeGraph } from './survey.ts'
export * from './targets/index.ts'
export type { Change, ChangedNamespace, WatchedAction, WatchedObject } from './watch/change.ts'
export { HostWatch, type WatchOptions } from './watch/host-watch.ts'
