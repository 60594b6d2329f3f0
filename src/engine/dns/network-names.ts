/**
 * The names of one network: endpoints by name, alias and container id, services, and addresses back to names. Every entry
 * belongs to whoever registered it, so that of two that share a name or an address one can go without taking the other's.
 */
import { formatIPv4, formatIPv6, parseIp } from '../../kernel/index.ts'
import { canonicalName } from './name.ts'

/** What an endpoint, here or on another host, is known by. */
export interface NamedEndpoint {
  /** Id of whoever registers; registering again replaces what it registered before. */
  readonly owner: string
  /** First of all the name that its addresses lead back to. Those that are no domain names are left out. */
  readonly names: readonly string[]
  /** Without prefix length. */
  readonly addresses: readonly string[]
}

/** A port of a service, for SRV queries. */
export interface ServicePort {
  /** As clients ask for it: `_http` or `http`. */
  readonly name: string
  /** `_tcp`, `tcp`, … */
  readonly protocol: string
  readonly port: number
}

/** A task of a service. */
export interface ServiceTask {
  readonly owner: string
  readonly service: string
  readonly aliases: readonly string[]
  readonly addresses: readonly string[]
  /** The service's virtual addresses; empty for round robin over the tasks. */
  readonly virtualAddresses: readonly string[]
  readonly ports: readonly ServicePort[]
}

/** A target of an SRV query. */
export interface ServiceTarget {
  readonly port: number
  readonly addresses: readonly string[]
}

/** The names that one owner holds and what they stand for. */
interface Entry {
  /** Canonical names, and the addresses of each. */
  readonly names: ReadonlyMap<string, readonly string[]>
  /** Where addresses lead back to. */
  readonly reverse: { readonly name: string; readonly addresses: readonly string[] } | undefined
  readonly task: ServiceTask | undefined
}

const NONE: readonly string[] = []

/** Names of one network. */
export class NetworkNames {
  /** The network's own name in canonical form; undefined when it cannot be part of a domain name. */
  readonly domain: string | undefined
  /** Counts changes, so that whoever keeps answers knows when they are old. */
  version = 0
  readonly #entries = new Map<string, Entry>()
  /** Canonical name → owner → addresses. */
  readonly #byName = new Map<string, Map<string, readonly string[]>>()
  /** Address → owner → name. */
  readonly #byAddress = new Map<string, Map<string, string>>()

  constructor(name: string) {
    this.domain = canonicalName(name)
  }

  /** True when nobody is registered. */
  get empty(): boolean {
    return this.#entries.size === 0
  }

  /** Registers an endpoint. */
  add(endpoint: NamedEndpoint): void {
    const names = canonicalNames(endpoint.names)
    const addresses = canonicalAddresses(endpoint.addresses)
    const [first] = names
    this.#put(endpoint.owner, {
      names: new Map(names.map((name) => [name, addresses])),
      reverse: first === undefined ? undefined : { name: first, addresses },
      task: undefined,
    })
  }

  /**
   * Registers a task of a service: the service's name and aliases lead to its virtual addresses, or to all tasks when it has
   * none; `tasks.` before a name leads to the tasks always.
   */
  addTask(task: ServiceTask): void {
    const names = new Map<string, readonly string[]>()
    const addresses = canonicalAddresses(task.addresses)
    const virtual = canonicalAddresses(task.virtualAddresses)
    for (const name of canonicalNames([task.service, ...task.aliases])) {
      names.set(name, virtual.length > 0 ? virtual : addresses)
      names.set(`tasks.${name}`, addresses)
    }
    const [service] = canonicalNames([task.service])
    const reverse = service === undefined ? undefined : { name: service, addresses: virtual }
    this.#put(serviceOwner(task.owner), { names, reverse, task })
  }

  /** Takes away all that `owner` registered with `add`. */
  remove(owner: string): void {
    this.#take(owner)
  }

  /** Takes away what `owner` registered with `addTask`. */
  removeTask(owner: string): void {
    this.#take(serviceOwner(owner))
  }

  /** Addresses of a canonical name, each once; undefined when nobody has it. */
  addresses(name: string): readonly string[] | undefined {
    const owners = this.#byName.get(name)
    if (owners === undefined) return undefined
    const lists = [...owners.values()]
    return lists.length === 1 ? lists[0] : [...new Set(lists.flat())]
  }

  /** The name that an address leads back to, without the network's; undefined when nobody has the address. */
  nameOf(address: string): string | undefined {
    return this.#byAddress.get(address)?.values().next().value
  }

  /** Targets of a service's port, asked for in lower case. */
  targets(service: string, protocol: string, port: string): readonly ServiceTarget[] {
    const targets: ServiceTarget[] = []
    for (const owner of this.#byName.get(service)?.keys() ?? NONE) {
      const task = this.#entries.get(owner)?.task
      const found = task?.ports.find((it) => same(it.name, port) && same(it.protocol, protocol))
      if (task !== undefined && found !== undefined) {
        targets.push({ port: found.port, addresses: this.#entries.get(owner)!.names.get(service) ?? NONE })
      }
    }
    return targets
  }

  #put(owner: string, entry: Entry): void {
    this.#take(owner)
    this.#entries.set(owner, entry)
    for (const [name, addresses] of entry.names) hold(this.#byName, name, owner, addresses)
    for (const address of entry.reverse?.addresses ?? NONE) hold(this.#byAddress, address, owner, entry.reverse!.name)
    this.version++
  }

  #take(owner: string): void {
    const entry = this.#entries.get(owner)
    if (entry === undefined) return
    this.#entries.delete(owner)
    for (const name of entry.names.keys()) release(this.#byName, name, owner)
    for (const address of entry.reverse?.addresses ?? NONE) release(this.#byAddress, address, owner)
    this.version++
  }
}

/** Tasks are registered beside the endpoint of the same container. */
function serviceOwner(owner: string): string {
  return `task ${owner}`
}

function canonicalNames(names: readonly string[]): string[] {
  const canonical = names.map(canonicalName).filter((name) => name !== undefined && name !== '')
  return [...new Set(canonical as string[])]
}

/** Addresses in the one notation that they are compared in; what is no address is left out. */
function canonicalAddresses(addresses: readonly string[]): string[] {
  return [...new Set(addresses.flatMap(canonicalAddress))]
}

function canonicalAddress(text: string): string[] {
  try {
    const bytes = parseIp(text)
    return [bytes.length === 4 ? formatIPv4(bytes, 0) : formatIPv6(bytes, 0)]
  } catch {
    return []
  }
}

function same(registered: string, asked: string): boolean {
  return registered.toLowerCase() === asked
}

function hold<V>(index: Map<string, Map<string, V>>, key: string, owner: string, value: V): void {
  const owners = index.get(key)
  if (owners === undefined) index.set(key, new Map([[owner, value]]))
  else owners.set(owner, value)
}

function release<V>(index: Map<string, Map<string, V>>, key: string, owner: string): void {
  const owners = index.get(key)
  owners?.delete(owner)
  if (owners?.size === 0) index.delete(key)
}
