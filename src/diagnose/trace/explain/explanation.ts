/** What an observation is explained by. */
import type { Evidence, Fix } from '../../finding.ts'
import type { Observation } from '../../observe/observation.ts'
import type { Flow } from '../../path/flow.ts'
import type { Cause, CausePlace, Prediction, Verdict } from '../../path/prediction.ts'
import type { Place } from '../../scene/place.ts'
import type { Scene } from '../../scene/scene.ts'
import type { SeenHop } from '../seen-hops.ts'

/** What there is to explain. */
export interface Case {
  readonly scene: Scene
  readonly flow: Flow
  readonly prediction: Prediction
  readonly observation: Observation
  readonly hops: readonly SeenHop[]
}

/** A cause, and what mends it. */
export interface FoundCause {
  readonly cause: Cause
  readonly fix: Fix | null
}

/** How a trace ends, and why. */
export interface Explanation {
  readonly verdict: Verdict
  readonly direction: 'request' | 'reply'
  readonly cause: Cause | null
  readonly fix: Fix | null
  /** Where prediction and observation part, one sentence each. */
  readonly differences: readonly string[]
}

/** The place of a cause. */
export function causePlace(place: Place, rest: Omit<CausePlace, 'namespace' | 'names'> = {}): CausePlace {
  return { namespace: place.inode, names: placeNames(place), ...rest }
}

/** Names in /run/netns and names of containers. */
export function placeNames({ node }: Place): string[] {
  const names = [...node.names, ...node.owners.map(({ name }) => name)]
  return [...new Set(names.filter((name) => name !== ''))]
}

/** A fact that was seen with our own packets. */
export function observed(fact: string): Evidence {
  return { fact, source: 'observed' }
}
