/**
 * A way out for sandboxes whose endpoints have none: an anonymous endpoint in a network that the controller keeps for that
 * (libnetwork's docker_gwbridge). It comes when it is needed and goes when another endpoint brings a gateway.
 */
import { Failures } from '../collect-failures.ts'
import { type Core, networkRecord } from '../core.ts'
import { joinHoldingSandbox } from '../endpoint/attach.ts'
import { createEndpoint } from '../endpoint/create-endpoint.ts'
import { leaveHoldingSandbox } from '../endpoint/detach.ts'
import { removeEndpoint } from '../endpoint/remove-endpoint.ts'
import { isEngineError } from '../errors.ts'
import type { EndpointRecord, NetworkRecord, SandboxRecord } from '../model.ts'
import { createNetwork } from '../network/create-network.ts'

/** Adds or removes the sandbox's endpoint in the gateway network; the holder of the sandbox's lock calls this. */
export async function balanceGatewayNetwork(core: Core, sandbox: SandboxRecord): Promise<void> {
  if (core.gatewayNetwork === null) return
  const members = core.records.endpointsIn(sandbox.id)
  const ours = members.find((endpoint) => isOurs(core, endpoint))
  const wanted = await lacksWayOut(
    core,
    members.filter((endpoint) => endpoint !== ours),
  )
  if (wanted && ours === undefined) await add(core, sandbox)
  if (!wanted && ours !== undefined) await remove(core, sandbox, ours)
}

/** Whether an endpoint is in the gateway network. */
export function isOurs(core: Core, endpoint: EndpointRecord): boolean {
  return networkRecord(core, endpoint.networkId).name === core.gatewayNetwork?.name
}

/** True when there are endpoints of which one would want a way out, and none has or declines one. */
async function lacksWayOut(core: Core, endpoints: readonly EndpointRecord[]): Promise<boolean> {
  let wanting = false
  for (const { join, networkId } of endpoints) {
    const network = networkRecord(core, networkId)
    const driver = await core.drivers.get(network.driver)
    if (network.internal || !driver.capabilities.addresses) continue
    if (join === null || join.disableGatewayService || join.gateway !== null || join.gatewayIPv6 !== null) return false
    if (join.routes.some(({ destination }) => destination === '0.0.0.0/0' || destination === '::/0')) return false
    wanting = true
  }
  return wanting
}

async function add(core: Core, sandbox: SandboxRecord): Promise<void> {
  const network = await gatewayNetwork(core)
  const { containerId } = sandbox
  const name = `gateway_${containerId.length <= 12 ? containerId : sandbox.id.slice(0, 12)}`
  const endpoint = await createEndpoint(core, network.id, { name, anonymous: true })
  try {
    await joinHoldingSandbox(core, endpoint.id, sandbox, {})
  } catch (error) {
    await removeEndpoint(core, endpoint.id)
    throw error
  }
}

async function remove(core: Core, sandbox: SandboxRecord, endpoint: EndpointRecord): Promise<void> {
  const failures = new Failures()
  await leaveHoldingSandbox(core, endpoint.id, sandbox.id, failures)
  await failures.attempt(() => removeEndpoint(core, endpoint.id))
  failures.throwIfAny('the endpoint in the gateway network could not be removed', { sandbox: sandbox.id })
}

async function gatewayNetwork(core: Core): Promise<NetworkRecord> {
  const spec = core.gatewayNetwork!
  const present = core.records.networks.by('name', spec.name)[0]
  if (present !== undefined) return present
  try {
    return await createNetwork(core, spec)
  } catch (error) {
    // Another sandbox needed it at the same moment.
    const made = isEngineError(error, 'name-taken')
      ? await nowPresent(core, spec.driver ?? 'bridge', spec.name)
      : undefined
    if (made === undefined) throw error
    return made
  }
}

/** Waits for the creation that is under way. */
async function nowPresent(core: Core, driver: string, name: string): Promise<NetworkRecord | undefined> {
  await core.locks.hold(`driver:${driver}`, async () => {})
  return core.records.networks.by('name', name)[0]
}
