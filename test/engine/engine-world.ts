/** A host of its own for an engine: a namespace, directories, memory drivers. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Controller, type ControllerOptions } from '../../src/engine/index.ts'
import { Namespace } from '../../src/kernel/index.ts'
import { MemoryDriver, MemoryIpam, MemoryKernel } from './memory-driver.ts'

/** The world of one test. Close it. */
export class EngineWorld {
  readonly host = Namespace.create('host of the test')
  readonly directory = mkdtempSync(join(tmpdir(), 'nwt-engine-'))
  readonly state = join(this.directory, 'state')
  readonly run = join(this.directory, 'run')
  readonly kernel = new MemoryKernel()
  readonly #open: Controller[] = []
  ipam = new MemoryIpam()

  /** Options with memory drivers: `memory`, and `memory2` beside it. */
  options(): ControllerOptions {
    return {
      state: this.state,
      run: this.run,
      host: this.host,
      plugins: null,
      names: null,
      drivers: new Map([
        ['memory', () => new MemoryDriver(this.kernel)],
        ['memory2', () => new MemoryDriver(this.kernel, 'memory2')],
      ]),
      ipamDrivers: new Map([['default', () => this.ipam]]),
    }
  }

  /** Opens a controller; `close` closes it, and deletes its sandboxes. */
  async open(options: Partial<ControllerOptions> = {}): Promise<Controller> {
    this.ipam = new MemoryIpam()
    const controller = await Controller.open({ ...this.options(), ...options })
    this.#open.push(controller)
    return controller
  }

  /** @param options as for `open`, when the controllers had a store of their own */
  async close(options: Partial<ControllerOptions> = {}): Promise<void> {
    this.kernel.before = () => {}
    this.kernel.after = () => {}
    for (const controller of this.#open) await controller.close()
    this.ipam = new MemoryIpam()
    const last = await Controller.open({ ...this.options(), ...options })
    for (const sandbox of last.sandboxes()) await sandbox.delete()
    await last.close()
    this.host.close()
    rmSync(this.directory, { recursive: true, force: true })
  }
}
