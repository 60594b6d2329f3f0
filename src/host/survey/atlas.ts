/** A survey with its look-up tables: by interface, by address. Every join goes through them, so that none is quadratic. */
import { interfaceId } from './interface-id.ts'
import type { NamespaceKey, ObservedLink, ObservedNamespace } from './observed.ts'

/** An interface with the namespace it is in. */
export interface Placed {
  readonly id: string
  readonly namespace: NamespaceKey
  readonly link: ObservedLink
}

/** A survey, indexed. */
export interface Atlas {
  readonly namespaces: ReadonlyMap<NamespaceKey, ObservedNamespace>
  readonly interfaces: ReadonlyMap<string, Placed>
  /** Interfaces by address without its prefix length. The same address may well exist in several namespaces. */
  readonly byAddress: ReadonlyMap<string, readonly Placed[]>
  /** Interfaces by kind. */
  readonly byKind: ReadonlyMap<string, readonly Placed[]>
}

/** Indexes a survey. */
export function buildAtlas(observed: readonly ObservedNamespace[]): Atlas {
  const namespaces = new Map<NamespaceKey, ObservedNamespace>()
  const interfaces = new Map<string, Placed>()
  const byAddress = new Map<string, Placed[]>()
  const byKind = new Map<string, Placed[]>()
  for (const namespace of observed) {
    namespaces.set(namespace.key, namespace)
    for (const link of namespace.links) {
      const placed = { id: interfaceId(namespace.key, link.index), namespace: namespace.key, link }
      interfaces.set(placed.id, placed)
      append(byKind, link.kind, placed)
      for (const address of link.addresses) append(byAddress, bareAddress(address), placed)
    }
  }
  return { namespaces, interfaces, byAddress, byKind }
}

/** `172.17.0.2` of `172.17.0.2/16`. */
export function bareAddress(address: string): string {
  const slash = address.indexOf('/')
  return slash < 0 ? address : address.slice(0, slash)
}

/** Adds to a list in a map, making the list when it is the first. */
export function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}
