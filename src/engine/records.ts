/**
 * The engine's records: the store's, held in memory as well, with the indexes that its questions need. A change goes to the
 * store first, in one transaction, and to memory only when that has kept it. Nobody else writes these kinds.
 */
import type { NewStep, Step } from './journal.ts'
import type { EndpointRecord, NetworkRecord, SandboxRecord } from './model.ts'
import { RecordTable } from './record-table.ts'
import type { Store } from './store/store.ts'

/** Gathers the changes of one transaction. */
export interface Change {
  putNetwork(network: NetworkRecord): void
  removeNetwork(id: string): void
  putEndpoint(endpoint: EndpointRecord): void
  removeEndpoint(id: string): void
  putSandbox(sandbox: SandboxRecord): void
  removeSandbox(id: string): void
  /** The step is over. */
  finish(step: Step): void
  /** What was under way goes over into something else, under the same number. */
  replace(step: Step, next: NewStep): Step
}

/** Records of networks, endpoints, sandboxes and steps. */
export class Records {
  readonly #store: Store
  readonly networks = new RecordTable<NetworkRecord>({
    name: (network) => [network.name],
    driver: (network) => [network.driver],
    template: (network) => (network.configFrom === null ? [] : [network.configFrom]),
  })
  readonly endpoints = new RecordTable<EndpointRecord>({
    network: (endpoint) => [endpoint.networkId],
    sandbox: (endpoint) => (endpoint.sandboxId === null ? [] : [endpoint.sandboxId]),
    name: (endpoint) => [`${endpoint.networkId} ${endpoint.name}`],
    plainName: (endpoint) => [endpoint.name],
  })
  readonly sandboxes = new RecordTable<SandboxRecord>({ container: (sandbox) => [sandbox.containerId] })
  readonly steps = new Map<string, Step>()
  #lastStep = 0

  /** Reads everything that the store holds. */
  constructor(store: Store) {
    this.#store = store
    for (const record of oldestFirst(store.list<NetworkRecord>('network'))) this.networks.put(record)
    for (const record of oldestFirst(store.list<EndpointRecord>('endpoint'))) this.endpoints.put(record)
    for (const record of oldestFirst(store.list<SandboxRecord>('sandbox'))) this.sandboxes.put(record)
    for (const { id, value } of store.list<Step>('step')) {
      this.steps.set(id, value)
      this.#lastStep = Math.max(this.#lastStep, Number(id))
    }
  }

  /** Writes down what is about to be done. */
  begin(step: NewStep): Step {
    this.#lastStep++
    const begun = { ...step, id: String(this.#lastStep).padStart(12, '0') } as Step
    this.#store.transact((writer) => writer.put('step', begun.id, begun))
    this.steps.set(begun.id, begun)
    return begun
  }

  /** Keeps all changes that `describe` makes, or none when it or the store throws. */
  commit(describe: (change: Change) => void): void {
    const applied: (() => void)[] = []
    this.#store.transact((writer) => {
      describe({
        putNetwork: (network) => {
          writer.put('network', network.id, network)
          applied.push(() => this.networks.put(network))
        },
        removeNetwork: (id) => {
          writer.remove('network', id)
          applied.push(() => this.networks.remove(id))
        },
        putEndpoint: (endpoint) => {
          writer.put('endpoint', endpoint.id, endpoint)
          applied.push(() => this.endpoints.put(endpoint))
        },
        removeEndpoint: (id) => {
          writer.remove('endpoint', id)
          applied.push(() => this.endpoints.remove(id))
        },
        putSandbox: (sandbox) => {
          writer.put('sandbox', sandbox.id, sandbox)
          applied.push(() => this.sandboxes.put(sandbox))
        },
        removeSandbox: (id) => {
          writer.remove('sandbox', id)
          applied.push(() => this.sandboxes.remove(id))
        },
        finish: (step) => {
          writer.remove('step', step.id)
          applied.push(() => this.steps.delete(step.id))
        },
        replace: (step, next) => {
          const replaced = { ...next, id: step.id } as Step
          writer.put('step', step.id, replaced)
          applied.push(() => this.steps.set(step.id, replaced))
          return replaced
        },
      })
    })
    for (const apply of applied) apply()
  }

  /** The endpoints of a network. */
  endpointsOf(networkId: string): EndpointRecord[] {
    return this.endpoints.by('network', networkId)
  }

  /** The endpoints joined to a sandbox. */
  endpointsIn(sandboxId: string): EndpointRecord[] {
    return this.endpoints.by('sandbox', sandboxId)
  }
}

/** The store has them in the order of their ids. */
function oldestFirst<R extends { readonly created: string }>(rows: readonly { readonly value: R }[]): R[] {
  return rows.map(({ value }) => value).sort((a, b) => (a.created < b.created ? -1 : a.created > b.created ? 1 : 0))
}
