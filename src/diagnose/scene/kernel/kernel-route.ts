/** The kernel's own route look-up, in the words of a scene. */
import {
  lookUpRoute,
  NetlinkError,
  type NetlinkSocket,
  type Route,
  type RouteLookUp,
  tableOf,
} from '../../../kernel/index.ts'
import { isUnspecified } from '../fib/address-bits.ts'
import { kindOfRoute } from '../fib/decision.ts'
import type { Fib } from '../fib/fib.ts'
import { interfaceName } from '../fib/fib-view.ts'
import { textOfRoute } from '../fib/route-text.ts'
import type { Place, RouteAnswer, RouteQuestion } from '../place.ts'

/** A namespace whose kernel can be asked. */
interface AskedPlace extends Pick<Place, 'link'> {
  ask<T>(question: (socket: NetlinkSocket) => T): T
}

/**
 * Asks the kernel which way a packet goes. It says only with an error number that there is none, and refuses for other reasons
 * too: a packet that comes in is checked against reverse-path filtering and forwarding, one made here must have a source of
 * ours (inet_rtm_getroute, net/ipv4/route.c). So a refusal is explained by our own look-up, which asks about the way alone.
 */
export function askKernelForRoute(place: AskedPlace, question: RouteQuestion, fib: () => Fib): RouteAnswer {
  const lookUp = lookUpOf(question)
  try {
    const way = place.ask((socket) => lookUpRoute(socket, lookUp))
    return answer(place, question, way, matchedRoute(place, lookUp))
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw error
    return fib().lookUp(question)
  }
}

/** The entry of the table that decides; undefined when the kernel is too old to tell. */
function matchedRoute(place: AskedPlace, lookUp: RouteLookUp): Route | undefined {
  try {
    return place.ask((socket) => lookUpRoute(socket, { ...lookUp, fibMatch: true }))
  } catch (error) {
    if (error instanceof NetlinkError) return undefined
    throw error
  }
}

/** Protocols that RTM_GETROUTE takes (rtm_getroute_parse_ip_proto, net/ipv4/netlink.c): ICMP, TCP, UDP, ICMPv6. */
const ASKABLE_PROTOCOLS: ReadonlySet<number> = new Set([1, 6, 17, 58])

function sourceOf({ source }: RouteQuestion): string | undefined {
  return source === undefined || isUnspecified(source) ? undefined : source
}

function lookUpOf(question: RouteQuestion): RouteLookUp {
  const { destination, inputInterface, outputInterface, mark, protocol, sourcePort, destinationPort } = question
  return {
    destination,
    ...(sourceOf(question) === undefined ? {} : { source: sourceOf(question)! }),
    ...(inputInterface === undefined ? {} : { inputInterface }),
    ...(outputInterface === undefined ? {} : { outputInterface }),
    ...(mark === undefined ? {} : { mark }),
    ...(protocol === undefined || !ASKABLE_PROTOCOLS.has(protocol) ? {} : { ipProtocol: protocol }),
    ...(sourcePort === undefined ? {} : { sourcePort }),
    ...(destinationPort === undefined ? {} : { destinationPort }),
  }
}

function answer(place: AskedPlace, question: RouteQuestion, way: Route, matched: Route | undefined): RouteAnswer {
  return {
    kind: kindOfRoute(way.type),
    output: way.outputInterface ?? 0,
    gateway: way.gateway ?? way.via?.address,
    source: question.inputInterface === undefined ? (sourceOf(question) ?? way.preferredSource) : undefined,
    mtu: matched?.metrics?.mtu,
    table: tableOf(matched ?? way),
    route: matched,
    text: textOfRoute(matched ?? way, (index) => interfaceName(place, index)),
  }
}
