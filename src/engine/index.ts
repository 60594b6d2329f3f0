/**
 * The engine's room: the Container Network Model as a library. Networks hold endpoints, endpoints join sandboxes, drivers do
 * the work. Read `model.ts` (the objects as values) and `errors.ts` (the rules they obey) first; then `controller.ts` and the
 * handles that it gives out (`handles.ts`); what they do is in `network/`, `endpoint/`, `sandbox/` and `gateway/`, one operation
 * a file. `journal.ts` and `restore.ts` tell how it survives being killed; `core.ts` what the parts share.
 * What is plugged in has a contract and a folder: `drivers/driver.ts`, `ipam/ipam-driver.ts`, `name-service.ts`, `store/store.ts`.
 */

export type { NamespaceHandle } from '../kernel/index.ts'
export { Controller } from './controller.ts'
export type { ControllerOptions } from './controller-options.ts'
export { defaultDrivers, defaultIpamDrivers, dockerPlugins } from './default-drivers.ts'
export * from './dns/index.ts'
export type * from './drivers/driver.ts'
export type { JoinOptions } from './endpoint/attach.ts'
export type { EndpointDeletion } from './endpoint/delete-endpoint.ts'
export type { EndpointSpec } from './endpoint/endpoint-spec.ts'
export type { Renaming } from './endpoint/rename-endpoint.ts'
export * from './errors.ts'
export type { EngineEvent, EventListener } from './events.ts'
export { Endpoint, type EndpointInfo, Network, Sandbox } from './handles.ts'
export { DefaultIpam, type DefaultIpamOptions, type PredefinedPools } from './ipam/index.ts'
export type * from './ipam/ipam-driver.ts'
export { KeyedLock } from './keyed-lock.ts'
export type * from './model.ts'
export { type Membership, type NameService, noNames, type RestoredSandbox } from './name-service.ts'
export type { NetworkDeletion } from './network/delete-network.ts'
export type { NetworkSpec } from './network/network-spec.ts'
export type { Recovery } from './restore.ts'
export type { InterfaceStatistics } from './sandbox/sandbox-links.ts'
export type { SandboxSpec } from './sandbox/sandbox-spec.ts'
export { LmdbStore } from './store/lmdb-store.ts'
export { MemoryStore } from './store/memory-store.ts'
export type { RecordKind, Store, StoreReader, StoreWriter } from './store/store.ts'
export type * from './surroundings.ts'
