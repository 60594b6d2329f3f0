/** Nobody on a wire has the address that is looked for; but somebody there has lost one. */
import { ownAddress } from '../../../kernel/index.ts'
import { addressesOf, familyOfAddress } from '../addresses.ts'
import { downStop } from '../link/transmit-stops.ts'
import { isUp, kindOf, nameOf } from '../links.ts'
import type { Stop } from '../transit.ts'
import type { Walk } from '../walk.ts'
import { othersOnWire } from '../wire.ts'
import type { End } from './attachment.ts'

/** The only interface on the wire that is down: with IPv6 it has lost its addresses by that (addrconf_ifdown). */
export function downMember(walk: Walk, { place, link }: End, target: string): Stop | undefined {
  if (familyOfAddress(target) !== 'ipv6') return undefined
  const [one, ...others] = othersOnWire(walk.scene, place, link).filter((member) => !isUp(member.link))
  return one === undefined || others.length > 0 ? undefined : downStop(walk, one.place, one.link)
}

/** The only interface on the wire without an address of the family. */
export function bareMember(walk: Walk, { place, link }: End, target: string): End | undefined {
  const bare = (member: End) =>
    isUp(member.link) &&
    !/^(bridge|loopback)$/.test(kindOf(member.link)) &&
    addressesOf(member.place, member.link.index, familyOfAddress(target)).every((entry) => entry.scope !== 0)
  const [one, ...others] = othersOnWire(walk.scene, place, link).filter(bare)
  return others.length > 0 ? undefined : one
}

/** What is said of an interface that lacks an address. */
export function bareWords(member: End): { readonly summary: string; readonly fact: string } {
  const { place, link } = member
  const has = place.addresses
    .filter((entry) => entry.index === link.index)
    .map((entry) => `${ownAddress(entry)}/${entry.prefixLength}`)
  return {
    summary: `${nameOf(link)} in ${place.label} is the only one on that wire without an address of the subnet`,
    fact: `${nameOf(link)} in ${place.label} has ${has.length === 0 ? 'no address' : has.join(', ')}`,
  }
}
