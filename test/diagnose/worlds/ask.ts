/** Asking for predictions in tests. */
import type { Flow } from '../../../src/diagnose/path/flow.ts'
import { predict } from '../../../src/diagnose/path/predict.ts'
import type { Prediction } from '../../../src/diagnose/path/prediction.ts'
import { takeScene } from '../../../src/diagnose/scene/index.ts'
import { inodeOfName } from '../../support/iproute.ts'

/** A question, with the full names of namespaces. */
export interface Asked {
  readonly from: string
  readonly to?: string
  readonly destination: string
  readonly protocol?: Flow['protocol']
  readonly port?: number
  readonly size?: number
}

/** The prediction, on the host as it is now. */
export async function ask({ from, to, destination, protocol = 'icmp', port, size = 56 }: Asked): Promise<Prediction> {
  const scene = await takeScene()
  try {
    return predict(scene, {
      from: scene.place(inodeOfName(from)),
      to: to === undefined ? undefined : scene.place(inodeOfName(to)),
      family: destination.includes(':') ? 'ipv6' : 'ipv4',
      protocol,
      source: undefined,
      destination,
      port,
      sourcePort: 47_001,
      size,
    })
  } finally {
    scene.close()
  }
}
