/** The controller: everything begins here. */
import { Failures } from './collect-failures.ts'
import type { ControllerOptions } from './controller-options.ts'
import type { Core } from './core.ts'
import type { EngineEvent, EventListener } from './events.ts'
import { Endpoint, Network, Sandbox } from './handles.ts'
import type { EndpointRecord, SandboxRecord } from './model.ts'
import { createNetwork, findNetwork } from './network/create-network.ts'
import type { NetworkSpec } from './network/network-spec.ts'
import { openCore } from './open-core.ts'
import { resolveReference } from './references.ts'
import type { Recovery } from './restore.ts'
import { createSandbox } from './sandbox/create-sandbox.ts'
import type { SandboxSpec } from './sandbox/sandbox-spec.ts'

/** Networks, endpoints and sandboxes of one host. */
export class Controller {
  readonly #core: Core
  /** What the last process had left undone, and what became of it. */
  readonly recovery: Recovery

  private constructor(core: Core, recovery: Recovery) {
    this.#core = core
    this.recovery = recovery
  }

  /**
   * Opens a controller: finishes or undoes what the last process had under way, and brings the kernel to what the store says.
   * @throws EngineError store-locked, store-broken
   */
  static async open(options: ControllerOptions): Promise<Controller> {
    const { core, recovery } = await openCore(options)
    return new Controller(core, recovery)
  }

  /**
   * Makes a network.
   * @throws EngineError name-blank, name-taken, option-unknown, option-invalid, driver-unknown, pool-overlap …
   */
  async createNetwork(spec: NetworkSpec): Promise<Network> {
    return new Network(this.#core, (await createNetwork(this.#core, spec)).id)
  }

  /** All networks, oldest first. */
  networks(): Network[] {
    return this.#core.records.networks.all().map(({ id }) => new Network(this.#core, id))
  }

  /** The network of this id, name, or beginning of an id. @throws EngineError network-unknown, reference-ambiguous */
  network(reference: string): Network {
    return new Network(this.#core, findNetwork(this.#core, reference).id)
  }

  /** The endpoints of all networks, oldest first. */
  endpoints(): Endpoint[] {
    return this.#core.records.endpoints.all().map(({ id }) => new Endpoint(this.#core, id))
  }

  /** The endpoint of this id or beginning of an id, or the only one of this name. @throws EngineError endpoint-unknown, reference-ambiguous */
  endpoint(reference: string): Endpoint {
    const { endpoints } = this.#core.records
    const record = resolveReference<EndpointRecord>(
      {
        table: endpoints,
        noun: 'endpoint',
        unknown: 'endpoint-unknown',
        named: (name) => endpoints.by('plainName', name),
      },
      reference,
    )
    return new Endpoint(this.#core, record.id)
  }

  /**
   * Makes a sandbox: a new namespace, or an adopted one.
   * @throws EngineError sandbox-exists, name-blank, sandbox-gone, kernel-refused
   */
  async createSandbox(spec: SandboxSpec): Promise<Sandbox> {
    return new Sandbox(this.#core, (await createSandbox(this.#core, spec)).id)
  }

  /** All sandboxes, oldest first. */
  sandboxes(): Sandbox[] {
    return this.#core.records.sandboxes.all().map(({ id }) => new Sandbox(this.#core, id))
  }

  /** The sandbox of this id, container, or beginning of an id. @throws EngineError sandbox-unknown, reference-ambiguous */
  sandbox(reference: string): Sandbox {
    const { sandboxes } = this.#core.records
    const record = resolveReference<SandboxRecord>(
      {
        table: sandboxes,
        noun: 'sandbox',
        unknown: 'sandbox-unknown',
        named: (container) => sandboxes.by('container', container),
      },
      reference,
    )
    return new Sandbox(this.#core, record.id)
  }

  /** Calls `listener` for every event from now on. @returns stops it */
  listen(listener: EventListener): () => void {
    return this.#core.events.listen(listener)
  }

  /** Events from now on; ends when `signal` aborts. @throws RangeError when the reader falls 10,000 events behind */
  events(signal?: AbortSignal): AsyncIterableIterator<EngineEvent> {
    return this.#core.events.read(signal)
  }

  /** Lets calls that are under way end, refuses others, and closes the store. Networks and sandboxes stay as they are. */
  async close(): Promise<void> {
    const core = this.#core
    if (!core.open) return
    core.open = false
    await core.locks.idle()
    const failures = new Failures()
    await failures.attempt(() => core.names.close())
    for (const driver of await core.drivers.loaded()) await failures.attempt(() => driver.close())
    for (const driver of await core.ipamDrivers.loaded()) await failures.attempt(() => driver.close())
    await failures.attempt(() => core.close())
    failures.throwIfAny('the controller is closed, but not everything went well')
  }
}
