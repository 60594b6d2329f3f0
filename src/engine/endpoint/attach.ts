/** What joining an endpoint to a sandbox takes: the driver's part, the interface within, the way out, the names. */

import type { Namespace } from '../../kernel/index.ts'
import { Failures } from '../collect-failures.ts'
import { type Core, endpointRecord, networkRecord } from '../core.ts'
import type { DriverJoin } from '../drivers/driver.ts'
import { EngineError } from '../errors.ts'
import { concealFormer, exposeNew, type GatewayMove, keepMove, moveRoutes, planMove } from '../gateway/move-gateways.ts'
import { quote } from '../ids.ts'
import type { Step } from '../journal.ts'
import type { EndpointRecord, JoinRecord, Labels, NetworkRecord, SandboxRecord } from '../model.ts'
import { SandboxLinks } from '../sandbox/sandbox-links.ts'
import { mustOpenNamespace } from '../sandbox/sandbox-namespace.ts'
import { detach } from './detach.ts'
import { applyInterfaceSysctls } from './interface-sysctls.ts'

/** How an endpoint joins. */
export interface JoinOptions {
  /** Instead of the endpoint's own. */
  readonly priority?: number
  /** In addition to the endpoint's own. */
  readonly aliases?: readonly string[]
  /** For the driver. */
  readonly options?: Labels
}

/**
 * Joins an endpoint to a sandbox; the holder of the sandbox's lock calls this.
 * @throws EngineError endpoint-joined, endpoint-in-use, sandbox-gone …; everything is as before then
 */
export async function joinHoldingSandbox(
  core: Core,
  endpointId: string,
  sandbox: SandboxRecord,
  options: JoinOptions,
): Promise<void> {
  const endpoint = withOptions(endpointRecord(core, endpointId), options)
  checkFree(core, endpoint)
  core.busy.add(endpointId)
  try {
    const network = networkRecord(core, endpoint.networkId)
    const namespace = mustOpenNamespace(sandbox)
    try {
      await attach(core, { network, endpoint, sandbox, namespace, options: options.options ?? {} })
    } finally {
      namespace.close()
    }
  } finally {
    core.busy.delete(endpointId)
  }
}

function withOptions(endpoint: EndpointRecord, options: JoinOptions): EndpointRecord {
  const aliases = [...new Set([...endpoint.aliases, ...(options.aliases ?? [])])]
  return { ...endpoint, aliases, priority: options.priority ?? endpoint.priority }
}

function checkFree(core: Core, endpoint: EndpointRecord): void {
  if (endpoint.sandboxId !== null) {
    throw new EngineError(
      'endpoint-joined',
      `endpoint ${quote(endpoint.name)} is joined to sandbox ${endpoint.sandboxId.slice(0, 12)} already; let it leave first`,
      { endpoint: endpoint.id, sandbox: endpoint.sandboxId },
    )
  }
  if (!core.busy.has(endpoint.id)) return
  throw new EngineError('endpoint-in-use', `endpoint ${quote(endpoint.name)} is just being joined or deleted`, {
    endpoint: endpoint.id,
  })
}

interface Attachment {
  readonly network: NetworkRecord
  readonly endpoint: EndpointRecord
  readonly sandbox: SandboxRecord
  readonly namespace: Namespace
  readonly options: Labels
}

async function attach(core: Core, what: Attachment): Promise<void> {
  const { network, sandbox, endpoint } = what
  const joining: EndpointRecord = { ...endpoint, sandboxId: sandbox.id }
  const step = core.records.begin({ action: 'join', network, endpoint: joining })
  let joined = joining
  const links = new SandboxLinks(what.namespace, core.surroundings.host)
  try {
    const given = await driverJoin(core, what, joining, links)
    joined = { ...joining, join: joinRecordOf(given) }
    const move = planMove(core, sandbox, [...core.records.endpointsIn(sandbox.id), joined])
    if (given.placed !== 'none') place(links, given, joined, what, move)
    await settle(core, step, move, joined)
  } catch (error) {
    links.close()
    await undo(core, step, what, joined, error)
  } finally {
    links.close()
  }
  core.events.tell({ type: 'endpoint-joined', network, endpoint: endpointRecord(core, endpoint.id), sandbox })
}

function driverJoin(core: Core, what: Attachment, joining: EndpointRecord, links: SandboxLinks): Promise<DriverJoin> {
  const { network, sandbox, namespace } = what
  return core.locks.hold(`network:${network.id}`, async () => {
    const driver = await core.drivers.get(network.driver)
    const names = core.records.endpointsIn(sandbox.id).flatMap((each) => each.join?.interfaceName ?? [])
    return driver.join(
      network,
      joining,
      {
        id: sandbox.id,
        containerId: sandbox.containerId,
        key: sandbox.key,
        namespace,
        freeInterfaceName: (prefix) => links.freeName(prefix, names),
      },
      what.options,
    )
  })
}

function joinRecordOf(given: DriverJoin): JoinRecord {
  const { gateway, gatewayIPv6, routes, disableGatewayService } = given
  const interfaceName = given.placed === 'none' ? '' : given.interfaceName
  const source = given.placed === false ? { source: given.source } : {}
  return { interfaceName, ...source, gateway, gatewayIPv6, routes, disableGatewayService }
}

/** Everything of the interface within the sandbox, as far as possible in one go. */
function place(
  links: SandboxLinks,
  given: DriverJoin,
  joined: EndpointRecord,
  { sandbox, namespace }: Attachment,
  move: GatewayMove,
): void {
  if (given.placed === false) links.moveIn(given.source, given.interfaceName)
  if (given.placed === true && given.interfaceIndex !== undefined) links.know(given.interfaceName, given.interfaceIndex)
  links.configure(joined, joined.join!, { ipv6OffByDefault: sandbox.origin === 'created' })
  // Before it comes up: what the settings forbid shall not happen in the first moment either.
  applyInterfaceSysctls(namespace, joined, given.interfaceName)
  moveRoutes(links, move)
  links.apply()
}

/** Moves the published ports along with the way out, tells the names, and keeps the result. */
async function settle(core: Core, step: Step, move: GatewayMove, joined: EndpointRecord): Promise<void> {
  const failures = new Failures()
  const concealed = await concealFormer(core, move, failures)
  failures.throwIfAny('the published ports of the former gateway could not be taken away')
  const exposed = await exposeNew(core, move)
  const settled = exposed.find((endpoint) => endpoint.id === joined.id) ?? joined
  await core.names.join(move.sandbox, networkRecord(core, joined.networkId), settled)
  core.records.commit((change) => {
    for (const endpoint of [...concealed, ...exposed, settled]) change.putEndpoint(endpoint)
    change.finish(step)
  })
  keepMove(core, move)
}

async function undo(core: Core, step: Step, what: Attachment, joined: EndpointRecord, error: unknown): Promise<never> {
  const failures = new Failures()
  failures.add(error)
  await detach(
    core,
    { step, network: what.network, endpoint: joined, sandbox: what.sandbox, namespace: what.namespace },
    failures,
  )
  failures.throwIfAny(`endpoint ${quote(joined.name)} could not join sandbox ${quote(what.sandbox.containerId)}`, {
    endpoint: joined.id,
    sandbox: what.sandbox.id,
  })
  throw error
}
