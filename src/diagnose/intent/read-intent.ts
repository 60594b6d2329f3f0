/** Reads what ought to be from everybody who has it on record. */
import type { Graph } from '../../host/index.ts'
import { readDockerIntent } from './docker-intent.ts'
import { type Intent, NO_INTENT } from './intent.ts'
import { readLeases } from './leases.ts'

/** How to read it. */
export interface ReadIntentOptions {
  /** For DOCKER_HOST. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Longest wait for daemons, in milliseconds. Default 1,000. */
  readonly deadline?: number
  /** Where address plugins keep their files. */
  readonly leaseDirectory?: string
}

const DEFAULT_DEADLINE = 1000

/** Reads it. Whoever does not answer in time is left out. */
export async function readIntent(graph: Graph, options: ReadIntentOptions = {}): Promise<Intent> {
  const { environment = {}, deadline = DEFAULT_DEADLINE } = options
  // A daemon that answered the graph has given it at least the default network.
  const hasDocker = graph.networks.some(({ runtime }) => runtime === 'docker')
  const docker = hasDocker ? await readDockerIntent(graph, environment, AbortSignal.timeout(deadline)) : NO_INTENT
  return { ...docker, leases: readLeases(options.leaseDirectory) }
}
