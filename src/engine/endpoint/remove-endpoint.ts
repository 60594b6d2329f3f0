/** Removing an endpoint that is joined to nothing. */
import { Failures } from '../collect-failures.ts'
import { type Core, endpointRecord, networkRecord } from '../core.ts'
import { EngineError } from '../errors.ts'
import { quote } from '../ids.ts'
import type { EndpointRecord, NetworkRecord } from '../model.ts'
import { releaseAddresses, remembersLeases } from '../network/address-manager.ts'

/** Removes an endpoint. @throws EngineError endpoint-unknown, endpoint-in-use, kernel-refused */
export async function removeEndpoint(core: Core, id: string): Promise<void> {
  const endpoint = endpointRecord(core, id)
  await core.locks.hold(`network:${endpoint.networkId}`, async () => {
    const current = endpointRecord(core, id)
    checkFree(core, current)
    core.busy.add(id)
    try {
      const network = networkRecord(core, current.networkId)
      const failures = new Failures()
      await dismantleEndpoint(core, network, current, failures)
      failures.throwIfAny(`endpoint ${quote(current.name)} could not be deleted`, { endpoint: id })
      core.events.tell({ type: 'endpoint-deleted', network, endpoint: current })
    } finally {
      core.busy.delete(id)
    }
  })
}

function checkFree(core: Core, endpoint: EndpointRecord): void {
  if (endpoint.sandboxId === null && !core.busy.has(endpoint.id)) return
  const where = endpoint.sandboxId === null ? 'a sandbox just now' : `sandbox ${endpoint.sandboxId.slice(0, 12)}`
  throw new EngineError(
    'endpoint-in-use',
    `endpoint ${quote(endpoint.name)} is joined to ${where}; let it leave first, or delete it by force`,
    { endpoint: endpoint.id, ...(endpoint.sandboxId === null ? {} : { sandbox: endpoint.sandboxId }) },
  )
}

/** Removes an endpoint that is joined to nothing; the holder of its network's lock calls this. */
export async function dismantleEndpoint(
  core: Core,
  network: NetworkRecord,
  endpoint: EndpointRecord,
  failures: Failures,
): Promise<void> {
  const driver = await core.drivers.get(network.driver)
  const step = core.records.begin({ action: 'delete-endpoint', network, endpoint })
  const done = await failures.attempt(async () => {
    await driver.deleteEndpoint(network, endpoint)
    return true
  })
  if (done !== true) {
    core.records.commit((change) => change.finish(step))
    return
  }
  // First the record, then the addresses: who gets them next must not meet this record after a crash.
  if (!(await remembersLeases(core, network))) {
    core.records.commit((change) => {
      change.removeEndpoint(endpoint.id)
      change.finish(step)
    })
    await releaseAddresses(core, network, endpoint.addresses, failures)
    return
  }
  let release = step
  core.records.commit((change) => {
    change.removeEndpoint(endpoint.id)
    release = change.replace(step, { action: 'release-addresses', network, endpoint })
  })
  await releaseAddresses(core, network, endpoint.addresses, failures)
  core.records.commit((change) => change.finish(release))
}
