/**
 * What the engine asks of whoever answers names in sandboxes: a resolver in each, and its resolv.conf and hosts files. Calls
 * for one sandbox never overlap; calls for different ones may. The directory `sandbox.files` exists when `openSandbox` is
 * called, and is removed after `closeSandbox`.
 */
import type { NamespaceHandle } from '../kernel/index.ts'
import type { EndpointRecord, NetworkRecord, SandboxRecord } from './model.ts'

/** A network and the endpoint with which a sandbox is in it. */
export interface Membership {
  readonly network: NetworkRecord
  readonly endpoint: EndpointRecord
}

/** A sandbox that outlived the last process. */
export interface RestoredSandbox {
  readonly sandbox: SandboxRecord
  /** Open during the call only; duplicate the descriptor to keep it. */
  readonly namespace: NamespaceHandle
  readonly memberships: readonly Membership[]
}

/** A name service. Every call is idempotent. */
export interface NameService {
  /** Writes the sandbox's files and starts to answer in it. `namespace` is open during the call only. */
  openSandbox(sandbox: SandboxRecord, namespace: NamespaceHandle): Promise<void>
  /** The sandbox is in the network now, under the endpoint's name, its aliases and the container's short id. */
  join(sandbox: SandboxRecord, network: NetworkRecord, endpoint: EndpointRecord): Promise<void>
  /** It no longer is. */
  leave(sandbox: SandboxRecord, network: NetworkRecord, endpoint: EndpointRecord): Promise<void>
  /** The name or the aliases of a joined endpoint have changed from those of `before`. */
  rename(
    sandbox: SandboxRecord,
    network: NetworkRecord,
    endpoint: EndpointRecord,
    before: EndpointRecord,
  ): Promise<void>
  closeSandbox(sandbox: SandboxRecord): Promise<void>
  /** After a start: answers in all of these again; edits that users made to the files are kept. */
  restore(sandboxes: readonly RestoredSandbox[]): Promise<void>
  /** The controller closes; the files stay, and sandboxes have no resolver until the next start. */
  close(): Promise<void>
}

/** Answers nothing and writes nothing. */
export const noNames: NameService = {
  async openSandbox() {},
  async join() {},
  async leave() {},
  async rename() {},
  async closeSandbox() {},
  async restore() {},
  async close() {},
}
