/**
 * The default address manager: `default-ipam.ts` speaks the contract, `address-space.ts` keeps pools apart and chooses them,
 * `pool.ts` hands out addresses, `address-set.ts` remembers which.
 */
export { DefaultIpam, type DefaultIpamOptions } from './default-ipam.ts'
export type { PredefinedPools } from './predefined-pools.ts'
