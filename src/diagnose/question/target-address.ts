/** TO is a namespace: the address that is meant, or that it has none. */
import { type Link, LinkFlag } from '../../kernel/index.ts'
import { type Intent, NO_INTENT } from '../intent/index.ts'
import { fixLinkDown } from '../remedy/link-fix.ts'
import type { Family, Place } from '../scene/place.ts'
import type { Scene } from '../scene/scene.ts'
import { inOrderOfNearness } from './choose-address.ts'
import { hasLostIPv4 } from './common-family.ts'
import { missingAddresses } from './expected-addresses.ts'
import { causePlace } from './names-of-place.ts'
import { ownAddresses, type PlaceAddress } from './own-address.ts'
import type { NamedCause } from './question.ts'

/** Whom it is about. */
export interface TargetInit {
  readonly scene: Scene
  readonly from: Place
  readonly to: Place
  readonly family: Family | undefined
  readonly intent: (() => Promise<Intent>) | undefined
}

/**
 * The address that is meant. One that the namespace ought to have and lacks counts as well: following a flow there tells what
 * is missing, and gives it back.
 */
export async function addressOfTarget(init: TargetInit): Promise<PlaceAddress | NamedCause> {
  const { scene, from, to } = init
  if (from.inode === to.inode) return ownAddresses(to, init.family)[0] ?? loopback(init.family)
  const family = init.family ?? (hasLostIPv4(scene, from, to) ? 'ipv4' : undefined)
  const present = ownAddresses(to, family)
  const [best] = inOrderOfNearness(scene, from, present)
  if (best?.shared === true) return best.address
  const intent = (await init.intent?.()) ?? NO_INTENT
  const missing = missingAddresses(scene, to, intent).filter((one) => family === undefined || one.family === family)
  const [expected] = inOrderOfNearness(scene, from, [...missing, ...present])
  return expected?.address ?? withoutAddress({ ...init, family })
}

function loopback(family: Family | undefined): PlaceAddress {
  return family === 'ipv6'
    ? { address: '::1', prefixLength: 128, family, index: 1, linkLocal: false }
    : { address: '127.0.0.1', prefixLength: 8, family: 'ipv4', index: 1, linkLocal: false }
}

function withoutAddress({ scene, to, family }: TargetInit): NamedCause {
  const links = to.links.filter(({ flags }) => (flags & LinkFlag.loopback) === 0)
  const where = causePlace(to)
  const [first] = links
  if (first === undefined) {
    const summary = `${to.label} has no interface beside its loopback: nothing leads there.`
    const evidence = [{ fact: `${to.label} has no interface but the loopback`, source: 'rtnetlink' }]
    return { cause: { code: 'link-peer-missing', where, summary, evidence }, fix: null }
  }
  const name = first.name ?? `if${first.index}`
  // An interface that goes down loses its IPv6 addresses (addrconf_ifdown); IPv4's stay.
  if (family === 'ipv6' && links.every((link) => !isUp(link))) {
    const summary = `${name} in ${to.label} is down, and has no IPv6 address for that.`
    const evidence = [{ fact: `${name} in ${to.label} is down`, source: 'rtnetlink' }]
    const cause = { code: 'interface-down', where: { ...where, interface: name }, summary, evidence } as const
    return { cause, fix: fixLinkDown(to, scene.home, name) }
  }
  const kind = family === undefined ? 'address' : family === 'ipv4' ? 'IPv4 address' : 'IPv6 address'
  const summary = `${to.label} has no ${kind} that others could reach, and none is on record for it.`
  const evidence = links.map((link) => ({
    fact: `${link.name ?? `if${link.index}`} in ${to.label} has no ${kind}${isUp(link) ? '' : ' and is down'}`,
    source: 'rtnetlink',
  }))
  const bare = links.find(isUp) ?? first
  const interfaceName = bare.name ?? `if${bare.index}`
  return {
    cause: { code: 'address-missing', where: { ...where, interface: interfaceName }, summary, evidence },
    fix: null,
  }
}

function isUp({ flags }: Link): boolean {
  return (flags & LinkFlag.up) !== 0
}
