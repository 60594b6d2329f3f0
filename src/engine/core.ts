/** What the parts of one controller share. */
import type { NetworkDriver } from './drivers/driver.ts'
import { EngineError } from './errors.ts'
import type { EngineEvents } from './events.ts'
import type { IpamDriver } from './ipam/ipam-driver.ts'
import type { KeyedLock } from './keyed-lock.ts'
import type { EndpointRecord, NetworkRecord, SandboxRecord } from './model.ts'
import type { NameService } from './name-service.ts'
import type { NetworkSpec } from './network/network-spec.ts'
import type { PluggedIn } from './plugged-in.ts'
import type { Records } from './records.ts'
import type { Surroundings } from './surroundings.ts'

/** Which endpoints are the way out of a sandbox. */
export interface Gateways {
  readonly ipv4: string | null
  readonly ipv6: string | null
}

/**
 * What is locked. To stay free of deadlock, a holder asks only for what stands further right, and never for two of one sort:
 * sandbox, template, driver, network, IPAM driver.
 */
type LockName = `sandbox:${string}` | `template:${string}` | `driver:${string}` | `network:${string}` | `ipam:${string}`

/** The shared parts of a controller. */
export interface Core {
  readonly surroundings: Surroundings
  readonly records: Records
  readonly drivers: PluggedIn<NetworkDriver>
  readonly ipamDrivers: PluggedIn<IpamDriver>
  readonly names: NameService
  readonly locks: KeyedLock<LockName>
  readonly events: EngineEvents
  /** Names and ids of what is being made and not in the records yet. */
  readonly reserved: Set<string>
  /** Endpoints that are joining or being deleted just now. */
  readonly busy: Set<string>
  /** Ways out as the kernel has them, by sandbox id. */
  readonly gateways: Map<string, Gateways>
  /** The network that gives a way out to sandboxes without one; null when that is not wanted. */
  readonly gatewayNetwork: NetworkSpec | null
  /** False from the moment that the controller begins to close. */
  open: boolean
  /** Closes the store, and the host's namespace if it was opened here. */
  close(): Promise<void>
}

/** @throws EngineError controller-closed */
export function mustBeOpen(core: Core): void {
  if (!core.open) throw new EngineError('controller-closed', 'the controller is closed; open it again')
}

/** The record of a network. @throws EngineError network-unknown when it was deleted */
export function networkRecord(core: Core, id: string): NetworkRecord {
  const record = core.records.networks.get(id)
  if (record === undefined) throw new EngineError('network-unknown', `there is no network ${id}`, { network: id })
  return record
}

/** The record of an endpoint. @throws EngineError endpoint-unknown when it was deleted */
export function endpointRecord(core: Core, id: string): EndpointRecord {
  const record = core.records.endpoints.get(id)
  if (record === undefined) throw new EngineError('endpoint-unknown', `there is no endpoint ${id}`, { endpoint: id })
  return record
}

/** The record of a sandbox. @throws EngineError sandbox-unknown when it was deleted */
export function sandboxRecord(core: Core, id: string): SandboxRecord {
  const record = core.records.sandboxes.get(id)
  if (record === undefined) throw new EngineError('sandbox-unknown', `there is no sandbox ${id}`, { sandbox: id })
  return record
}

/** Runs `work` while `names` are reserved. @throws EngineError `code` when one is reserved already */
export async function reserving<T>(
  core: Core,
  names: readonly string[],
  taken: (name: string) => EngineError,
  work: () => Promise<T>,
): Promise<T> {
  for (const name of names) if (core.reserved.has(name)) throw taken(name)
  for (const name of names) core.reserved.add(name)
  try {
    return await work()
  } finally {
    for (const name of names) core.reserved.delete(name)
  }
}
