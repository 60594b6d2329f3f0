/** Making a network: checks, pools, the driver, the record; undone in reverse when a part fails. */
import { Failures } from '../collect-failures.ts'
import { type Core, mustBeOpen, reserving } from '../core.ts'
import type { NetworkDriver } from '../drivers/driver.ts'
import { EngineError } from '../errors.ts'
import { quote } from '../ids.ts'
import type { NetworkRecord } from '../model.ts'
import { resolveReference } from '../references.ts'
import { leasePools, releasePools } from './address-manager.ts'
import { draftNetwork, type NetworkDraft, type NetworkSpec } from './network-spec.ts'

/**
 * Makes a network.
 * @throws EngineError name-blank, name-taken, option-unknown, option-invalid, driver-unknown, network-single, scope-invalid,
 *   pool-overlap … ; nothing is left of it then
 */
export async function createNetwork(core: Core, spec: NetworkSpec): Promise<NetworkRecord> {
  mustBeOpen(core)
  const template = spec.configFrom === undefined ? undefined : findNetwork(core, spec.configFrom)
  const draft = draftNetwork(spec, template)
  const { record } = draft
  checkUnused(core, record)
  const make = (): Promise<NetworkRecord> =>
    reserving(
      core,
      [`network ${record.name}`, `network ${record.id}`],
      () => nameTaken(record.name),
      // Two networks of one driver are checked against each other, so that they are made one after the other.
      () => core.locks.hold(`driver:${record.driver}`, () => build(core, draft)),
    )
  // The template stays as long as somebody takes settings from it.
  return template === undefined ? make() : core.locks.hold(`template:${template.id}`, make)
}

/** The network that `reference` means. @throws EngineError network-unknown, reference-ambiguous */
export function findNetwork(core: Core, reference: string): NetworkRecord {
  return resolveReference<NetworkRecord>(
    {
      table: core.records.networks,
      noun: 'network',
      unknown: 'network-unknown',
      named: (name) => core.records.networks.by('name', name),
    },
    reference,
  )
}

async function build(core: Core, draft: NetworkDraft): Promise<NetworkRecord> {
  mustBeOpen(core)
  checkUnused(core, draft.record)
  const { configFrom } = draft.record
  if (configFrom !== null && core.records.networks.get(configFrom) === undefined) {
    throw new EngineError('network-unknown', `there is no network ${configFrom} any more`)
  }
  const network = draft.record.configOnly ? draft.record : await allocate(core, draft)
  if (!network.configOnly) await realise(core, network)
  else core.records.commit((change) => change.putNetwork(network))
  core.events.tell({ type: 'network-created', network })
  return network
}

/** Leases the pools of a draft. */
async function allocate(core: Core, draft: NetworkDraft): Promise<NetworkRecord> {
  const driver = await core.drivers.get(draft.record.driver)
  checkDriver(core, driver, draft.record)
  if (!driver.capabilities.addresses) return draft.record
  const wantsGateway = driver.wantsGateway?.(draft.record) ?? (driver.capabilities.gateway || !draft.record.internal)
  return { ...draft.record, pools: await leasePools(core, draft.record, draft.pools, wantsGateway) }
}

/** Has the driver make the network, and keeps it. */
async function realise(core: Core, network: NetworkRecord): Promise<void> {
  const driver = await core.drivers.get(network.driver)
  try {
    driver.validateNetwork(network, core.records.networks.by('driver', network.driver))
  } catch (error) {
    await releasePools(core, network, new Failures())
    throw error
  }
  const step = core.records.begin({ action: 'create-network', network })
  try {
    await core.locks.hold(`network:${network.id}`, () => driver.createNetwork(network))
    core.records.commit((change) => {
      change.putNetwork(network)
      change.finish(step)
    })
  } catch (error) {
    const failures = new Failures()
    failures.add(error)
    await failures.attempt(() => driver.deleteNetwork(network))
    await releasePools(core, network, failures)
    // Should something have stayed behind, the next start tries again.
    if (failures.errors.length === 1) core.records.commit((change) => change.finish(step))
    failures.throwIfAny(`network ${quote(network.name)} could not be created`, { network: network.id })
  }
}

function checkUnused(core: Core, record: NetworkRecord): void {
  if (core.records.networks.by('name', record.name).length > 0) throw nameTaken(record.name)
  if (core.records.networks.get(record.id) === undefined) return
  throw new EngineError('name-taken', `a network with the id ${record.id} exists already`)
}

function nameTaken(name: string): EngineError {
  return new EngineError('name-taken', `a network named ${quote(name)} exists already; choose another name`)
}

function checkDriver(core: Core, driver: NetworkDriver, record: NetworkRecord): void {
  const { capabilities, networkOptions } = driver
  if (capabilities.single && core.records.networks.by('driver', record.driver).some((each) => !each.configOnly)) {
    throw new EngineError('network-single', `there is one ${record.driver} network, and there can be no second`)
  }
  if (record.scope === 'global' && capabilities.scope === 'local') {
    throw new EngineError('scope-invalid', `networks of the driver ${record.driver} are local; leave the scope out`)
  }
  for (const option of Object.keys(record.options)) {
    if (networkOptions === undefined || networkOptions.has(option)) continue
    throw new EngineError('option-unknown', `the driver ${record.driver} has no option ${quote(option)}`)
  }
}
