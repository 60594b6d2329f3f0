/** Deleting a network, and clearing up after one that was half made or half deleted. */
import { Failures } from '../collect-failures.ts'
import { type Core, mustBeOpen, networkRecord } from '../core.ts'
import { deleteEndpoint } from '../endpoint/delete-endpoint.ts'
import { EngineError } from '../errors.ts'
import { quote } from '../ids.ts'
import type { NetworkRecord } from '../model.ts'
import { releasePools } from './address-manager.ts'

/** How a network is deleted. */
export interface NetworkDeletion {
  /** Its endpoints are deleted first, those that are joined too. */
  readonly force?: boolean
}

/**
 * Deletes a network.
 * @throws EngineError network-unknown, network-in-use, network-undeletable; kernel-refused when part of it could not be
 *   removed: the network is still there then, and can be deleted again
 */
export async function deleteNetwork(core: Core, id: string, options: NetworkDeletion = {}): Promise<void> {
  mustBeOpen(core)
  const network = networkRecord(core, id)
  await checkDeletable(core, network)
  if (options.force === true) await deleteEndpoints(core, network)
  // A network that is taking this one's settings holds the template's name.
  await core.locks.hold(`template:${id}`, () =>
    core.locks.hold(`network:${id}`, async () => {
      const current = networkRecord(core, id)
      checkUnused(core, current)
      const failures = new Failures()
      await dismantleNetwork(core, current, failures)
      failures.throwIfAny(`network ${quote(current.name)} could not be deleted`, { network: id })
      core.events.tell({ type: 'network-deleted', network: current })
    }),
  )
}

async function checkDeletable(core: Core, network: NetworkRecord): Promise<void> {
  if (network.configOnly) return
  const driver = await core.drivers.get(network.driver)
  if (!driver.capabilities.single) return
  throw new EngineError('network-undeletable', `the ${network.driver} network is always there and cannot be deleted`, {
    network: network.id,
  })
}

function checkUnused(core: Core, network: NetworkRecord): void {
  const { endpoints, networks } = core.records
  const users = endpoints.by('network', network.id)
  if (users.length > 0) {
    throw new EngineError(
      'network-in-use',
      `network ${quote(network.name)} has ${users.length} endpoint${users.length === 1 ? '' : 's'} (${names(users)}); delete them first`,
      { network: network.id },
    )
  }
  const consumers = networks.by('template', network.id)
  if (consumers.length === 0) return
  throw new EngineError('network-in-use', `network ${quote(network.name)} is the template of ${names(consumers)}`, {
    network: network.id,
  })
}

function names(records: readonly { readonly name: string }[]): string {
  const shown = records.slice(0, 5).map((record) => quote(record.name))
  return records.length > 5 ? `${shown.join(', ')} and ${records.length - 5} more` : shown.join(', ')
}

async function deleteEndpoints(core: Core, network: NetworkRecord): Promise<void> {
  const failures = new Failures()
  const deletions = core.records
    .endpointsOf(network.id)
    .map((endpoint) => failures.attempt(() => deleteEndpoint(core, endpoint.id, { force: true })))
  await Promise.all(deletions)
  failures.throwIfAny(`the endpoints of network ${quote(network.name)} could not be deleted`, { network: network.id })
}

/**
 * Removes what there is of a network, whatever part of it was made; the holder of its lock calls this. When the driver fails,
 * record and pools stay, for they are in use still.
 */
export async function dismantleNetwork(core: Core, network: NetworkRecord, failures: Failures): Promise<void> {
  if (network.configOnly) {
    core.records.commit((change) => change.removeNetwork(network.id))
    return
  }
  const step = core.records.begin({ action: 'delete-network', network })
  const driver = await core.drivers.get(network.driver)
  const done = await failures.attempt(async () => {
    await driver.deleteNetwork(network)
    return true
  })
  if (done !== true) {
    core.records.commit((change) => change.finish(step))
    return
  }
  let release = step
  core.records.commit((change) => {
    change.removeNetwork(network.id)
    release = change.replace(step, { action: 'release-pools', network })
  })
  await releasePools(core, network, failures)
  core.records.commit((change) => change.finish(release))
}
