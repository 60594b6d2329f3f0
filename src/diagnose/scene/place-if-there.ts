/** Namespaces may be gone between the graph and a closer look. */
import type { Place } from './place.ts'
import type { Scene } from './scene.ts'
import { SceneError } from './scene-error.ts'

/** A namespace of the scene; undefined when it cannot be opened (any more), and whoever looks for somebody looks elsewhere. */
export function placeIfThere(scene: Scene, inode: string): Place | undefined {
  try {
    return scene.place(inode)
  } catch (error) {
    if (error instanceof SceneError) return undefined
    throw error
  }
}
