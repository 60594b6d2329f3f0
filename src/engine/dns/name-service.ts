/** Names in all sandboxes of a controller, answered by this process. */
import type { NamespaceHandle } from '../../kernel/index.ts'
import { shortId } from '../ids.ts'
import type { EndpointRecord, NetworkRecord, SandboxRecord } from '../model.ts'
import type { NameService, RestoredSandbox } from '../name-service.ts'
import { HostResolvConf } from './host-resolv-conf.ts'
import { NetworkNames } from './network-names.ts'
import { type HostSide, SandboxNames } from './sandbox-names.ts'

/** What a name service works with. */
export interface NameServiceInit {
  /** The host's namespace: its name servers are asked from there. It stays open as long as the service. */
  readonly host: NamespaceHandle
  /** The host's resolv.conf; /etc/resolv.conf when left out. */
  readonly resolvConf?: string
  /** Told what a person may want to know, as one sentence. */
  readonly notice?: (sentence: string) => void
}

/** A name service with a resolver at 127.0.0.11 in each sandbox. */
export class EmbeddedNames implements NameService {
  readonly #host: HostSide
  readonly #networks = new Map<string, NetworkNames>()
  readonly #sandboxes = new Map<string, SandboxNames>()

  constructor({ host, resolvConf, notice = () => {} }: NameServiceInit) {
    this.#host = { namespace: host, resolvConf: new HostResolvConf(resolvConf), notice }
  }

  /** The names of a network, to register services and endpoints of other hosts in. */
  network(network: NetworkRecord): NetworkNames {
    const known = this.#networks.get(network.id)
    if (known !== undefined) return known
    const names = new NetworkNames(network.name)
    this.#networks.set(network.id, names)
    return names
  }

  async openSandbox(sandbox: SandboxRecord, namespace: NamespaceHandle): Promise<void> {
    this.#close(sandbox.id, { forGood: true })
    this.#prepare(sandbox, namespace).open()
  }

  async join(sandbox: SandboxRecord, network: NetworkRecord, endpoint: EndpointRecord): Promise<void> {
    this.#register(sandbox, network, endpoint)
    this.#sandboxes.get(sandbox.id)?.join({ network, endpoint }, this.network(network))
  }

  async leave(sandbox: SandboxRecord, network: NetworkRecord, endpoint: EndpointRecord): Promise<void> {
    this.#unregister(network.id, endpoint.id)
    this.#sandboxes.get(sandbox.id)?.leave(endpoint.id)
  }

  async rename(
    sandbox: SandboxRecord,
    network: NetworkRecord,
    endpoint: EndpointRecord,
    _before: EndpointRecord,
  ): Promise<void> {
    await this.join(sandbox, network, endpoint)
  }

  async closeSandbox(sandbox: SandboxRecord): Promise<void> {
    this.#close(sandbox.id, { forGood: true })
  }

  async restore(sandboxes: readonly RestoredSandbox[]): Promise<void> {
    // All names come first: a resolver that does not know one yet would ask outside, where it does not exist.
    const restored = sandboxes.flatMap(({ sandbox, namespace, memberships }) =>
      this.#attempt(sandbox, () => {
        this.#close(sandbox.id, { forGood: false })
        const names = this.#prepare(sandbox, namespace)
        for (const membership of memberships) {
          this.#register(sandbox, membership.network, membership.endpoint)
          names.join(membership, this.network(membership.network))
        }
        return { sandbox, names }
      }),
    )
    for (const { sandbox, names } of restored) this.#attempt(sandbox, () => names.open())
  }

  async close(): Promise<void> {
    for (const id of [...this.#sandboxes.keys()]) this.#close(id, { forGood: false })
  }

  #prepare(sandbox: SandboxRecord, namespace: NamespaceHandle): SandboxNames {
    const names = new SandboxNames(sandbox, namespace, this.#host)
    this.#sandboxes.set(sandbox.id, names)
    return names
  }

  /** A sandbox that cannot be restored does not keep the others from their names. */
  #attempt<T>(sandbox: SandboxRecord, work: () => T): T[] {
    try {
      return [work()]
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.#host.notice(`sandbox ${shortId(sandbox.id)}: its names could not be restored: ${reason}`)
      return []
    }
  }

  #close(id: string, options: { readonly forGood: boolean }): void {
    const names = this.#sandboxes.get(id)
    if (names === undefined) return
    this.#sandboxes.delete(id)
    for (const { network, endpoint } of names.memberships) this.#unregister(network.id, endpoint.id)
    names.close(options)
  }

  /** An anonymous endpoint has only the names that it was given as aliases. */
  #register(sandbox: SandboxRecord, network: NetworkRecord, endpoint: EndpointRecord): void {
    const names = endpoint.anonymous
      ? endpoint.aliases
      : [endpoint.name, ...endpoint.aliases, shortId(sandbox.containerId)]
    const addresses = endpoint.addresses.map((address) => address.split('/', 1)[0]!)
    this.network(network).add({ owner: endpoint.id, names, addresses })
  }

  #unregister(networkId: string, endpointId: string): void {
    const names = this.#networks.get(networkId)
    names?.remove(endpointId)
    names?.removeTask(endpointId)
    if (names?.empty === true) this.#networks.delete(networkId)
  }
}
