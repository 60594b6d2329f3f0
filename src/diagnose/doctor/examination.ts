/** What checks look at: the scene, how it is wired, and what was meant to be. */

import type { RuleReference } from '../filter/filter-rules.ts'
import type { Finding } from '../finding.ts'
import type { Intent } from '../intent/intent.ts'
import type { Place } from '../scene/place.ts'
import type { Scene } from '../scene/scene.ts'
import type { Interface } from './interface.ts'
import type { Overlays } from './overlay.ts'
import type { Segments } from './segment.ts'
import type { Wiring } from './wiring.ts'

/** One examination of a scene. */
export interface Examination {
  readonly scene: Scene
  readonly wiring: Wiring
  /** Layer 2, tunnels left aside. */
  readonly segments: Segments
  /** Layer 2 with tunnels whose ends are both here. */
  readonly wideSegments: Segments
  readonly overlays: Overlays
  readonly intent: Intent
  /** Where the state directory is told. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Interfaces that a check before has found broken: what follows from that is no news. */
  readonly broken: BrokenInterfaces
  /** Rules that a check before has reported. */
  readonly reportedRules: Set<string>
  /** What checks before have found. */
  readonly reported: Finding[]
}

/** A finding, and the interfaces that do not work because of it. */
export interface Diagnosis {
  readonly finding: Finding
  readonly breaks?: readonly (Interface | undefined)[]
}

/** One check. */
export interface Check {
  /** What it may find. */
  readonly codes: readonly Finding['code'][]
  examine(examination: Examination): Diagnosis[]
}

/** What tells a rule from all others. */
export function ruleKey(place: Place, rule: RuleReference): string {
  return JSON.stringify([
    place.inode,
    rule.backend === 'iptables-legacy',
    rule.family,
    rule.table,
    rule.chain,
    rule.handle,
  ])
}

/** Interfaces that are known not to work. */
export class BrokenInterfaces {
  readonly #ids = new Set<string>()

  has(one: Interface | undefined): boolean {
    return one !== undefined && this.#ids.has(one.id)
  }

  add(one: Interface | undefined): void {
    if (one !== undefined) this.#ids.add(one.id)
  }
}
