import { execFileSync } from 'node:child_process'
import { afterAll, expect, test } from 'vitest'
import { defaultDrivers, defaultIpamDrivers, isEngineError } from '../../src/engine/index.ts'
import { EngineWorld } from './engine-world.ts'

const NAMESPACE = `nwt-lacking-${process.pid}`

/** Whether this kernel makes interfaces of a kind; it is asked in a namespace of the test's own. */
function lacks(kind: string): boolean {
  execFileSync('ip', ['netns', 'add', NAMESPACE])
  try {
    execFileSync('ip', ['-n', NAMESPACE, 'link', 'add', 'probe0', 'type', kind], { stdio: 'pipe' })
    return false
  } catch {
    return true
  } finally {
    execFileSync('ip', ['netns', 'delete', NAMESPACE])
  }
}

const world = new EngineWorld()
const drivers = { drivers: defaultDrivers, ipamDrivers: defaultIpamDrivers }
afterAll(() => world.close(drivers))

// Kernels that have it all are the guest's in test/vm/engine-parents.test.ts.
test.skipIf(!lacks('dummy'))(
  'a kernel without the kind of a network is told in one sentence, and nothing is left',
  async () => {
    const controller = await world.open(drivers)
    for (const driver of ['macvlan', 'ipvlan']) {
      const failure = await controller
        .createNetwork({ name: 'closed', driver, ipam: [{ pool: '10.99.0.0/24' }] })
        .catch((e) => e)
      expect(isEngineError(failure, 'kernel-lacks')).toBe(true)
      expect(failure.message).toMatch(
        /^this kernel has no dummy interfaces, which network closed needs: try modprobe dummy$/,
      )
    }
    expect(controller.networks()).toEqual([])
    // The pool is free again.
    await (
      await controller.createNetwork({ name: 'open', driver: 'bridge', ipam: [{ pool: '10.99.0.0/24' }] })
    ).delete()
  },
)
