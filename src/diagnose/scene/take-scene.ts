/** Takes the scene of a diagnosis. */
import { type Graph, takeGraph } from '../../host/index.ts'
import { Namespace } from '../../kernel/index.ts'
import { KernelScene } from './kernel/kernel-scene.ts'
import type { Scene } from './scene.ts'

/** How to take a scene. */
export interface TakeSceneOptions {
  /** For DOCKER_HOST; default: none. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Longest wait for the daemons that know who owns what, in milliseconds. Default 1,000. */
  readonly ownerDeadline?: number
  /** A graph that was taken already, instead of one taken now. */
  readonly graph?: Graph
}

/**
 * Takes the scene of this host. Nothing of the host is changed. Close it when done.
 * @throws KernelError only when the kernel refuses what any user may do
 */
export async function takeScene(options: TakeSceneOptions = {}): Promise<Scene> {
  const { environment, ownerDeadline } = options
  const graph =
    options.graph ??
    (await takeGraph({
      ...(environment === undefined ? {} : { environment }),
      ...(ownerDeadline === undefined ? {} : { ownerDeadline }),
    }))
  return new KernelScene(graph, { home: ownInode() })
}

function ownInode(): string {
  using own = Namespace.open('own')
  return own.identity.inode
}
