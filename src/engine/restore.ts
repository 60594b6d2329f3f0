/**
 * What a controller does when it opens: it finishes or undoes what the last process had under way, lets the drivers bring the
 * kernel to what the records say, and removes sandboxes whose namespace has died.
 */
import type { Namespace } from '../kernel/index.ts'
import { Failures, sentenceOf } from './collect-failures.ts'
import { type Core, networkRecord } from './core.ts'
import { detach } from './endpoint/detach.ts'
import { removeEndpoint } from './endpoint/remove-endpoint.ts'
import { electGateways } from './gateway/election.ts'
import { balanceGatewayNetwork, isOurs } from './gateway/gateway-network.ts'
import { candidateOf } from './gateway/move-gateways.ts'
import { RECOVERY_ORDER, type Step, type StepAction } from './journal.ts'
import type { EndpointRecord, NetworkRecord, SandboxRecord } from './model.ts'
import type { RestoredSandbox } from './name-service.ts'
import { releaseAddresses, releasePools, replayNetwork } from './network/address-manager.ts'
import { dismantleNetwork } from './network/delete-network.ts'
import { beginDeletion, dismantleSandbox } from './sandbox/delete-sandbox.ts'
import { openNamespace } from './sandbox/sandbox-namespace.ts'

/** What was found at the start, and what became of it. */
export interface Recovery {
  /** Steps that were under way, each finished or undone now. */
  readonly steps: readonly { readonly action: StepAction; readonly id: string }[]
  /** Sandboxes whose namespace had died; they are deleted. */
  readonly lost: readonly SandboxRecord[]
  /** What could not be brought in order, each a sentence. */
  readonly failures: readonly string[]
}

/** Brings kernel and store together. Nothing is thrown for what could not be: it is told in the result. */
export async function restore(core: Core): Promise<Recovery> {
  const failures = new Failures()
  const steps = [...core.records.steps.values()].sort(
    (a, b) => RECOVERY_ORDER[a.action] - RECOVERY_ORDER[b.action] || (a.id < b.id ? -1 : 1),
  )
  await replayPools(core, failures)
  for (const step of steps) await failures.attempt(() => recover(core, step, failures))
  const lost = await removeLostSandboxes(core, failures)
  await restoreDrivers(core, steps, failures)
  await restoreSandboxes(core, failures)
  await restoreGatewayNetwork(core, failures)
  return {
    steps: steps.map((step) => ({ action: step.action, id: subjectOf(step) })),
    lost,
    failures: failures.errors.map(sentenceOf),
  }
}

function subjectOf(step: Step): string {
  if ('endpoint' in step) return step.endpoint.id
  return 'network' in step ? step.network.id : step.sandbox.id
}

/** Tells the IPAM drivers that forget what is leased. */
async function replayPools(core: Core, failures: Failures): Promise<void> {
  for (const network of core.records.networks.all()) {
    if (network.pools.length === 0) continue
    await failures.attempt(async () => {
      const pools = await replayNetwork(core, network, core.records.endpointsOf(network.id), failures)
      if (pools.every((lease, i) => lease.poolId === network.pools[i]?.poolId)) return
      core.records.commit((change) => change.putNetwork({ ...network, pools }))
    })
  }
}

/** Finishes or undoes one step. Each of these is content with whatever part of its object there is. */
async function recover(core: Core, step: Step, failures: Failures): Promise<void> {
  switch (step.action) {
    case 'join':
    case 'leave':
      return recoverMembership(core, step, step.network, step.endpoint, failures)
    case 'create-endpoint':
    case 'delete-endpoint':
      return recoverEndpoint(core, step, step.network, step.endpoint, failures)
    case 'release-addresses':
      return releaseUnused(core, step, step.network, step.endpoint, failures)
    case 'create-sandbox':
    case 'delete-sandbox':
      return dismantleSandbox(core, step.sandbox, step, failures)
    case 'create-network':
    case 'delete-network':
      return recoverNetwork(core, step, step.network, failures)
    case 'release-pools':
      await releasePools(core, step.network, failures)
      core.records.commit((change) => change.finish(step))
  }
}

async function recoverMembership(
  core: Core,
  step: Step,
  network: NetworkRecord,
  endpoint: EndpointRecord,
  failures: Failures,
): Promise<void> {
  const sandbox = endpoint.sandboxId === null ? undefined : core.records.sandboxes.get(endpoint.sandboxId)
  if (sandbox === undefined) {
    core.records.commit((change) => change.finish(step))
    return
  }
  const namespace = openNamespace(sandbox)
  try {
    await detach(core, { step, network, endpoint, sandbox, namespace: namespace ?? null }, failures)
  } finally {
    namespace?.close()
  }
}

