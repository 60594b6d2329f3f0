/** The ipvlan driver: `ipvlan-kind.ts` on top of what it shares with macvlan (`../parent-link/index.ts`). */
import type { NetworkDriver } from '../driver.ts'
import { ParentLinkDriver, type ParentLinkInit } from '../parent-link/index.ts'
import { ipvlanKind } from './ipvlan-kind.ts'

/** Makes the ipvlan driver. Nothing is touched before its first network. */
export function createIpvlanDriver(init: ParentLinkInit): NetworkDriver {
  return new ParentLinkDriver(ipvlanKind, init)
}
