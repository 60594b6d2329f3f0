/** The macvlan driver: `macvlan-kind.ts` on top of what it shares with ipvlan (`../parent-link/index.ts`). */
import type { NetworkDriver } from '../driver.ts'
import { ParentLinkDriver, type ParentLinkInit } from '../parent-link/index.ts'
import { macvlanKind } from './macvlan-kind.ts'

/** Makes the macvlan driver. Nothing is touched before its first network. */
export function createMacvlanDriver(init: ParentLinkInit): NetworkDriver {
  return new ParentLinkDriver(macvlanKind, init)
}
