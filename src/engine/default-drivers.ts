/** What comes with the engine: each driver is a folder with a factory, and one line here. */
import { EmbeddedNames } from './dns/index.ts'
import { createBridgeDriver } from './drivers/bridge/index.ts'
import { createHostDriver } from './drivers/host/index.ts'
import { createIpvlanDriver } from './drivers/ipvlan/index.ts'
import { createMacvlanDriver } from './drivers/macvlan/index.ts'
import { createNullDriver } from './drivers/null/index.ts'
import { createRemoteDriver } from './drivers/remote/index.ts'
import { DefaultIpam, NullIpam, RemoteIpam } from './ipam/index.ts'
import { openPlugin, type PluginSources } from './plugins/index.ts'
import type { DriverFactory, DriverLookUp, IpamDriverFactory, NameServiceFactory } from './surroundings.ts'

/** Network drivers by name. */
export const defaultDrivers: ReadonlyMap<string, DriverFactory> = new Map<string, DriverFactory>([
  ['bridge', ({ host, notice }) => createBridgeDriver({ host, notice })],
  ['host', () => createHostDriver()],
  ['null', () => createNullDriver()],
  ['macvlan', (surroundings) => createMacvlanDriver(surroundings)],
  ['ipvlan', (surroundings) => createIpvlanDriver(surroundings)],
])

/** IPAM drivers by name. */
export const defaultIpamDrivers: ReadonlyMap<string, IpamDriverFactory> = new Map<string, IpamDriverFactory>([
  ['default', () => new DefaultIpam()],
  ['null', () => new NullIpam()],
])

/** Docker's plugins, where `sources` say. */
export function dockerPlugins(sources: PluginSources = {}): DriverLookUp {
  return {
    async networkDriver(name, { host, notice }) {
      const plugin = await openPlugin(name, 'NetworkDriver', sources)
      return plugin === undefined ? undefined : createRemoteDriver({ host, plugin, notice })
    },
    async ipamDriver(name) {
      const plugin = await openPlugin(name, 'IpamDriver', sources)
      return plugin === undefined ? undefined : new RemoteIpam(plugin)
    },
  }
}

/** Where drivers are looked for that are in neither map. */
export const defaultPlugins: DriverLookUp | null = dockerPlugins()

/** Who answers names in sandboxes. */
export const defaultNames: NameServiceFactory | null = ({ host, notice }) => new EmbeddedNames({ host, notice })
