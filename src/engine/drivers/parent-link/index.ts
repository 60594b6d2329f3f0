/**
 * What macvlan and ipvlan have in common: a network stands on an interface of the host (its parent), an endpoint is an
 * interface on top of that, made within its sandbox. Read `parent-link-driver.ts` for what happens at each call,
 * `parent-device.ts` for parents that are made and removed with their networks, `child-link.ts` for the interfaces.
 */
export type { ChildKind } from './child-kind.ts'
export { ParentLinkDriver, type ParentLinkInit } from './parent-link-driver.ts'
export { choice } from './parent-option.ts'
