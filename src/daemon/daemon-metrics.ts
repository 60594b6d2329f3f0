/** What the daemon measures of itself. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Controller } from '../engine/index.ts'
import type { AnsweredRequest } from './api/app.ts'
import { Metrics } from './metrics/metrics.ts'

/** The daemon's metrics, and what feeds them. */
export interface DaemonMetrics {
  readonly metrics: Metrics
  answered(request: AnsweredRequest): void
  /** Stops measuring. */
  close(): void
}

/** Begins to measure. */
export function measureDaemon(controller: Controller, version: string, readers: () => number): DaemonMetrics {
  const metrics = new Metrics()
  metrics.gauge('netwright_build_info', 'The version that runs.', () => [[{ version, node: process.version }, 1]])
  addObjects(metrics, controller, readers)
  const loop = addProcess(metrics)
  const requests = metrics.counter('netwright_http_requests', 'Requests that were answered.')
  const durations = metrics.histogram('netwright_http_request_duration_seconds', 'How long they took.')
  const events = metrics.counter('netwright_events', 'What happened in the engine.')
  const stopListening = controller.listen((event) => events.add({ type: event.type }))
  return {
    metrics,
    answered({ method, route, status, seconds }) {
      requests.add({ method, route, status: String(status) })
      durations.observe({ method, route }, seconds)
    },
    close() {
      stopListening()
      loop.disable()
    },
  }
}

function addObjects(metrics: Metrics, controller: Controller, readers: () => number): void {
  metrics.gauge('netwright_networks', 'Networks, by driver.', () => {
    const count = new Map<string, number>()
    for (const network of controller.networks()) {
      const { driver } = network.info()
      count.set(driver, (count.get(driver) ?? 0) + 1)
    }
    return [...count].map(([driver, number]) => [{ driver }, number])
  })
  metrics.gauge('netwright_endpoints', 'Endpoints.', () => [[{}, controller.endpoints().length]])
  metrics.gauge('netwright_sandboxes', 'Sandboxes.', () => [[{}, controller.sandboxes().length]])
  metrics.gauge('netwright_event_readers', 'Readers of the event stream.', () => [[{}, readers()]])
}

/** The names that Prometheus' client libraries have for these. */
function addProcess(metrics: Metrics): ReturnType<typeof monitorEventLoopDelay> {
  const started = Date.now() / 1000 - process.uptime()
  metrics.observedCounter('process_cpu_seconds', 'User and system time.', () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  })
  metrics.gauge('process_resident_memory_bytes', 'Resident memory.', () => [[{}, process.memoryUsage.rss()]])
  metrics.gauge('process_start_time_seconds', 'When the process started, since 1970.', () => [[{}, started]])
  const loop = monitorEventLoopDelay({ resolution: 20 })
  loop.enable()
  metrics.gauge('nodejs_eventloop_lag_p99_seconds', 'How late timers are, at the 99th percentile.', () => [
    [{}, Number.isNaN(loop.percentile(99)) ? 0 : loop.percentile(99) / 1e9],
  ])
  return loop
}
