/** The daemon: an engine that others can ask. */
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { Controller, EngineError, LmdbStore } from '../engine/index.ts'
import { takeGraph } from '../host/index.ts'
import { FileLock, Namespace } from '../kernel/index.ts'
import type { ApiContext } from './api/api-context.ts'
import { type AnsweredRequest, createApp } from './api/app.ts'
import { cniSocketPath, startCniService } from './cni/index.ts'
import { type DaemonMetrics, measureDaemon } from './daemon-metrics.ts'
import type { DaemonSettings, RunningDaemon } from './daemon-settings.ts'
import { DOCKER_PLUGIN_SOCKET, SharedDrivers, startDockerPlugin } from './docker-plugin/index.ts'
import { EventLog } from './events/event-log.ts'
import type { Listener } from './listen/listener.ts'
import { listenOnTcp } from './listen/tcp-listener.ts'
import { listenOnUnixSocket } from './listen/unix-listener.ts'
import { createLog } from './log.ts'
import { removeAbandonedSandboxes } from './operations/abandoned-sandboxes.ts'
import { LocalOperations } from './operations/local-operations.ts'
import { ServiceManager } from './service-manager.ts'

/** Between two looks for sandboxes that nobody needs: a look costs a file of /proc each. */
const CLEAR_UP_MILLISECONDS = 5000

/** Something to be closed, the last opened first. */
type Closing = () => void | Promise<void>

/**
 * Starts the daemon: opens the engine, which restores what the last one left, and then the doors.
 * @throws EngineError store-locked when another daemon has the state or the run directory
 */
export async function startDaemon(settings: DaemonSettings): Promise<RunningDaemon> {
  const log = createLog(settings.logLevel)
  const closings: Closing[] = []
  const stopping = new AbortController()
  const service = new ServiceManager(settings.environment, (error) =>
    log.warn({ err: error }, 'systemd cannot be told'),
  )
  const stop = once(async () => {
    stopping.abort()
    service.stopping()
    log.info('stopping')
    await closeAll(closings, log)
    log.info('stopped')
  })
  try {
    const listeners = await open(settings, log, closings, stopping.signal)
    const addresses = listeners.map(({ address }) => address)
    log.info({ addresses, state: settings.state, run: settings.run, version: settings.version }, 'serving')
    service.ready(`serving on ${addresses.join(', ')}`)
    return { addresses, stop }
  } catch (error) {
    await closeAll(closings, log)
    throw error
  }
}

async function open(
  settings: DaemonSettings,
  log: Logger,
  closings: Closing[],
  stopping: AbortSignal,
): Promise<Listener[]> {
  const lock = takeRunDirectory(settings.run)
  closings.push(() => lock.release())
  const host = Namespace.open('own')
  closings.push(() => host.close())
  const controller = await openEngine(settings, host, log, closings)
  closings.push(await clearUpRegularly(controller, log))
  closings.push(await openCni(settings, controller, host, log))
  const { app, metrics } = makeApp(settings, controller, log, stopping)
  closings.push(() => metrics.close())
  const listeners = [await listenOnUnixSocket(settings.socket, app.fetch)]
  closings.push(() => listeners[0]!.close())
  if (settings.tcp !== null) {
    const listener = await listenOnTcp(settings.tcp.address, settings.tcp.token, app.fetch)
    closings.push(() => listener.close())
    listeners.push(listener)
  }
  return listeners
}

/** Two daemons would take each other's sockets away, even with different states. */
function takeRunDirectory(run: string): FileLock {
  mkdirSync(run, { recursive: true, mode: 0o755 })
  const path = join(run, 'daemon.lock')
  const lock = FileLock.take(path)
  if (lock !== undefined) return lock
  const pid = FileLock.holderOf(path)
  throw new EngineError(
    'store-locked',
    `a daemon serves in ${run} already${pid === undefined ? '' : `, process ${pid}`}; stop it first, or set NETWRIGHT_RUN and NETWRIGHT_STATE`,
  )
}

