/** What the routes of the API work with. */
import type { EngineEvent } from '../../engine/index.ts'
import type { EventLog } from '../events/event-log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Operations } from '../operations/operations.ts'

/** How the daemon is. */
export interface Health {
  readonly status: 'serving' | 'stopping'
  readonly version: string
  readonly pid: number
  /** ISO 8601 */
  readonly started: string
  readonly state: string
  readonly run: string
  readonly networks: number
  readonly endpoints: number
  readonly sandboxes: number
}

/** The daemon as its API sees it. */
export interface ApiContext {
  readonly operations: Operations
  readonly events: EventLog<EngineEvent>
  readonly metrics: Metrics
  health(): Health
  /** The host as a graph: `netwright map --json`. */
  graph(): Promise<{ readonly schema: string }>
  /** Aborted when the daemon stops: streams end. */
  readonly stopping: AbortSignal
}
