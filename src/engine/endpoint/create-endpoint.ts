/** Making an endpoint: addresses, the driver's part, the record; undone when a part fails. */
import { randomBytes } from 'node:crypto'
import { Failures } from '../collect-failures.ts'
import { type Core, mustBeOpen, networkRecord } from '../core.ts'
import { EngineError } from '../errors.ts'
import { quote } from '../ids.ts'
import type { EndpointRecord, NetworkRecord } from '../model.ts'
import { leaseAddresses, releaseAddresses, wantsMacAddress } from '../network/address-manager.ts'
import { draftEndpoint, type EndpointSpec } from './endpoint-spec.ts'

/**
 * Makes an endpoint in a network.
 * @throws EngineError name-taken, network-config-only, address-taken, addresses-exhausted …; nothing is left of it then
 */
export async function createEndpoint(core: Core, networkId: string, spec: EndpointSpec): Promise<EndpointRecord> {
  mustBeOpen(core)
  return core.locks.hold(`network:${networkId}`, async () => {
    mustBeOpen(core)
    const network = networkRecord(core, networkId)
    if (network.configOnly) {
      throw new EngineError(
        'network-config-only',
        `network ${quote(network.name)} is a template: it takes no endpoints`,
        {
          network: networkId,
        },
      )
    }
    const draft = draftEndpoint(spec, network)
    checkUnused(core, network, draft)
    const macAddress = draft.macAddress ?? ((await wantsMacAddress(core, network)) ? randomMacAddress() : null)
    const wish = { name: draft.name, macAddress, addresses: draft.addresses, ipamOptions: spec.ipamOptions ?? {} }
    const addresses = await leaseAddresses(core, network, wish)
    const endpoint = await realise(core, network, { ...draft, macAddress, addresses })
    core.events.tell({ type: 'endpoint-created', network, endpoint })
    return endpoint
  })
}

async function realise(core: Core, network: NetworkRecord, draft: EndpointRecord): Promise<EndpointRecord> {
  const driver = await core.drivers.get(network.driver)
  const step = core.records.begin({ action: 'create-endpoint', network, endpoint: draft })
  try {
    const additions = await driver.createEndpoint(network, draft)
    const endpoint: EndpointRecord = {
      ...draft,
      macAddress: draft.macAddress ?? additions.macAddress ?? null,
      addresses: draft.addresses.length > 0 ? draft.addresses : (additions.addresses ?? []),
    }
    core.records.commit((change) => {
      change.putEndpoint(endpoint)
      change.finish(step)
    })
    return endpoint
  } catch (error) {
    const failures = new Failures()
    failures.add(error)
    await failures.attempt(() => driver.deleteEndpoint(network, draft))
    await releaseAddresses(core, network, draft.addresses, failures)
    // Should something have stayed behind, the next start tries again.
    if (failures.errors.length === 1) core.records.commit((change) => change.finish(step))
    failures.throwIfAny(`endpoint ${quote(draft.name)} could not be created`, { network: network.id })
    throw error
  }
}

function checkUnused(core: Core, network: NetworkRecord, draft: EndpointRecord): void {
  const same = core.records.endpoints.by('name', `${network.id} ${draft.name}`)
  if (same.length > 0) {
    throw new EngineError(
      'name-taken',
      `endpoint ${quote(draft.name)} exists already in network ${quote(network.name)}`,
      {
        network: network.id,
      },
    )
  }
  if (core.records.endpoints.get(draft.id) === undefined) return
  throw new EngineError('name-taken', `an endpoint with the id ${draft.id} exists already`, { network: network.id })
}

/** A locally administered address of one interface (IEEE 802). */
function randomMacAddress(): string {
  return ['02', ...randomBytes(5).toString('hex').match(/../g)!].join(':')
}
