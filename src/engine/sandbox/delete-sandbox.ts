/** Deleting a sandbox with its endpoints, and clearing up after one that was half made or half deleted. */
import { rmSync } from 'node:fs'
import type { Namespace } from '../../kernel/index.ts'
import { Failures } from '../collect-failures.ts'
import { type Core, endpointRecord, mustBeOpen, networkRecord, sandboxRecord } from '../core.ts'
import { detach } from '../endpoint/detach.ts'
import { removeEndpoint } from '../endpoint/remove-endpoint.ts'
import { quote } from '../ids.ts'
import type { Step } from '../journal.ts'
import type { EndpointRecord, SandboxRecord } from '../model.ts'
import { openNamespace, unpin } from './sandbox-namespace.ts'

/**
 * Deletes a sandbox: its endpoints leave and are deleted, its files and the pin of its namespace go. An adopted namespace
 * itself stays. What fails on the way does not stop the rest.
 * @throws EngineError sandbox-unknown; kernel-refused telling what stayed behind
 */
export async function deleteSandbox(core: Core, id: string): Promise<void> {
  mustBeOpen(core)
  await core.locks.hold(`sandbox:${id}`, async () => {
    const sandbox = sandboxRecord(core, id)
    const failures = new Failures()
    await dismantleSandbox(core, sandbox, beginDeletion(core, sandbox), failures)
    core.events.tell({ type: 'sandbox-deleted', sandbox })
    failures.throwIfAny(`the sandbox of ${quote(sandbox.containerId)} is deleted, but not everything of it went`, {
      sandbox: id,
    })
  })
}

/** Writes down that a sandbox is being deleted, with its endpoints. */
export function beginDeletion(core: Core, sandbox: SandboxRecord): Step {
  const endpoints = core.records.endpointsIn(sandbox.id).map(({ id }) => id)
  return core.records.begin({ action: 'delete-sandbox', sandbox, endpoints })
}

/** Removes what there is of a sandbox, whatever part of it was made; the holder of its lock calls this. */
export async function dismantleSandbox(
  core: Core,
  sandbox: SandboxRecord,
  step: Step,
  failures: Failures,
): Promise<void> {
  const namespace = openNamespace(sandbox)
  try {
    for (const id of step.action === 'delete-sandbox' ? step.endpoints : []) {
      const endpoint = core.records.endpoints.get(id)
      if (endpoint !== undefined) await removeWithSandbox(core, sandbox, endpoint, namespace ?? null, failures)
    }
  } finally {
    namespace?.close()
  }
  await failures.attempt(() => core.names.closeSandbox(sandbox))
  if (sandbox.origin === 'created' || sandbox.origin === 'host') await failures.attempt(() => unpin(sandbox.key))
  await failures.attempt(() => rmSync(sandbox.files, { recursive: true, force: true }))
  core.gateways.delete(sandbox.id)
  core.records.commit((change) => {
    change.removeSandbox(sandbox.id)
    change.finish(step)
  })
}

/** Deletes an endpoint of a sandbox that is being deleted; after an interruption it may have left already. */
async function removeWithSandbox(
  core: Core,
  sandbox: SandboxRecord,
  endpoint: EndpointRecord,
  namespace: Namespace | null,
  failures: Failures,
): Promise<void> {
  const network = networkRecord(core, endpoint.networkId)
  if (endpoint.sandboxId === sandbox.id) {
    const step = core.records.begin({ action: 'leave', network, endpoint })
    await detach(core, { step, network, endpoint, sandbox, namespace, closing: true }, failures)
    core.events.tell({ type: 'endpoint-left', network, endpoint: endpointRecord(core, endpoint.id), sandbox })
  }
  await failures.attempt(() => removeEndpoint(core, endpoint.id))
}
