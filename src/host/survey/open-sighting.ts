/** Opens a namespace that discovery saw. */
import { Namespace } from '../../kernel/index.ts'
import type { Sighting } from '../discovery/sighting.ts'

/** Opens it through whichever of its traces still works; undefined when none does. The caller closes it. */
export function openSighting(sighting: Sighting): Namespace | undefined {
  const fd = sighting.open()
  if (fd === undefined) return undefined
  return Namespace.adopt(fd, sighting.names[0] ?? `namespace ${sighting.inode}`)
}
