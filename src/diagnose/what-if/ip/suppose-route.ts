/** `ip route add|append|change|replace|del [TYPE] PREFIX …` (ip-route(8)). */
import {
  LinkFlag,
  NextHopFlag,
  type Route,
  type RouteHop,
  RouteProtocol,
  RouteScope,
  RouteTable,
  RouteType,
  tableOf,
} from '../../../kernel/index.ts'
import { FAMILY_NUMBER } from '../../scene/fib/address-bits.ts'
import { interfaceName } from '../../scene/fib/fib-view.ts'
import { textOfRoute } from '../../scene/fib/route-text.ts'
import type { Family, Place } from '../../scene/place.ts'
import type { SceneChange } from '../supposed-scene.ts'
import { WhatIfError } from '../what-if-error.ts'
import type { WordReader } from '../words.ts'
import { isSameRoute, route } from './address-routes.ts'
import { interfaceNamed } from './interface-word.ts'
import type { IpCommand } from './ip-command.ts'
import { addressOf, prefixOf } from './prefix-word.ts'
import { tableNumber } from './table-word.ts'

const TYPES: Readonly<Record<string, number>> = {
  unicast: RouteType.unicast,
  local: RouteType.local,
  broadcast: RouteType.broadcast,
  blackhole: RouteType.blackhole,
  unreachable: RouteType.unreachable,
  prohibit: RouteType.prohibit,
  throw: RouteType.throw,
}
const SCOPES: Readonly<Record<string, number>> = {
  global: RouteScope.universe,
  universe: RouteScope.universe,
  site: RouteScope.site,
  link: RouteScope.link,
  host: RouteScope.host,
}
const IPV6_METRIC = 1024
/** Words with a value that decides nothing here. */
const IDLE = new Set([
  'proto',
  'protocol',
  'pref',
  'advmss',
  'window',
  'rtt',
  'hoplimit',
  'initcwnd',
  'initrwnd',
  'expires',
])

/** Supposes it. @throws WhatIfError */
export function supposeRoute({ place, words, family }: IpCommand): SceneChange {
  const verb = words.next('add, replace or del')
  const wanted = readRoute(place, words, family)
  const name: Family = wanted.route.family === FAMILY_NUMBER.ipv4 ? 'ipv4' : 'ipv6'
  const routes = changed(place, verb, wanted, place.routes(name), words)
  return { places: new Map([[place.inode, { routes: { [name]: routes } }]]) }
}

function changed(
  place: Place,
  verb: string,
  wanted: WantedRoute,
  routes: readonly Route[],
  words: WordReader,
): readonly Route[] {
  const text = textOfRoute(wanted.route, (index) => interfaceName(place, index))
  if (['del', 'delete', 'd'].includes(verb)) {
    const gone = routes.find((candidate) => isMeant(candidate, wanted))
    if (gone === undefined) throw new WhatIfError(`${place.label} has no route ${text}`)
    return routes.filter((candidate) => candidate !== gone)
  }
  if (!['add', 'a', 'append', 'prepend', 'change', 'chg', 'replace', 'repl'].includes(verb)) words.refuse(verb)
  const full = withWayOut(place, wanted.route, text)
  const same = routes.find((candidate) => isSameRoute(candidate, full))
  if ((verb === 'add' || verb === 'a') && same !== undefined) {
    throw new WhatIfError(`${place.label} has a route to that prefix already; replace puts another in its place`)
  }
  if (verb.startsWith('ch') && same === undefined) throw new WhatIfError(`${place.label} has no route to that prefix`)
  if (verb === 'prepend') return [full, ...routes]
  const kept = verb === 'append' ? routes : routes.filter((candidate) => candidate !== same)
  return [...kept, full]
}

interface WantedRoute {
  readonly route: Route
  /** Said in the command, and so to be matched by what is to be deleted. */
  readonly said: ReadonlySet<keyof Route>
}

function isMeant(candidate: Route, { route: wanted, said }: WantedRoute): boolean {
  const keys: readonly (keyof Route)[] = ['family', 'destinationLength', 'destination', 'sourceLength', 'source']
  if (tableOf(candidate) !== tableOf(wanted)) return false
  return [...keys, ...said].every((key) => JSON.stringify(candidate[key]) === JSON.stringify(wanted[key]))
}