/** The engine, and Docker's plugin, which shares drivers with it. */
async function openEngine(
  { state, run, dockerPlugin }: DaemonSettings,
  host: Namespace,
  log: Logger,
  closings: Closing[],
): Promise<Controller> {
  const shared = new SharedDrivers()
  const store = LmdbStore.open(state)
  const { drivers, ipamDrivers } = shared
  const controller = await Controller.open({ state, run, host, store, drivers, ipamDrivers })
  closings.push(() => controller.close())
  for (const { action, id } of controller.recovery.steps)
    log.info({ action, id }, 'finished or undid an interrupted step')
  for (const { id, containerId } of controller.recovery.lost)
    log.warn({ id, containerId }, 'the namespace of a sandbox died')
  for (const failure of controller.recovery.failures) log.error({ failure }, 'something could not be restored')
  if (dockerPlugin !== null) {
    const socketPath = dockerPlugin === 'usual' ? DOCKER_PLUGIN_SOCKET : dockerPlugin
    const notice = (sentence: string): void => log.warn(sentence)
    const surroundings = { host, state, run, store, notice }
    const plugin = await startDockerPlugin({ shared, surroundings, socketPath, log })
    closings.push(() => plugin.close())
  }
  return controller
}

/** Removes sandboxes of `netwright run` whose process was killed, now and from time to time. */
async function clearUpRegularly(controller: Controller, log: Logger): Promise<Closing> {
  let working = Promise.resolve()
  const clearUp = async (): Promise<void> => {
    try {
      for (const containerId of await removeAbandonedSandboxes(controller))
        log.info({ containerId }, 'removed the sandbox of a process that was killed')
    } catch (error) {
      log.warn({ err: error }, 'the sandbox of a process that was killed could not be removed')
    }
  }
  await clearUp()
  const timer = setInterval(() => {
    working = working.then(clearUp)
  }, CLEAR_UP_MILLISECONDS)
  return async () => {
    clearInterval(timer)
    await working
  }
}

async function openCni(
  { run }: DaemonSettings,
  controller: Controller,
  host: Namespace,
  log: Logger,
): Promise<Closing> {
  const service = await startCniService({ controller, host, socketPath: cniSocketPath(run), log })
  return () => service.close()
}

function makeApp(
  settings: DaemonSettings,
  controller: Controller,
  log: Logger,
  stopping: AbortSignal,
): { readonly app: ReturnType<typeof createApp>; readonly metrics: DaemonMetrics } {
  const { version, state, run, environment } = settings
  const events: ApiContext['events'] = new EventLog(randomBytes(6).toString('hex'))
  const stopListening = controller.listen((event) => {
    events.append(event)
    if (event.type === 'notice') log.info(event.sentence)
    else log.debug({ type: event.type }, 'event')
  })
  stopping.addEventListener('abort', stopListening, { once: true })
  const metrics = measureDaemon(controller, version, () => events.readers)
  const started = new Date().toISOString()
  const context: ApiContext = {
    operations: new LocalOperations(controller),
    events,
    metrics: metrics.metrics,
    stopping,
    graph: () => takeGraph({ environment }),
    health: () => ({
      status: stopping.aborted ? 'stopping' : 'serving',
      version,
      pid: process.pid,
      started,
      state,
      run,
      networks: controller.networks().length,
      endpoints: controller.endpoints().length,
      sandboxes: controller.sandboxes().length,
    }),
  }
  const answered = (request: AnsweredRequest): void => {
    metrics.answered(request)
    logRequest(log, request)
  }
  return { app: createApp({ context, libnetwork: controller, answered }), metrics }
}

function logRequest(log: Logger, { method, route, status, seconds, error }: AnsweredRequest): void {
  const fields = { method, route, status, milliseconds: Math.round(seconds * 1e6) / 1000 }
  if (error !== undefined) log.error({ ...fields, err: error }, 'request failed')
  else log.debug(fields, 'request')
}

async function closeAll(closings: Closing[], log: Logger): Promise<void> {
  for (const close of closings.splice(0).reverse()) {
    try {
      await close()
    } catch (error) {
      log.error({ err: error }, 'something could not be closed')
    }
  }
}

function once(action: () => Promise<void>): () => Promise<void> {
  let result: Promise<void> | undefined
  return () => {
    result ??= action()
    return result
  }
}
