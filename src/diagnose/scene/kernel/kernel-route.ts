/** The kernel's own route look-up, in the words of a scene. */
import { lookUpRoute, NetlinkError, type Route, type RouteLookUp, RouteType, tableOf } from '../../../kernel/index.ts'
import { textOfRoute } from '../fib/route-text.ts'
import type { RouteAnswer, RouteQuestion } from '../place.ts'
import type { KernelPlace } from './kernel-place.ts'

const KINDS: Readonly<Record<number, RouteAnswer['kind']>> = {
  [RouteType.unicast]: 'unicast',
  [RouteType.local]: 'local',
  [RouteType.broadcast]: 'broadcast',
  [RouteType.anycast]: 'local',
  [RouteType.multicast]: 'multicast',
  [RouteType.blackhole]: 'blackhole',
  [RouteType.unreachable]: 'unreachable',
  [RouteType.prohibit]: 'prohibit',
}

/** What a refusal says about the route, where it is about the route at all. */
const REFUSALS: Readonly<Record<string, RouteAnswer['kind']>> = {
  ENETUNREACH: 'none',
  EHOSTUNREACH: 'unreachable',
  EACCES: 'prohibit',
  EINVAL: 'blackhole',
}

/** Asks the kernel which way a packet goes. */
export function askKernelForRoute(place: KernelPlace, question: RouteQuestion): RouteAnswer {
  const lookUp = lookUpOf(question)
  try {
    const way = place.ask((socket) => lookUpRoute(socket, lookUp))
    return answer(place, way, matchedRoute(place, lookUp))
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw error
    return refusal(error)
  }
}

/** The entry of the table that decides; undefined when the kernel is too old to tell. */
function matchedRoute(place: KernelPlace, lookUp: RouteLookUp): Route | undefined {
  try {
    return place.ask((socket) => lookUpRoute(socket, { ...lookUp, fibMatch: true }))
  } catch (error) {
    if (error instanceof NetlinkError) return undefined
    throw error
  }
}

function lookUpOf(question: RouteQuestion): RouteLookUp {
  const { destination, source, inputInterface, outputInterface, mark, protocol, sourcePort, destinationPort } = question
  return {
    destination,
    ...(source === undefined || source === '0.0.0.0' || source === '::' ? {} : { source }),
    ...(inputInterface === undefined ? {} : { inputInterface }),
    ...(outputInterface === undefined ? {} : { outputInterface }),
    ...(mark === undefined ? {} : { mark }),
    ...(protocol === undefined ? {} : { ipProtocol: protocol }),
    ...(sourcePort === undefined ? {} : { sourcePort }),
    ...(destinationPort === undefined ? {} : { destinationPort }),
  }
}

function answer(place: KernelPlace, way: Route, matched: Route | undefined): RouteAnswer {
  const nameOf = (index: number): string => place.link(index)?.name ?? `if${index}`
  return {
    kind: KINDS[way.type] ?? 'none',
    output: way.outputInterface ?? 0,
    gateway: way.gateway ?? way.via?.address,
    source: way.preferredSource,
    mtu: matched?.metrics?.mtu,
    table: tableOf(matched ?? way),
    route: matched,
    text: textOfRoute(matched ?? way, nameOf),
  }
}

function refusal(error: NetlinkError): RouteAnswer {
  const kind = REFUSALS[error.code] ?? 'none'
  return {
    kind,
    output: 0,
    gateway: undefined,
    source: undefined,
    mtu: undefined,
    table: 0,
    route: undefined,
    text: kind === 'none' ? 'no route' : kind,
  }
}