function readRoute(place: Place, words: WordReader, said: Family | undefined): WantedRoute {
  const named = words.take(...Object.keys(TYPES))
  const type = TYPES[named ?? 'unicast']!
  const word = words.next('the prefix')
  const whole = prefixOf('ip route', word, said ?? familyOfRest(words) ?? 'ipv4')
  const fields: Partial<{ -readonly [K in keyof Route]: Route[K] }> = {}
  const hops: RouteHop[] = []
  let table: number = type === RouteType.local || type === RouteType.broadcast ? RouteTable.local : RouteTable.main
  let onLink = false
  while (!words.done) {
    const next = words.next('a word')
    if (next === 'via') Object.assign(fields, gateway(words, whole.family))
    else if (next === 'dev')
      fields.outputInterface = interfaceNamed(place, words.next('the interface behind dev')).index
    else if (next === 'src') fields.preferredSource = addressOf('ip route', words.next('the address behind src'))
    else if (['metric', 'priority', 'preference'].includes(next)) fields.priority = words.number('the metric')
    else if (next === 'table') table = tableNumber(words)
    else if (next === 'mtu') fields.metrics = { mtu: mtuWord(words) }
    else if (next === 'scope') fields.scope = scopeWord(words)
    else if (next === 'nhid') fields.nexthopId = words.number('the number behind nhid')
    else if (next === 'tos' || next === 'dsfield') fields.tos = words.number('the type of service')
    else if (next === 'onlink') onLink = true
    else if (next === 'from') sourcePrefix(words, fields, whole.family)
    else if (next === 'nexthop') hops.push(readHop(place, words, whole.family))
    else if (IDLE.has(next)) words.next(`what follows ${next}`)
    else words.refuse(next)
  }
  const keys = new Set(Object.keys(fields) as (keyof Route)[])
  if (named !== undefined) keys.add('type')
  const v6 = whole.family === 'ipv6'
  const direct = fields.gateway === undefined && fields.via === undefined && hops.length === 0
  const usualScope =
    type === RouteType.local
      ? RouteScope.host
      : direct && type === RouteType.unicast
        ? RouteScope.link
        : RouteScope.universe
  return {
    said: keys,
    route: route({
      ...fields,
      family: FAMILY_NUMBER[whole.family],
      destinationLength: whole.length,
      ...(whole.address === undefined ? {} : { destination: whole.address }),
      table,
      type,
      protocol: RouteProtocol.boot,
      scope: fields.scope ?? (v6 ? RouteScope.universe : usualScope),
      flags: onLink ? NextHopFlag.onLink : 0,
      ...(hops.length === 0 ? {} : { nextHops: hops }),
      ...(v6 && fields.priority === undefined ? { priority: IPV6_METRIC } : {}),
    }),
  }
}

/** The family of `default via fd00::1` is told by its gateway. */
function familyOfRest(words: WordReader): Family | undefined {
  const next = words.peek()
  return next === undefined
    ? undefined
    : words.anyAhead((word) => /^[0-9a-f:]*:[0-9a-f:.]*$/i.test(word))
      ? 'ipv6'
      : undefined
}

function gateway(words: WordReader, family: Family): Partial<Route> {
  const named = words.take('inet', 'inet6')
  const address = addressOf('ip route', words.next('the address behind via'))
  const own = address.includes(':') ? 'ipv6' : 'ipv4'
  if (named === undefined && own !== family)
    throw new WhatIfError(`ip route: "${address}" is of another family; say via inet6`)
  return own === family ? { gateway: address } : { via: { family: FAMILY_NUMBER[own], address } }
}

function readHop(place: Place, words: WordReader, family: Family): RouteHop {
  let hop: RouteHop = { flags: 0, hops: 0, index: 0 }
  for (;;) {
    if (words.take('via') !== undefined) hop = { ...hop, ...gateway(words, family) } as RouteHop
    else if (words.take('dev') !== undefined)
      hop = { ...hop, index: interfaceNamed(place, words.next('the interface')).index }
    else if (words.take('weight') !== undefined) hop = { ...hop, hops: Math.max(0, words.number('the weight') - 1) }
    else if (words.take('onlink') !== undefined) hop = { ...hop, flags: hop.flags | NextHopFlag.onLink }
    else break
  }
  const gatewayAddress = hop.gateway ?? hop.via?.address
  if (hop.index !== 0 || gatewayAddress === undefined) return hop
  return { ...hop, index: wayTo(place, gatewayAddress, `nexthop via ${gatewayAddress}`) }
}

/** A gateway must lie on a link (fib_check_nh): without `dev`, the interface follows from it. */
function withWayOut(place: Place, wanted: Route, text: string): Route {
  const address = wanted.gateway ?? wanted.via?.address
  if (wanted.type !== RouteType.unicast || wanted.nexthopId !== undefined || wanted.nextHops !== undefined)
    return wanted
  if (address === undefined) {
    if (wanted.outputInterface === undefined) throw new WhatIfError(`ip route: "via" or "dev" is missing in ${text}`)
    return mustBeUp(place, wanted)
  }
  if (wanted.outputInterface === undefined) return { ...wanted, outputInterface: wayTo(place, address, text) }
  const onLink = (wanted.flags & NextHopFlag.onLink) !== 0 || /^fe[89ab]/i.test(address)
  if (!onLink) wayTo(place, address, text, wanted.outputInterface)
  return mustBeUp(place, wanted)
}

function mustBeUp(place: Place, wanted: Route): Route {
  const link = place.link(wanted.outputInterface ?? 0)
  if (link !== undefined && (link.flags & LinkFlag.up) === 0) {
    throw new WhatIfError(`${link.name} in ${place.label} is down: the kernel takes no route through it`)
  }
  return wanted
}

function wayTo(place: Place, address: string, text: string, through?: number): number {
  const way = place.lookUpRoute({
    destination: address,
    ...(through === undefined ? {} : { outputInterface: through }),
  })
  // Bound to an interface, a look-up always finds a way; only one by a route says that the gateway is on its link.
  const found =
    way.kind === 'unicast' && way.gateway === undefined && (through === undefined || way.route !== undefined)
  if (!found) throw new WhatIfError(`ip route: the gateway of ${text} is on no link of ${place.label}`)
  return way.output
}

function sourcePrefix(
  words: WordReader,
  fields: Partial<{ -readonly [K in keyof Route]: Route[K] }>,
  family: Family,
): void {
  const { address, length } = prefixOf('ip route', words.next('the prefix behind from'), family)
  fields.sourceLength = length
  if (address !== undefined) fields.source = address
}

function mtuWord(words: WordReader): number {
  words.take('lock')
  return words.number('the MTU')
}

function scopeWord(words: WordReader): number {
  const word = words.next('the scope')
  return SCOPES[word] ?? words.refuse(word)
}
