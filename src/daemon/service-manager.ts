/** The daemon as a service of systemd: ready, alive, stopping (sd_notify(3)). */
import { notifyServiceManager, type ServiceEnvironment, watchdogMilliseconds } from '../kernel/index.ts'

/** What the service manager is told. */
export class ServiceManager {
  readonly #environment: ServiceEnvironment
  readonly #failed: (error: unknown) => void
  #watchdog: NodeJS.Timeout | undefined

  /** @param failed told when the manager cannot be reached; the daemon goes on */
  constructor(environment: ServiceEnvironment, failed: (error: unknown) => void) {
    this.#environment = environment
    this.#failed = failed
  }

  /** We serve. From now on the watchdog hears from us twice in its interval, as long as the event loop turns. */
  ready(status: string): void {
    this.#tell({ READY: '1', STATUS: status, MAINPID: String(process.pid) })
    const interval = watchdogMilliseconds(this.#environment, process.pid)
    if (interval === undefined) return
    this.#watchdog = setInterval(() => this.#tell({ WATCHDOG: '1' }), Math.max(1, interval / 2)).unref()
  }

  stopping(): void {
    clearInterval(this.#watchdog)
    this.#tell({ STOPPING: '1', STATUS: 'stopping' })
  }

  #tell(assignments: Readonly<Record<string, string>>): void {
    try {
      notifyServiceManager(this.#environment, assignments)
    } catch (error) {
      this.#failed(error)
    }
  }
}
