/** `bridge fdb|link|vlan …` (bridge(8)). */
import type { Place } from '../../scene/place.ts'
import type { Scene } from '../../scene/scene.ts'
import type { PlaceChange } from '../supposed-place.ts'
import type { SceneChange } from '../supposed-scene.ts'
import { WhatIfError } from '../what-if-error.ts'
import { WordReader } from '../words.ts'
import { supposeForwarding } from './suppose-forwarding.ts'
import { supposePort } from './suppose-port.ts'
import { supposeVlan } from './suppose-vlan.ts'

const OBJECTS: Readonly<Record<string, (place: Place, words: WordReader) => PlaceChange>> = {
  fdb: supposeForwarding,
  link: supposePort,
  vlan: supposeVlan,
}

/** Supposes a command of bridge(8). @throws WhatIfError */
export function supposeBridge(_scene: Scene, place: Place, words: readonly string[]): SceneChange {
  const [object = '', ...rest] = words
  const supposition = Object.hasOwn(OBJECTS, object) ? OBJECTS[object] : undefined
  if (supposition === undefined) {
    throw new WhatIfError(`bridge: "${object}" cannot be supposed; fdb, link and vlan can`)
  }
  return { places: new Map([[place.inode, supposition(place, new WordReader(`bridge ${object}`, rest))]]) }
}
