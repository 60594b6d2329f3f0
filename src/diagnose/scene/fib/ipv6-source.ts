/** The source address that a packet gets which leaves by IPv6: RFC 6724 section 5, as ipv6_dev_get_saddr has it. */
import { type Address, AddressFlag } from '../../../kernel/index.ts'
import { addressBits, commonPrefix, samePrefix } from './address-bits.ts'
import { type FibView, vrfOf } from './fib-view.ts'

/** Scopes as multicast addresses number them (RFC 4291 section 2.7). */
const SCOPE = { interface: 1, link: 2, site: 5, global: 14 } as const

/** The default policy table (RFC 6724 section 2.1), as net/ipv6/addrlabel.c has it. */
const LABELS: readonly (readonly [prefix: string, length: number, label: number])[] = [
  ['::1', 128, 0],
  ['::ffff:0.0.0.0', 96, 4],
  ['::', 96, 3],
  ['2001::', 32, 6],
  ['2001:10::', 28, 7],
  ['2002::', 16, 2],
  ['3ffe::', 16, 12],
  ['fc00::', 7, 5],
  ['fec0::', 10, 11],
  ['::', 0, 1],
]
const labels = LABELS.map(([prefix, length, label]) => ({ bits: addressBits(prefix), length, label })).sort(
  (a, b) => b.length - a.length,
)

/** Chooses a source address for a packet that leaves by `output`; undefined when there is none that may be used. */
export function ipv6Source(view: FibView, output: number, destination: string): string | undefined {
  const there = addressBits(destination)
  const scope = scopeOf(there)
  const strict = isMulticast(there) || scope <= SCOPE.link
  const vrf = vrfOf(view, output)
  let best: Address | undefined
  for (const address of view.addresses) {
    if (!isUsable(address) || (strict && address.index !== output)) continue
    if (!strict && vrfOf(view, address.index) !== vrf) continue
    if (best === undefined || isBetter(address, best, { there, scope, output })) best = address
  }
  return best === undefined ? undefined : (best.local ?? best.address)
}

interface Toward {
  readonly there: bigint
  readonly scope: number
  readonly output: number
}

/** The rules one after the other; the first that tells the two apart decides. */
function isBetter(one: Address, other: Address, toward: Toward): boolean {
  for (const rule of RULES) {
    const difference = rule(one, toward) - rule(other, toward)
    if (difference !== 0) return difference > 0
  }
  return false
}

const RULES: readonly ((address: Address, toward: Toward) => number)[] = [
  // 1: the destination itself.
  (address, { there }) => Number(bitsOf(address) === there),
  // 2: a scope that reaches there, and no further.
  (address, { scope }) => {
    const own = scopeOf(bitsOf(address))
    return own >= scope ? -own : own - 128
  },
  // 3: not deprecated, and not still being examined.
  (address) => Number((flagsOf(address) & (AddressFlag.deprecated | AddressFlag.optimistic)) === 0),
  // 4: home addresses.
  (address) => Number((flagsOf(address) & AddressFlag.homeAddress) !== 0),
  // 5: of the interface that the packet leaves by.
  (address, { output }) => Number(address.index === output),
  // 6: the same label.
  (address, { there }) => Number(labelOf(bitsOf(address)) === labelOf(there)),
  // 8: the longest common prefix, within the subnet.
  (address, { there }) => Math.min(commonPrefix(bitsOf(address), there, 'ipv6'), address.prefixLength),
]

/** Tentative addresses, and those that somebody else has, are no sources. */
function isUsable(address: Address): boolean {
  if (address.family !== 10) return false
  const flags = flagsOf(address)
  const tentative = (flags & AddressFlag.tentative) !== 0 && (flags & AddressFlag.optimistic) === 0
  return !tentative && (flags & AddressFlag.dadFailed) === 0
}

function flagsOf(address: Address): number {
  return address.allFlags ?? address.flags
}

function bitsOf(address: Address): bigint {
  return addressBits(address.local ?? address.address ?? '::')
}

function labelOf(address: bigint): number {
  return labels.find(({ bits, length }) => samePrefix(bits, address, length, 'ipv6'))?.label ?? 1
}

function isMulticast(address: bigint): boolean {
  return address >> 120n === 0xffn
}

function scopeOf(address: bigint): number {
  if (isMulticast(address)) return Number((address >> 112n) & 0xfn)
  if (address >> 118n === 0x3fan || address === 1n) return SCOPE.link
  return address >> 118n === 0x3fbn ? SCOPE.site : SCOPE.global
}
