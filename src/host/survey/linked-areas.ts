/** Which namespaces packets can pass between at all: those that veth pairs link, directly or by way of others. */
import { type Atlas, append } from './atlas.ts'
import type { NamespaceKey } from './observed.ts'

/** For each namespace with a veth pair one namespace of its area, the same for all of the area. Linear in pairs. */
export function linkedAreas(atlas: Atlas): ReadonlyMap<NamespaceKey, NamespaceKey> {
  const beside = new Map<NamespaceKey, NamespaceKey[]>()
  for (const { namespace, link } of atlas.byKind.get('veth') ?? []) {
    const far = link.farEnd?.namespace
    if (far === undefined) continue
    append(beside, namespace, far)
    append(beside, far, namespace)
  }
  const areas = new Map<NamespaceKey, NamespaceKey>()
  for (const start of beside.keys()) {
    if (areas.has(start)) continue
    const area = new Set([start])
    // A set is walked in the order in which its members arrive, those that arrive meanwhile included.
    for (const namespace of area) for (const next of beside.get(namespace) ?? []) area.add(next)
    for (const namespace of area) areas.set(namespace, start)
  }
  return areas
}
