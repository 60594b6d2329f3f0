/** Letting an endpoint leave its sandbox. */
import { Failures } from '../collect-failures.ts'
import { type Core, mustBeOpen, sandboxRecord } from '../core.ts'
import { balanceGatewayNetwork } from '../gateway/gateway-network.ts'
import { leaveHoldingSandbox } from './detach.ts'

/**
 * Lets an endpoint leave a sandbox. What fails on the way does not stop the rest.
 * @throws EngineError endpoint-not-joined when it is not in this sandbox; kernel-refused when something stayed behind
 */
export async function leaveSandbox(core: Core, endpointId: string, sandboxId: string): Promise<void> {
  mustBeOpen(core)
  await core.locks.hold(`sandbox:${sandboxId}`, async () => {
    const failures = new Failures()
    await leaveHoldingSandbox(core, endpointId, sandboxId, failures)
    const sandbox = sandboxRecord(core, sandboxId)
    await failures.attempt(() => balanceGatewayNetwork(core, sandbox))
    failures.throwIfAny('the endpoint left its sandbox, but not everything of it could be cleared away', {
      endpoint: endpointId,
      sandbox: sandboxId,
    })
  })
}
