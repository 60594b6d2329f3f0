/** Deleting an endpoint. */
import { type Core, endpointRecord, mustBeOpen } from '../core.ts'
import { leaveSandbox } from './leave.ts'
import { removeEndpoint } from './remove-endpoint.ts'

/** How an endpoint is deleted. */
export interface EndpointDeletion {
  /** It leaves its sandbox first. */
  readonly force?: boolean
}

/**
 * Deletes an endpoint.
 * @throws EngineError endpoint-unknown, endpoint-in-use; kernel-refused when the driver could not remove it: it is still
 *   there then, and can be deleted again
 */
export async function deleteEndpoint(core: Core, id: string, options: EndpointDeletion = {}): Promise<void> {
  mustBeOpen(core)
  const endpoint = endpointRecord(core, id)
  if (endpoint.sandboxId !== null && options.force === true) await leaveSandbox(core, id, endpoint.sandboxId)
  await removeEndpoint(core, id)
}
