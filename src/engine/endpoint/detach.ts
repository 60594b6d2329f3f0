/** What leaving a sandbox takes, also after an endpoint that was half joined or half left. */
import type { Namespace } from '../../kernel/index.ts'
import type { Failures } from '../collect-failures.ts'
import { type Core, endpointRecord, networkRecord, sandboxRecord } from '../core.ts'
import { EngineError } from '../errors.ts'
import { conceal, exposeNew, isGateway, keepMove, moveRoutes, planMove } from '../gateway/move-gateways.ts'
import { quote } from '../ids.ts'
import type { Step } from '../journal.ts'
import type { EndpointRecord, NetworkRecord, SandboxRecord } from '../model.ts'
import { SandboxLinks } from '../sandbox/sandbox-links.ts'
import { openNamespace } from '../sandbox/sandbox-namespace.ts'

/**
 * Lets an endpoint leave its sandbox; the holder of the sandbox's lock calls this.
 * @throws EngineError endpoint-not-joined
 */
export async function leaveHoldingSandbox(
  core: Core,
  endpointId: string,
  sandboxId: string,
  failures: Failures,
): Promise<void> {
  const endpoint = endpointRecord(core, endpointId)
  if (endpoint.sandboxId !== sandboxId) {
    throw new EngineError('endpoint-not-joined', `endpoint ${quote(endpoint.name)} is not joined to that sandbox`, {
      endpoint: endpointId,
      sandbox: sandboxId,
    })
  }
  const sandbox = sandboxRecord(core, sandboxId)
  const network = networkRecord(core, endpoint.networkId)
  const step = core.records.begin({ action: 'leave', network, endpoint })
  const namespace = openNamespace(sandbox)
  try {
    await detach(core, { step, network, endpoint, sandbox, namespace: namespace ?? null }, failures)
  } finally {
    namespace?.close()
  }
  const left = core.records.endpoints.get(endpointId) ?? endpoint
  core.events.tell({ type: 'endpoint-left', network, endpoint: left, sandbox })
}

/** An endpoint that is to be in its sandbox no longer. */
export interface Detachment {
  readonly step: Step
  readonly network: NetworkRecord
  /** As it was, or was about to be, joined. */
  readonly endpoint: EndpointRecord
  readonly sandbox: SandboxRecord
  /** Null when it is gone, and the interfaces in it with it. */
  readonly namespace: Namespace | null
  /** The sandbox is being deleted, and wants no other way out. */
  readonly closing?: boolean
}

/** Takes an endpoint out of its sandbox and keeps that; the holder of the sandbox's lock calls this. */
export async function detach(core: Core, what: Detachment, failures: Failures): Promise<void> {
  const { step, network, endpoint, sandbox, namespace } = what
  await failures.attempt(() => core.names.leave(sandbox, network, endpoint))
  const others = core.records.endpointsIn(sandbox.id).filter((other) => other.id !== endpoint.id)
  const members = what.closing === true ? [] : others
  const before = core.gateways.get(sandbox.id)
  // How far the way out had been moved to it nobody knows, so that it is moved back in full.
  if (step.action === 'join') core.gateways.delete(sandbox.id)
  const move = planMove(core, sandbox, members)
  if (before === undefined || isGateway(before, endpoint.id) || step.action === 'join') {
    await failures.attempt(() => conceal(core, endpoint))
  }
  // An endpoint without an interface has routes of its own only where others have.
  const bare = endpoint.join?.interfaceName === '' && others.length === 0
  const links = namespace === null || bare ? null : new SandboxLinks(namespace, core.surroundings.host)
  try {
    await takeOut(core, what, links, failures)
    if (links !== null && what.closing !== true) {
      await failures.attempt(() => {
        moveRoutes(links, move)
        links.apply()
      })
    }
  } finally {
    links?.close()
  }
  const exposed = (await failures.attempt(() => exposeNew(core, move))) ?? []
  core.records.commit((change) => {
    const current = core.records.endpoints.get(endpoint.id)
    if (current !== undefined) change.putEndpoint({ ...current, sandboxId: null, join: null, ports: [] })
    for (const other of exposed) change.putEndpoint(other)
    change.finish(step)
  })
  if (what.closing !== true) keepMove(core, move)
}

async function takeOut(core: Core, what: Detachment, links: SandboxLinks | null, failures: Failures): Promise<void> {
  const { network, endpoint, sandbox, namespace } = what
  const { join } = endpoint
  if (links !== null && join?.source !== undefined) {
    const { interfaceName, source } = join
    await failures.attempt(() => links.moveOut(interfaceName, source))
  }
  await failures.attempt(() =>
    core.locks.hold(`network:${network.id}`, async () => {
      const driver = await core.drivers.get(network.driver)
      const { id, containerId, key } = sandbox
      const freeInterfaceName = (prefix: string): string => links?.freeName(prefix, []) ?? `${prefix}0`
      await driver.leave(
        network,
        endpoint,
        namespace === null ? null : { id, containerId, key, namespace, freeInterfaceName },
      )
    }),
  )
}
