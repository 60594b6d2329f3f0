/** A gateway that nobody has: a route that names the wrong one, or a router that lost its address. */
import { type Link, ownAddress } from '../../../kernel/index.ts'
import { fixAddressMissing } from '../../remedy/link-fix.ts'
import { fixRouteWrong } from '../../remedy/route-fix.ts'
import { fixSettings, settingOf } from '../../remedy/setting-fix.ts'
import type { Place } from '../../scene/place.ts'
import { addressesOf, addressTowards, familyOfAddress, inSamePrefix } from '../addresses.ts'
import { isUp, kindOf, nameOf } from '../links.ts'
import type { Stop } from '../transit.ts'
import type { Walk } from '../walk.ts'
import { othersOnWire } from '../wire.ts'
import type { End } from './attachment.ts'

/** What was looked for. */
interface Wanted {
  readonly place: Place
  readonly link: Link
  readonly target: string
  readonly gateway: boolean
}

/** Why a gateway that nobody has is not there; undefined when it is none. */
export function gatewayStop(walk: Walk, wanted: Wanted): Stop | undefined {
  if (!wanted.gateway) return undefined
  const neighbours = othersOnWire(walk.scene, wanted.place, wanted.link).filter(
    ({ place }) => place.inode !== wanted.place.inode,
  )
  const routers = neighbours.filter(({ place }) => forwards(place))
  const right = routers.find((router) => addressInSubnet(router, wanted) !== undefined)
  if (right !== undefined) return wrongGateway(walk, wanted, addressInSubnet(right, wanted))
  if (addressTowards(wanted.place, wanted.link.index, wanted.target) === undefined)
    return unanswered(walk, wanted, routers[0])
  const bare =
    routers.find(({ link }) => isUp(link)) ?? neighbours.find(({ link }) => kindOf(link) === 'bridge' && isUp(link))
  return bare === undefined ? undefined : lostAddress(walk, wanted, bare)
}

/** New namespaces inherit the host's ip_forward (inet_init_net): what has one link only is no router all the same. */
function forwards({ settings, links }: Place): boolean {
  if (links.filter((link) => kindOf(link) !== 'loopback').length < 2) return false
  return (
    settings.get('net.ipv4.ip_forward') === '1' ||
    settings.get('net.ipv6.conf.all.forwarding') === '1' ||
    links.length > 3
  )
}

/** The router's address in the subnet of the one who looks for a gateway. */
function addressInSubnet({ place, link }: End, { place: from, link: out, target }: Wanted): string | undefined {
  const own = addressTowards(from, out.index, target)
  const near = own === undefined ? undefined : ownAddress(own)
  if (own === undefined || near === undefined) return undefined
  return addressesOf(place, link.index, familyOfAddress(target))
    .map(ownAddress)
    .find((address) => address !== undefined && inSamePrefix(address, near, own.prefixLength))
}

function wrongGateway(walk: Walk, { place, link, target }: Wanted, right: string | undefined): Stop {
  const family = familyOfAddress(target)
  const route = place.routes(family).find((candidate) => candidate.gateway === target)
  const prefix = route?.destination === undefined ? 'default' : `${route.destination}/${route.destinationLength}`
  const summary = `${place.label} sends through the gateway ${target}, which nobody on the link of ${nameOf(link)} has; the router there is ${right}.`
  const evidence = [
    { fact: `${place.label}: ${prefix} via ${target} dev ${nameOf(link)}`, source: 'rtnetlink' },
    { fact: `no interface near ${place.label} has ${target}`, source: 'rtnetlink' },
  ]
  const fix = right === undefined ? null : fixRouteWrong(place, walk.scene.home, { prefix, gateway: right })
  return { code: 'gateway-unreachable', place, link, summary, evidence, fix }
}

/** A gateway outside of every subnet exists only because a router answers for it (proxy_arp), as Calico sets it up. */
function unanswered(walk: Walk, { place, link, target }: Wanted, router: End | undefined): Stop {
  const evidence = [
    {
      fact: `${place.label} has a route via ${target} on ${nameOf(link)}, in none of its subnets`,
      source: 'rtnetlink',
    },
  ]
  if (router === undefined || target.includes(':')) {
    const summary = `Nobody on the link of ${nameOf(link)} answers for the gateway ${target} of ${place.label}.`
    return { code: 'gateway-unreachable', place, link, summary, evidence, fix: null }
  }
  const name = nameOf(router.link)
  const summary = `${router.place.label} does not answer for the gateway ${target} of ${place.label}: proxy_arp is off on ${name}.`
  const fix = fixSettings(router.place, walk.scene.home, [[settingOf('ipv4', name, 'proxy_arp'), '1']], false)
  return { code: 'gateway-unreachable', place, link, summary, evidence, fix }
}

function lostAddress(walk: Walk, { place, link, target }: Wanted, router: End): Stop {
  const length = addressTowards(place, link.index, target)?.prefixLength ?? (target.includes(':') ? 64 : 24)
  const name = nameOf(router.link)
  const summary = `${name} in ${router.place.label} ought to have the gateway address ${target}, and does not.`
  const evidence = [
    { fact: `${place.label} has a route via ${target} on ${nameOf(link)}`, source: 'rtnetlink' },
    { fact: `${name} in ${router.place.label} has no address in that subnet`, source: 'rtnetlink' },
  ]
  const fix = fixAddressMissing(router.place, walk.scene.home, name, `${target}/${length}`)
  return { code: 'address-missing', place: router.place, link: router.link, summary, evidence, fix }
}
