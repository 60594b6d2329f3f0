/**
 * Addresses and prefixes as numbers: reading and writing them, and the arithmetic that address management needs. Read
 * `address.ts`, `prefix.ts`, then `range-set.ts`, on which the search for free prefixes and the allocator's sets stand.
 */
export * from './address.ts'
export * from './hardware-address.ts'
export * from './next-free-prefix.ts'
export * from './prefix.ts'
export * from './range-set.ts'
