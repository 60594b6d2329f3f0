/** Examines this host, and tells what is said of one test's own world. */
import { examine, type FindingsDocument, takeScene } from '../../src/diagnose/index.ts'
import type { World } from '../gauntlet/world.ts'

/** What doctor says of a world. */
export async function examineWorld(world: World): Promise<FindingsDocument> {
  const scene = await takeScene()
  try {
    const document = await examine(scene)
    const own = world.inodes()
    const findings = document.findings.filter(
      ({ subject }) =>
        (subject.namespace !== null && own.has(subject.namespace)) || subject.names.some((name) => world.owns(name)),
    )
    return { ...document, findings }
  } finally {
    scene.close()
  }
}
