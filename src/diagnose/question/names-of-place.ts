/** What people call a namespace. */
import type { CausePlace } from '../path/prediction.ts'
import type { Place } from '../scene/place.ts'

/** Names in /run/netns, then names of owners, each once. */
export function namesOfPlace({ node }: Place): readonly string[] {
  return [...new Set([...node.names, ...node.owners.map(({ name }) => name)])].filter((name) => name !== '')
}

/** A place as where a cause lies. */
export function causePlace(place: Place): CausePlace {
  return { namespace: place.inode, names: namesOfPlace(place) }
}
