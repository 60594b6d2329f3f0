/** What every command of ip(8) comes with. */
import type { Family, Place } from '../../scene/place.ts'
import type { Scene } from '../../scene/scene.ts'
import type { WordReader } from '../words.ts'

/** A command of ip(8), beyond its object. */
export interface IpCommand {
  readonly scene: Scene
  readonly place: Place
  /** Said by -4 or -6. */
  readonly family: Family | undefined
  readonly words: WordReader
}
