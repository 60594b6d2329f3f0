/** An engine that takes CNI calls, for a test to start and to kill: cni-daemon-process.ts STATE RUN. It prints a line when it answers. */
import { cniSocketPath, startCniService } from '../../src/daemon/cni/index.ts'
import { Controller } from '../../src/engine/index.ts'
import { Namespace } from '../../src/kernel/index.ts'

const [state = '', run = ''] = process.argv.slice(2)
const host = Namespace.open('own')
const controller = await Controller.open({ state, run, host, names: null, plugins: null })
const log = { warn: (_: object, message: string) => process.stderr.write(`${message}\n`) }
const service = await startCniService({ controller, host, socketPath: cniSocketPath(run), log })
process.stdout.write('serving\n')
process.once('SIGTERM', async () => {
  await service.close()
  await controller.close()
  host.close()
})
