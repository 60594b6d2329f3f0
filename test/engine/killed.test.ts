/** Killed after any operation, the engine comes back with kernel and store in agreement. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  type Controller,
  type ControllerOptions,
  MemoryStore,
  type RecordKind,
  type Store,
  type StoreWriter,
} from '../../src/engine/index.ts'
import { EngineWorld } from './engine-world.ts'

class Death extends Error {}

/** Counts operations, and ends everything at the fatal one: from then on every operation fails. */
class Life {
  operations = 0
  readonly fatal: number

  constructor(fatal: number) {
    this.fatal = fatal
  }

  get over(): boolean {
    return this.operations >= this.fatal
  }

  operation(): void {
    if (!this.over) this.operations++
    if (this.over) throw new Death(`died after ${this.fatal} operations`)
  }
}

/** A store that outlives the process that uses it. */
class MortalStore implements Store {
  readonly #store: Store
  readonly #life: Life

  constructor(store: Store, life: Life) {
    this.#store = store
    this.#life = life
  }

  get<T>(kind: RecordKind, id: string): T | undefined {
    return this.#store.get(kind, id)
  }

  list<T>(kind: RecordKind, prefix?: string): { readonly id: string; readonly value: T }[] {
    return this.#store.list(kind, prefix)
  }

  transact<T>(change: (writer: StoreWriter) => T): T {
    this.#life.operation()
    const result = this.#store.transact(change)
    this.#life.operation()
    return result
  }

  async close(): Promise<void> {}
}

let world: EngineWorld
let disk: MemoryStore

beforeEach(() => {
  world = new EngineWorld()
  disk = new MemoryStore()
})
afterEach(() => world.close({ store: disk }))

async function openWith(life: Life, options: Partial<ControllerOptions> = {}): Promise<Controller> {
  world.kernel.before = () => life.operation()
  world.kernel.after = () => life.operation()
  return world.open({ store: new MortalStore(disk, life), ...options })
}

/** Everything that an engine does, with a way out that moves. */
async function scenario(controller: Controller, done: string[]): Promise<void> {
  const red = await controller.createNetwork({ name: 'red', driver: 'memory' })
  done.push('red')
  const blue = await controller.createNetwork({ name: 'blue', driver: 'memory2', ipv6: true })
  const first = await red.createEndpoint({
    name: 'first',
    portMappings: [{ protocol: 'tcp', containerPort: 80, hostPort: 8080 }],
  })
  const second = await blue.createEndpoint({ name: 'second', priority: 5 })
  const sandbox = await controller.createSandbox({ containerId: 'container' })
  done.push('sandbox')
  await first.join(sandbox)
  await second.join(sandbox)
  done.push('second joined')
  await second.leave(sandbox)
  await second.delete()
  done.push('second deleted')
  const third = await blue.createEndpoint({ name: 'third' })
  await third.join(sandbox)
  await sandbox.delete()
  done.push('sandbox deleted')
  await red.delete()
  await blue.delete()
}

/** Kernel, allocator and directories hold exactly what the store says. */
function expectAgreement(controller: Controller): void {
  const { kernel } = world
  const ids = (objects: readonly { readonly id: string }[]): string[] => objects.map(({ id }) => id).sort()
  expect([...kernel.networks].sort()).toEqual(ids(controller.networks()))
  expect([...kernel.endpoints].sort()).toEqual(ids(controller.endpoints()))
  const joined = controller.endpoints().filter((endpoint) => endpoint.info().sandbox !== null)
  expect([...kernel.joined.keys()].sort()).toEqual(ids(joined))
  expect([...kernel.exposed].sort()).toEqual(waysOut(controller))
  expect(readdirSync(join(world.run, 'netns'))).toEqual(controller.sandboxes().map(({ id }) => id.slice(0, 12)))
  expect(readdirSync(join(world.run, 'sandboxes'))).toEqual(controller.sandboxes().map(({ id }) => id))
  const leased = [...world.ipam.pools].flatMap(([pool, given]) => [...given].map((address) => `${address} of ${pool}`))
  const kept = controller.networks().flatMap((network) => {
    const addresses = network.endpoints().flatMap((endpoint) => endpoint.info().addresses)
    return network
      .info()
      .pools.flatMap(({ pool, gateway, family }) =>
        [gateway!, ...addresses.filter((address) => address.includes(':') === (family === 6))].map(
          (address) => `${address.split('/')[0]} of ${pool}`,
        ),
      )
  })
  expect(leased.sort()).toEqual(kept.sort())
  expect(disk.list('step')).toEqual([])
}

/** In the scenario the endpoint of the highest priority is the way out, and among equals the one with more gateways. */
function waysOut(controller: Controller): string[] {
  return controller.sandboxes().flatMap((sandbox) => {
    const members = sandbox.endpoints().map((endpoint) => endpoint.record())
    const dual = members.find((endpoint) => endpoint.join?.gatewayIPv6 !== null)
    return [dual ?? members[0]].flatMap((endpoint) => endpoint?.id ?? [])
  })
}

const FATAL_AT_LEAST = 60

test('after death at any operation the next start agrees with the kernel, and nothing finished is lost', async () => {
  let survived = false
  for (let fatal = 1; !survived; fatal++) {
    const done: string[] = []
    const life = new Life(fatal)
    try {
      const controller = await openWith(life)
      await scenario(controller, done)
      survived = true
    } catch (error) {
      expect(life.over, String(error)).toBe(true)
    }
    const after = await openWith(new Life(Number.POSITIVE_INFINITY))
    try {
      expect(after.recovery.failures).toEqual([])
      expectAgreement(after)
      const names = (objects: readonly { readonly name: string }[]): string[] => objects.map(({ name }) => name)
      if (done.includes('red') && !done.includes('sandbox deleted')) expect(names(after.networks())).toContain('red')
      if (done.includes('sandbox') && !done.includes('second deleted')) expect(after.sandboxes()).toHaveLength(1)
      if (done.at(-1) === 'second deleted') expect(names(after.endpoints())).not.toContain('second')
      for (const sandbox of after.sandboxes()) await sandbox.delete()
      for (const network of after.networks()) await network.delete({ force: true })
      expectAgreement(after)
      expect(world.kernel.networks.size).toBe(0)
    } catch (error) {
      throw new Error(`killed after operation ${fatal}, having done ${done.join(', ')}`, { cause: error })
    } finally {
      await after.close()
    }
    if (survived) expect(fatal).toBeGreaterThan(FATAL_AT_LEAST)
  }
})
