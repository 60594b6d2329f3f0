/** Takes the graph of the host: discovery, then owners and kernel side by side, then the join. */
import { hostname } from 'node:os'
import { discoverNamespaces, readOwnerEvidence } from './discovery/discover.ts'
import type { Graph } from './graph.ts'
import { askOwners } from './owners/ask-owners.ts'
import { defaultSources } from './owners/default-sources.ts'
import { assembleGraph } from './survey/assemble.ts'
import { observe } from './survey/observe.ts'

/** How to take a graph. */
export interface TakeGraphOptions {
  /** For DOCKER_HOST; default: none. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Longest wait for the daemons that know who owns what. Default 1,000 ms. */
  readonly ownerDeadline?: number
}

/**
 * Takes the graph of this host as it is now. Nothing of the host is changed, and what cannot be seen becomes a warning.
 * @throws KernelError only when the kernel refuses what any user may do
 */
export async function takeGraph(options: TakeGraphOptions = {}): Promise<Graph> {
  const discovery = discoverNamespaces()
  const evidence = readOwnerEvidence(discovery)
  const asking = askOwners(evidence, defaultSources(options.environment ?? {}), {
    deadlineMilliseconds: options.ownerDeadline ?? 1000,
  })
  // Lets the questions leave before the survey keeps this thread busy: the daemons then work on their answers meanwhile.
  await new Promise((resolve) => setImmediate(resolve))
  const { observed, warnings } = observe(discovery)
  return assembleGraph({
    host: hostname(),
    takenAt: new Date(),
    discovery,
    observed,
    owners: await asking,
    warnings,
  })
}
