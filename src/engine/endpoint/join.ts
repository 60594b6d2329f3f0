/** Joining an endpoint to a sandbox. */
import { type Core, mustBeOpen, sandboxRecord } from '../core.ts'
import { balanceGatewayNetwork } from '../gateway/gateway-network.ts'
import { type JoinOptions, joinHoldingSandbox } from './attach.ts'

/**
 * Joins an endpoint to a sandbox.
 * @throws EngineError endpoint-joined, endpoint-in-use, sandbox-unknown, sandbox-gone …; everything is as before then
 */
export async function joinSandbox(
  core: Core,
  endpointId: string,
  sandboxId: string,
  options: JoinOptions = {},
): Promise<void> {
  mustBeOpen(core)
  await core.locks.hold(`sandbox:${sandboxId}`, async () => {
    mustBeOpen(core)
    await joinHoldingSandbox(core, endpointId, sandboxRecord(core, sandboxId), options)
    await balanceGatewayNetwork(core, sandboxRecord(core, sandboxId))
  })
}
