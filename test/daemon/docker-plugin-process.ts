/**
 * An engine with Docker's plugin, for a test to start and to kill in a world of its own: docker-plugin-process.ts DIRECTORY. It
 * prints a line when it answers.
 */
import { join } from 'node:path'
import { DOCKER_PLUGIN_SOCKET, SharedDrivers, startDockerPlugin } from '../../src/daemon/docker-plugin/index.ts'
import { Controller, LmdbStore } from '../../src/engine/index.ts'
import { Namespace } from '../../src/kernel/index.ts'

const [directory = ''] = process.argv.slice(2)
const [state, run] = [join(directory, 'state'), join(directory, 'run')]
const log = {
  info() {},
  warn: (_: object, message: string) => process.stderr.write(`${message}\n`),
}

const host = Namespace.open('own')
const shared = new SharedDrivers()
const store = LmdbStore.open(state)
const { drivers, ipamDrivers } = shared
const controller = await Controller.open({ state, run, host, store, drivers, ipamDrivers, names: null, plugins: null })
const surroundings = { host, state, run, store, notice: () => {} }
const plugin = await startDockerPlugin({ shared, surroundings, socketPath: DOCKER_PLUGIN_SOCKET, log })
process.stdout.write('serving\n')
process.once('SIGTERM', async () => {
  await plugin.close()
  await controller.close()
  host.close()
})