async function recoverEndpoint(
  core: Core,
  step: Step,
  network: NetworkRecord,
  endpoint: EndpointRecord,
  failures: Failures,
): Promise<void> {
  const driver = await core.drivers.get(network.driver)
  await driver.deleteEndpoint(network, endpoint)
  let release = step
  core.records.commit((change) => {
    change.removeEndpoint(endpoint.id)
    release = change.replace(step, { action: 'release-addresses', network, endpoint })
  })
  await releaseUnused(core, release, network, endpoint, failures)
}

/** Gives addresses back, but not one that another endpoint has been given since. */
async function releaseUnused(
  core: Core,
  step: Step,
  network: NetworkRecord,
  endpoint: EndpointRecord,
  failures: Failures,
): Promise<void> {
  const inUse = new Set(core.records.endpointsOf(network.id).flatMap((other) => other.addresses))
  const unused = endpoint.addresses.filter((address) => !inUse.has(address))
  await releaseAddresses(core, network, unused, failures)
  core.records.commit((change) => change.finish(step))
}

async function recoverNetwork(core: Core, step: Step, network: NetworkRecord, failures: Failures): Promise<void> {
  const before = failures.errors.length
  await dismantleNetwork(core, network, failures)
  // What could not be removed is tried again at the next start.
  if (failures.errors.length === before) core.records.commit((change) => change.finish(step))
}

/** Deletes the sandboxes whose path leads nowhere, or to another namespace. */
async function removeLostSandboxes(core: Core, failures: Failures): Promise<SandboxRecord[]> {
  const lost: SandboxRecord[] = []
  for (const sandbox of core.records.sandboxes.all()) {
    const namespace = openNamespace(sandbox)
    namespace?.close()
    if (namespace !== undefined) continue
    lost.push(sandbox)
    await failures.attempt(() => dismantleSandbox(core, sandbox, beginDeletion(core, sandbox), failures))
  }
  return lost
}

/** Drivers that have networks, and those whose last network was under way: what they had retired is still to be removed. */
async function restoreDrivers(core: Core, steps: readonly Step[], failures: Failures): Promise<void> {
  const networks = core.records.networks.all().filter((network) => !network.configOnly)
  const involved = steps.flatMap((step) => ('network' in step && !step.network.configOnly ? [step.network] : []))
  for (const name of new Set([...networks, ...involved].map((network) => network.driver))) {
    await failures.attempt(async () => {
      const own = networks.filter((network) => network.driver === name)
      const endpoints = own.flatMap((network) => core.records.endpointsOf(network.id))
      await (await core.drivers.get(name)).restore(own, endpoints)
    })
  }
}

/** Names, and who is the way out: the drivers have published its ports, and its routes are where they were. */
async function restoreSandboxes(core: Core, failures: Failures): Promise<void> {
  const restored: (RestoredSandbox & { readonly namespace: Namespace })[] = []
  try {
    for (const sandbox of core.records.sandboxes.all()) {
      const namespace = openNamespace(sandbox)
      if (namespace === undefined) continue
      const members = core.records.endpointsIn(sandbox.id)
      const memberships = members.map((endpoint) => ({ endpoint, network: networkRecord(core, endpoint.networkId) }))
      restored.push({ sandbox, namespace, memberships })
      const gateways = electGateways(members.map((endpoint) => candidateOf(core, endpoint)))
      if (gateways.ipv4 !== null || gateways.ipv6 !== null) core.gateways.set(sandbox.id, gateways)
    }
    await failures.attempt(() => core.names.restore(restored))
  } finally {
    for (const { namespace } of restored) namespace.close()
  }
}

/** Removes endpoints in the gateway network that had not joined yet, or had left already, and adds those that are missing. */
async function restoreGatewayNetwork(core: Core, failures: Failures): Promise<void> {
  if (core.gatewayNetwork === null) return
  for (const endpoint of core.records.endpoints.all()) {
    if (endpoint.sandboxId !== null || !endpoint.anonymous || !isOurs(core, endpoint)) continue
    await failures.attempt(() => removeEndpoint(core, endpoint.id))
  }
  for (const sandbox of core.records.sandboxes.all()) {
    await failures.attempt(() => core.locks.hold(`sandbox:${sandbox.id}`, () => balanceGatewayNetwork(core, sandbox)))
  }
}
