/** An interface as checks see it: the kernel's link with its place and addresses. */
import { type Address, type Link, LinkFlag, ownAddress } from '../../kernel/index.ts'
import type { Family, Place } from '../scene/place.ts'
import { familyOfAddress, isConfined, type Prefix, parsePrefixText } from './address.ts'

/** An address that an interface has. */
export interface OwnAddress {
  readonly address: string
  /** `10.0.0.2/24` */
  readonly text: string
  readonly family: Family
  readonly subnet: Prefix
  /** IFA_F_* bits. */
  readonly flags: number
}

/** An interface in a place. */
export interface Interface {
  /** `<namespace inode>/<index>`, as in the graph. */
  readonly id: string
  readonly place: Place
  readonly link: Link
  readonly index: number
  readonly name: string
  /** rtnetlink's kind; `loopback` and `device` for those that have none. */
  readonly kind: string
  readonly mac: string | undefined
  readonly mtu: number
  readonly up: boolean
  readonly carrier: boolean
  /** Those that others can send to: neither of the link only nor of the host only. */
  readonly addresses: readonly OwnAddress[]
  /** All of them. */
  readonly allAddresses: readonly OwnAddress[]
  /** Index of its master; 0 for none. */
  readonly master: number
}

/** ARPHRD_LOOPBACK, linux/if_arp.h */
const HARDWARE_LOOPBACK = 772

/** Describes the interfaces of a place. */
export function interfacesOf(place: Place): Interface[] {
  const addresses = new Map<number, OwnAddress[]>()
  for (const row of place.addresses) {
    const own = readAddress(row)
    if (own === undefined) continue
    const known = addresses.get(row.index)
    if (known === undefined) addresses.set(row.index, [own])
    else known.push(own)
  }
  return place.links.map((link) => describe(place, link, addresses.get(link.index) ?? []))
}

function describe(place: Place, link: Link, allAddresses: readonly OwnAddress[]): Interface {
  const kind = link.info?.kind ?? (link.type === HARDWARE_LOOPBACK ? 'loopback' : 'device')
  return {
    id: `${place.inode}/${link.index}`,
    place,
    link,
    index: link.index,
    name: link.name ?? `if${link.index}`,
    kind,
    mac: kind !== 'loopback' && link.address?.length === 17 ? link.address : undefined,
    mtu: link.mtu ?? 0,
    up: (link.flags & LinkFlag.up) !== 0,
    carrier: (link.flags & LinkFlag.lowerUp) !== 0,
    addresses: kind === 'loopback' ? [] : allAddresses.filter(({ address }) => !isConfined(address)),
    allAddresses,
    master: link.master ?? 0,
  }
}

function readAddress(row: Address): OwnAddress | undefined {
  const address = ownAddress(row)
  if (address === undefined) return undefined
  const text = `${address}/${row.prefixLength}`
  let subnet: Prefix | undefined
  return {
    address,
    text,
    family: familyOfAddress(address),
    // Most addresses are those of loopbacks and links, which nobody asks about.
    get subnet() {
      subnet ??= parsePrefixText(text)!
      return subnet
    },
    flags: row.allFlags ?? row.flags,
  }
}
