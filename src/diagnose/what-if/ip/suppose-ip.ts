/** `ip [-4|-6] OBJECT COMMAND …` (ip(8)). */
import type { Family, Place } from '../../scene/place.ts'
import type { Scene } from '../../scene/scene.ts'
import type { SceneChange } from '../supposed-scene.ts'
import { WhatIfError } from '../what-if-error.ts'
import { WordReader } from '../words.ts'
import type { IpCommand } from './ip-command.ts'
import { supposeAddress } from './suppose-address.ts'
import { supposeLink } from './suppose-link.ts'
import { supposeNeighbour } from './suppose-neighbour.ts'
import { supposeRoute } from './suppose-route.ts'
import { supposeRule } from './suppose-rule.ts'

type Supposition = (command: IpCommand) => SceneChange

/** Objects with the shortest word that ip(8) takes for each. */
const OBJECTS: readonly (readonly [shortest: string, full: string, supposition: Supposition])[] = [
  ['a', 'address', supposeAddress],
  ['l', 'link', supposeLink],
  ['n', 'neighbour', supposeNeighbour],
  ['n', 'neighbor', supposeNeighbour],
  ['r', 'route', supposeRoute],
  ['ru', 'rule', supposeRule],
]

/** Supposes a command of ip(8). @throws WhatIfError */
export function supposeIp(scene: Scene, place: Place, words: readonly string[]): SceneChange {
  let family: Family | undefined
  let at = 0
  for (; at < words.length && words[at]!.startsWith('-'); at++) {
    if (words[at] === '-4') family = 'ipv4'
    else if (words[at] === '-6') family = 'ipv6'
    else throw new WhatIfError(`ip: the option "${words[at]}" cannot be supposed`)
  }
  const object = words[at] ?? ''
  const found = OBJECTS.find(([shortest, full]) => object.startsWith(shortest) && full.startsWith(object))
  if (found === undefined) {
    throw new WhatIfError(`ip: "${object}" cannot be supposed; link, address, route, rule and neighbour can`)
  }
  const [, full, supposition] = found
  return supposition({ scene, place, family, words: new WordReader(`ip ${full}`, words.slice(at + 1)) })
}
