/** Many callers at once, in any order: nothing deadlocks, and records and kernel agree at every pause. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Controller, isEngineError, MemoryStore } from '../../src/engine/index.ts'
import { EngineWorld } from './engine-world.ts'

/** What an actor does; numbers choose among few names, so that actors meet. */
type Action =
  | { readonly kind: 'network' | 'drop-network' | 'sandbox' | 'drop-sandbox'; readonly which: number }
  | { readonly kind: 'create' | 'delete' | 'force' | 'rename'; readonly network: number; readonly endpoint: number }
  | { readonly kind: 'join' | 'leave'; readonly network: number; readonly endpoint: number; readonly sandbox: number }

const small = fc.nat({ max: 2 })
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('network', 'drop-network', 'sandbox', 'drop-sandbox'), which: small }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('create', 'delete', 'force', 'rename'),
      network: small,
      endpoint: small,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom('join', 'leave'), network: small, endpoint: small, sandbox: small }),
  },
)
const actors = fc.array(fc.array(action, { maxLength: 15 }), { minLength: 2, maxLength: 5 })

async function act(controller: Controller, what: Action): Promise<unknown> {
  const network = (): ReturnType<Controller['network']> =>
    controller.network(`n${'network' in what ? what.network : 0}`)
  const endpoint = (): ReturnType<Controller['endpoint']> =>
    network().endpoint(`e${'endpoint' in what ? what.endpoint : 0}`)
  switch (what.kind) {
    case 'network':
      return controller.createNetwork({ name: `n${what.which}`, driver: what.which === 2 ? 'memory2' : 'memory' })
    case 'drop-network':
      return controller.network(`n${what.which}`).delete({ force: what.which === 1 })
    case 'sandbox':
      return controller.createSandbox({ containerId: `s${what.which}` })
    case 'drop-sandbox':
      return controller.sandbox(`s${what.which}`).delete()
    case 'create':
      return network().createEndpoint({ name: `e${what.endpoint}`, priority: what.network })
    case 'delete':
      return endpoint().delete()
    case 'force':
      return endpoint().delete({ force: true })
    case 'rename':
      return endpoint().rename({ name: `e${(what.endpoint + 1) % 3}` })
    case 'join':
      return endpoint().join(controller.sandbox(`s${what.sandbox}`))
    case 'leave':
      return endpoint().leave(controller.sandbox(`s${what.sandbox}`))
  }
}

function expectAgreement(world: EngineWorld, controller: Controller, disk: MemoryStore): void {
  const { kernel } = world
  const endpoints = controller.endpoints().map((endpoint) => endpoint.record())
  expect([...kernel.networks].sort()).toEqual(
    controller
      .networks()
      .map(({ id }) => id)
      .sort(),
  )
  expect([...kernel.endpoints].sort()).toEqual(endpoints.map(({ id }) => id).sort())
  const joined = endpoints.filter(({ sandboxId }) => sandboxId !== null)
  expect([...kernel.joined].sort()).toEqual(joined.map(({ id, sandboxId }) => [id, sandboxId]).sort())
  // Each sandbox with endpoints has one way out.
  expect(kernel.exposed.size).toBe(new Set(joined.map(({ sandboxId }) => sandboxId)).size)
  const given = [...world.ipam.pools.values()].reduce((sum, pool) => sum + pool.size, 0)
  expect(given).toBe(endpoints.length + controller.networks().length)
  const addresses = endpoints.flatMap((endpoint) => endpoint.addresses)
  expect(new Set(addresses).size).toBe(addresses.length)
  expect(disk.list('step')).toEqual([])
  expect(disk.list('endpoint')).toHaveLength(endpoints.length)
}

test('actors that come in each other’s way leave no contradiction', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(actors, async (plans) => {
      const world = new EngineWorld()
      const disk = new MemoryStore()
      try {
        const controller = await world.open({ store: disk })
        await Promise.all([0, 1].map((which) => act(controller, { kind: 'network', which })))
        await act(controller, { kind: 'sandbox', which: 0 })
        const run = async (plan: readonly Action[]): Promise<void> => {
          for (const what of plan) {
            await act(controller, what).catch((error) => {
              // Only rules may be broken: anything else is a fault of the engine.
              if (!isEngineError(error) || error.failure === 'internal') throw error
            })
          }
        }
        await Promise.all(plans.map(run))
        expectAgreement(world, controller, disk)
        await controller.close()
        const again = await world.open({ store: disk })
        expect(again.recovery).toEqual({ steps: [], lost: [], failures: [] })
        expectAgreement(world, again, disk)
      } finally {
        await world.close({ store: disk })
      }
    }),
    { numRuns: 60 },
  )
})
