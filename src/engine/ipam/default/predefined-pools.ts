/** The pools that the default address manager chooses from when none is asked for. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { bitsOf, formatPrefix, type Prefix, parseCidr } from '../../addresses/index.ts'
import { EngineError } from '../../errors.ts'
import { readRange } from '../outside-text.ts'

/** A prefix that pools of one size are carved from. */
export interface PredefinedPools {
  /** `172.20.0.0/14` */
  readonly base: string
  /** Prefix length of the pools: 16. */
  readonly size: number
}

/** The same, read. */
export interface PoolBase {
  readonly base: Prefix
  readonly size: number
}

/** Docker's choice for networks of one host, in its order: 15 pools of /16, then 16 of /20. */
const LOCAL_IPV4: readonly PredefinedPools[] = [
  { base: '172.17.0.0/16', size: 16 },
  { base: '172.18.0.0/16', size: 16 },
  { base: '172.19.0.0/16', size: 16 },
  { base: '172.20.0.0/14', size: 16 },
  { base: '172.24.0.0/14', size: 16 },
  { base: '172.28.0.0/14', size: 16 },
  { base: '192.168.0.0/16', size: 20 },
]

/** And for networks of many hosts. */
const GLOBAL: readonly PredefinedPools[] = [{ base: '10.0.0.0/8', size: 24 }]

/** Pools for networks of one host. IPv6 ones are carved from the host's own unique local prefix. */
export function localPools(): readonly PredefinedPools[] {
  return [...LOCAL_IPV4, { base: uniqueLocalPrefix(hostIdentity()), size: 64 }]
}

/** Pools for networks of many hosts. IPv6 ones are not chosen: a prefix of this host would not be theirs. */
export function globalPools(): readonly PredefinedPools[] {
  return GLOBAL
}

/**
 * The /48 of unique local addresses (RFC 4193) of whoever has this identity: always the same, and most likely nobody else's.
 * Nothing of the identity can be read from it.
 */
export function uniqueLocalPrefix(identity: string): string {
  const digits = createHash('sha256').update(`netwright unique local prefix\0${identity}`).digest('hex')
  return formatPrefix(parseCidr(`fd${digits.slice(0, 2)}:${digits.slice(2, 6)}:${digits.slice(6, 10)}::/48`).prefix)
}

/** machine-id(5): not to be shown, but to be hashed. Hosts without one are told apart by their names. */
function hostIdentity(): string {
  try {
    return readFileSync('/etc/machine-id', 'utf8').trim() || hostname()
  } catch {
    return hostname()
  }
}

/** Reads predefined pools. @throws EngineError pool-invalid */
export function readBases(pools: readonly PredefinedPools[]): PoolBase[] {
  return pools.map(({ base, size }) => {
    const { prefix } = readRange(base)
    if (Number.isInteger(size) && size >= prefix.length && size <= bitsOf(prefix.family)) return { base: prefix, size }
    throw new EngineError(
      'pool-invalid',
      `predefined pools of size ${size} cannot be carved from ${base}: the size is from ${prefix.length} to ${bitsOf(prefix.family)}`,
    )
  })
}
