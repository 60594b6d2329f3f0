/** Putting a controller's parts together. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Namespace } from '../kernel/index.ts'
import type { ControllerOptions } from './controller-options.ts'
import type { Core } from './core.ts'
import { defaultDrivers, defaultIpamDrivers, defaultNames, defaultPlugins } from './default-drivers.ts'
import { EngineEvents } from './events.ts'
import { KeyedLock } from './keyed-lock.ts'
import { noNames } from './name-service.ts'
import { PluggedIn } from './plugged-in.ts'
import { Records } from './records.ts'
import { type Recovery, restore } from './restore.ts'
import { LmdbStore } from './store/lmdb-store.ts'
import type { DriverLookUp, NameServiceFactory, Surroundings } from './surroundings.ts'

/** Opens the store, plugs in the drivers and restores what the last process left. @throws EngineError store-locked, store-broken */
export async function openCore(options: ControllerOptions): Promise<{ core: Core; recovery: Recovery }> {
  const store = options.store ?? LmdbStore.open(options.state)
  const ownHost = options.host === undefined ? Namespace.open('own') : undefined
  const host = options.host ?? ownHost!
  const close = async (): Promise<void> => {
    ownHost?.close()
    await store.close()
  }
  try {
    for (const directory of ['netns', 'sandboxes']) {
      mkdirSync(join(options.run, directory), { recursive: true, mode: 0o755 })
    }
    const events = new EngineEvents()
    const notice = (sentence: string): void => events.tell({ type: 'notice', sentence })
    const surroundings = { host, state: options.state, run: options.run, store, notice }
    const core = assemble(options, surroundings, events, close)
    return { core, recovery: await restore(core) }
  } catch (error) {
    await close()
    throw error
  }
}

function assemble(
  options: ControllerOptions,
  surroundings: Surroundings,
  events: EngineEvents,
  close: () => Promise<void>,
): Core {
  const plugins = options.plugins === undefined ? defaultPlugins : options.plugins
  const names = options.names === undefined ? defaultNames : options.names
  return {
    surroundings,
    records: new Records(surroundings.store),
    drivers: pluggedIn(options.drivers ?? defaultDrivers, 'network driver', 'driver-unknown', surroundings, (name) =>
      findPlugin(plugins, (lookUp) => lookUp.networkDriver(name, surroundings)),
    ),
    ipamDrivers: pluggedIn(
      options.ipamDrivers ?? defaultIpamDrivers,
      'IPAM driver',
      'ipam-driver-unknown',
      surroundings,
      (name) => findPlugin(plugins, (lookUp) => lookUp.ipamDriver(name, surroundings)),
    ),
    names: namesOf(names, surroundings),
    locks: new KeyedLock(),
    events,
    reserved: new Set(),
    busy: new Set(),
    gateways: new Map(),
    gatewayNetwork: options.gatewayNetwork ?? null,
    open: true,
    close,
  }
}

function pluggedIn<D extends { close(): Promise<void> }>(
  factories: ReadonlyMap<string, (surroundings: Surroundings) => D | Promise<D>>,
  noun: string,
  unknown: 'driver-unknown' | 'ipam-driver-unknown',
  surroundings: Surroundings,
  findElsewhere: (name: string) => Promise<D | undefined>,
): PluggedIn<D> {
  return new PluggedIn<D>({
    known: [...factories.keys()],
    noun,
    unknown,
    find: async (name) => factories.get(name)?.(surroundings) ?? findElsewhere(name),
  })
}

async function findPlugin<D>(
  plugins: DriverLookUp | null,
  find: (lookUp: DriverLookUp) => Promise<D | undefined>,
): Promise<D | undefined> {
  return plugins === null ? undefined : find(plugins)
}

function namesOf(factory: NameServiceFactory | null, surroundings: Surroundings): Core['names'] {
  return factory === null ? noNames : factory(surroundings)
}
