/** Finding interfaces by way of the graph, so that only namespaces that have some are read in full. */
import type { Link } from '../../kernel/index.ts'
import type { Place } from '../scene/place.ts'
import { placeIfThere } from '../scene/place-if-there.ts'
import type { Scene } from '../scene/scene.ts'

/** Interfaces whose kind is wanted, in whatever namespace. */
export function linksOfKind(scene: Scene, wanted: (kind: string) => boolean): { place: Place; link: Link }[] {
  return scene.graph.interfaces.flatMap(({ kind, namespace, index }) => {
    if (!wanted(kind)) return []
    const place = placeIfThere(scene, namespace)
    const link = place?.link(index)
    return place === undefined || link === undefined ? [] : [{ place, link }]
  })
}
