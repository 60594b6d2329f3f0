/** A namespace as it would be: some of its parts replaced, the others as they are. */
import type { NamespaceNode } from '../../host/index.ts'
import type {
  Address,
  Connection,
  InetSocket,
  Link,
  NamespaceHandle,
  Neighbour,
  Nexthop,
  PortVlans,
  Route,
  Rule,
} from '../../kernel/index.ts'
import type { FilterRules } from '../filter/index.ts'
import { Fib } from '../scene/fib/fib.ts'
import type { Family, Place, RouteAnswer, RouteQuestion, Settings } from '../scene/place.ts'
import { SupposedSettings } from './supposed-settings.ts'

/** What is replaced. */
export interface PlaceChange {
  readonly links?: readonly Link[]
  readonly addresses?: readonly Address[]
  readonly routes?: Partial<Readonly<Record<Family, readonly Route[]>>>
  readonly rules?: Partial<Readonly<Record<Family, readonly Rule[]>>>
  readonly neighbours?: readonly Neighbour[]
  readonly forwarding?: readonly Neighbour[]
  readonly vlans?: readonly PortVlans[]
  readonly filters?: FilterRules
  /** By key, as `sysctlPath` has them. */
  readonly settings?: ReadonlyMap<string, string>
}

/** A namespace that is only supposed. */
export class SupposedPlace implements Place {
  readonly inode: string
  readonly node: NamespaceNode
  readonly label: string
  readonly namespace: NamespaceHandle
  readonly settings: Settings
  readonly #base: Place
  readonly #change: PlaceChange
  #byIndex: ReadonlyMap<number, Link> | undefined
  #byName: ReadonlyMap<string, Link> | undefined
  #fib: Fib | undefined

  constructor(base: Place, change: PlaceChange) {
    this.#base = base
    this.#change = change
    this.inode = base.inode
    this.node = base.node
    this.label = base.label
    this.namespace = base.namespace
    this.settings = change.settings === undefined ? base.settings : new SupposedSettings(base.settings, change.settings)
  }

  get links(): readonly Link[] {
    return this.#change.links ?? this.#base.links
  }

  link(index: number): Link | undefined {
    if (this.#change.links === undefined) return this.#base.link(index)
    this.#byIndex ??= new Map(this.#change.links.map((link) => [link.index, link]))
    return this.#byIndex.get(index)
  }

  linkNamed(name: string): Link | undefined {
    if (this.#change.links === undefined) return this.#base.linkNamed(name)
    this.#byName ??= new Map(this.#change.links.map((link) => [link.name ?? '', link]))
    return this.#byName.get(name)
  }

  get addresses(): readonly Address[] {
    return this.#change.addresses ?? this.#base.addresses
  }

  routes(family: Family): readonly Route[] {
    return this.#change.routes?.[family] ?? this.#base.routes(family)
  }

  rules(family: Family): readonly Rule[] {
    return this.#change.rules?.[family] ?? this.#base.rules(family)
  }

  get nexthops(): readonly Nexthop[] {
    return this.#base.nexthops
  }

  get neighbours(): readonly Neighbour[] {
    return this.#change.neighbours ?? this.#base.neighbours
  }

  get forwarding(): readonly Neighbour[] {
    return this.#change.forwarding ?? this.#base.forwarding
  }

  get vlans(): readonly PortVlans[] {
    return this.#change.vlans ?? this.#base.vlans
  }

  get filters(): FilterRules {
    return this.#change.filters ?? this.#base.filters
  }

  get sockets(): readonly InetSocket[] {
    return this.#base.sockets
  }

  get connections(): readonly Connection[] {
    return this.#base.connections
  }

  lookUpRoute(question: RouteQuestion): RouteAnswer {
    const { links, addresses, routes, rules, settings } = this.#change
    const untouched = [links, addresses, routes, rules, settings].every((part) => part === undefined)
    if (untouched) return this.#base.lookUpRoute(question)
    this.#fib ??= new Fib(this)
    return this.#fib.lookUp(question)
  }
}
