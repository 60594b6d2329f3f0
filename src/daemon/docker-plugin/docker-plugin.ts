/** Docker's network and IPAM plugin: dockerd finds it as `netwright` by its socket. */
import { KeyedLock, type Surroundings } from '../../engine/index.ts'
import { DockerAddresses } from './docker-addresses.ts'
import { DockerNetworks } from './docker-networks.ts'
import { pluginMethods } from './plugin-methods.ts'
import { type PluginLog, servePlugin } from './plugin-server.ts'
import { Register } from './register.ts'
import type { SharedDrivers } from './shared-drivers.ts'

/** Where dockerd looks for the plugin `netwright`. */
export const DOCKER_PLUGIN_SOCKET = '/run/docker/plugins/netwright.sock'

/** What the plugin is made of. */
export interface DockerPluginInit {
  /** Those that the controller over the same surroundings was opened with. */
  readonly shared: SharedDrivers
  readonly surroundings: Surroundings
  /** `DOCKER_PLUGIN_SOCKET`, unless dockerd is to find it elsewhere. */
  readonly socketPath: string
  readonly log: PluginLog
}

/** A plugin that answers. Closing it leaves Docker's networks as they are. */
export interface DockerPlugin {
  close(): Promise<void>
}

/**
 * Takes up what the last process had given to dockerd, and answers on the socket. To be called when the controller is open and
 * nobody else can ask it for addresses yet.
 * @throws Error when another process answers on the socket; EngineError when addresses of dockerd's belong to others now
 */
export async function startDockerPlugin(init: DockerPluginInit): Promise<DockerPlugin> {
  const { shared, surroundings, socketPath, log } = init
  const register = new Register(surroundings.store)
  const locks = new KeyedLock()
  const ipam = await shared.ipam(surroundings)
  const addresses = new DockerAddresses({ ipam, register, locks })
  await addresses.restore()
  const driver = await shared.bridge(surroundings)
  const networks = new DockerNetworks({ driver, register, locks, host: surroundings.host })
  await networks.undoUnfinished()
  const server = await servePlugin(socketPath, pluginMethods(networks, addresses), log)
  return {
    async close() {
      await server.close()
      await locks.idle()
      networks.close()
    },
  }
}
