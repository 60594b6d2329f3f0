/**
 * Address management. `ipam-driver.ts` is the contract; `default/` hands out pools and addresses itself, `remote/` asks one
 * of Docker's IPAM plugins, `null/` is for networks without addresses. `avoid.ts` finds what pools must keep clear of.
 */
export { prefixesToAvoid } from './avoid.ts'
export { DefaultIpam, type DefaultIpamOptions, type PredefinedPools } from './default/index.ts'
export type * from './ipam-driver.ts'
export { NullIpam } from './null/null-ipam.ts'
export { RemoteIpam } from './remote/remote-ipam.ts'
