/** Our own forwarding information base against the kernel's answers: random tables and rules, random questions. */
import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { kindOfRoute } from '../../src/diagnose/scene/fib/decision.ts'
import { Fib } from '../../src/diagnose/scene/fib/fib.ts'
import { nextHopsOf } from '../../src/diagnose/scene/fib/next-hop.ts'
import { KernelPlace } from '../../src/diagnose/scene/kernel/kernel-place.ts'
import type { RouteAnswer, RouteQuestion } from '../../src/diagnose/scene/place.ts'
import {
  lookUpRoute,
  Namespace,
  NetlinkError,
  type Route,
  type RouteLookUp,
  writeSysctl,
} from '../../src/kernel/index.ts'
import { ipBatch, NamedNamespaces } from '../support/iproute.ts'

const names = new NamedNamespaces('fib')
let name = ''

/** Interfaces with a carrier; `quiet` is a bridge without ports, which has none. */
const LINKS = ['v0', 'v1', 'v2', 'quiet'] as const

beforeAll(() => {
  name = names.add('world')
  const pairs = [0, 1, 2].flatMap((i) => [
    `link add v${i} type veth peer name p${i}`,
    `link set p${i} up`,
    `link set v${i} up`,
  ])
  const addresses = [
    'addr add 10.0.0.1/24 dev v0',
    'addr add 10.0.0.9/24 dev v0',
    'addr add 10.1.0.1/24 dev v1',
    'addr add 10.1.7.1/16 dev v1',
    'addr add 10.2.0.1/30 dev v2',
    'addr add 10.3.0.1/24 dev quiet',
    'addr add fd00:0::1/64 dev v0 nodad',
    'addr add fd00:0::9/64 dev v0 nodad',
    'addr add fd00:1::1/64 dev v1 nodad',
    'addr add 2001:db8:2::1/64 dev v2 nodad',
    'addr add fd00:3::1/64 dev quiet nodad',
  ]
  ipBatch(['link set lo up', ...pairs, 'link add quiet type bridge', 'link set quiet up', ...addresses], {
    inside: name,
  })
  const namespace = Namespace.open({ name })
  try {
    for (const key of ['net.ipv4.ip_forward', 'net.ipv6.conf.all.forwarding']) writeSysctl(namespace, key, 1)
    for (const link of ['all', 'default', ...LINKS.slice(0, 3)])
      writeSysctl(namespace, `net.ipv4.conf.${link}.rp_filter`, 0)
  } finally {
    namespace.close()
  }
})
afterAll(() => names.close())

type Family = 'ipv4' | 'ipv6'

const octet = fc.constantFrom(0, 1, 2, 3, 7, 9, 255)
const address4 = fc.tuple(fc.constantFrom(10, 192), octet, octet, octet).map((bytes) => bytes.join('.'))
const group = fc.constantFrom('0', '1', '2', '3', '9')
const address6 = fc
  .tuple(fc.constantFrom('fd00', '2001:db8'), group, group, group)
  .map(([site, a, b, c]) => (site === 'fd00' ? `fd00:${a}:0:${b}::${c}` : `2001:db8:${a}:${b}::${c}`))
const address = (family: Family) => (family === 'ipv4' ? address4 : address6)

const length = (family: Family) =>
  family === 'ipv4' ? fc.constantFrom(0, 8, 14, 16, 22, 24, 30, 32) : fc.constantFrom(0, 16, 32, 48, 60, 64, 127, 128)
const prefix = (family: Family) => fc.tuple(address(family), length(family)).map(([base, bits]) => masked(base, bits))
const link = fc.constantFrom(...LINKS)
const TABLES = ['main', 'main', 'main', '100', '200', 'default', 'local'] as const

/** Gateways that lie in a subnet of an interface of theirs. */
const GATEWAYS = {
  ipv4: [
    ['10.0.0.2', 'v0'],
    ['10.0.0.7', 'v0'],
    ['10.1.0.2', 'v1'],
    ['10.1.9.9', 'v1'],
    ['10.2.0.2', 'v2'],
    ['10.3.0.2', 'quiet'],
  ],
  ipv6: [
    ['fd00:0::2', 'v0'],
    ['fd00:1::2', 'v1'],
    ['2001:db8:2::2', 'v2'],
    ['fd00:3::2', 'quiet'],
  ],
} as const
const hop = (family: Family) =>
  fc.constantFrom(...GATEWAYS[family]).map(([gateway, dev]) => `via ${gateway} dev ${dev}`)

const metric = fc.constantFrom('', 'metric 5', 'metric 50', 'metric 1024')
const way = (family: Family) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.tuple(fc.constant(''), hop(family)) },
    {
      weight: 3,
      arbitrary: fc.tuple(
        fc.constant(''),
        link.map((dev) => `dev ${dev}`),
      ),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(
        fc.constant(''),
        fc
          .uniqueArray(fc.tuple(hop(family), fc.integer({ min: 1, max: 5 })), {
            minLength: 2,
            maxLength: 3,
            selector: ([one]) => one,
          })
          .map((hops) => hops.map(([one, weight]) => `nexthop ${one} weight ${weight}`).join(' ')),
      ),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(fc.constantFrom('blackhole', 'unreachable', 'prohibit', 'throw'), fc.constant('')),
    },
  )

const route = (family: Family) =>
  fc
    .record({
      prefix: prefix(family),
      way: way(family),
      metric,
      table: fc.constantFrom(...TABLES),
      from:
        family === 'ipv4'
          ? fc.constant('')
          : fc.oneof(
              { weight: 5, arbitrary: fc.constant('') },
              { weight: 1, arbitrary: prefix(family).map((text) => `from ${text}`) },
            ),
    })
    .map(({ prefix, way: [type, out], metric, table, from }) => {
      const source = out.startsWith('nhid') || from === 'from default' ? '' : from
      return `route add ${type} ${prefix} ${source} ${metric} table ${table} ${out}`.replace(/ +/g, ' ')
    })

const selector = (family: Family) =>
  fc.oneof(
    fc.constant(''),
    prefix(family).map((text) => `from ${text}`),
    prefix(family).map((text) => `to ${text}`),
    link.map((dev) => `iif ${dev}`),
    fc.constant('iif lo'),
    link.map((dev) => `oif ${dev}`),
    fc.constantFrom('fwmark 1', 'fwmark 0x10/0xf0', 'fwmark 0/0x1'),
    fc.constantFrom('ipproto tcp', 'ipproto udp'),
    fc.constantFrom('ipproto tcp dport 80', 'ipproto udp sport 1000-2000', 'dport 53'),
    // IPv6's look-up takes packets that come in for nobody's, other than the kernel itself does.
    fc.constantFrom(...(family === 'ipv4' ? ['uidrange 0-0'] : []), 'uidrange 1000-2000'),
  )
const action = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('table 100', 'table 200', 'table main', 'table 300') },
  { weight: 2, arbitrary: fc.constantFrom('table main suppress_prefixlength 0', 'table 100 suppress_prefixlength 20') },
  { weight: 1, arbitrary: fc.constantFrom('blackhole', 'unreachable', 'prohibit', 'nop') },
  { weight: 2, arbitrary: fc.constantFrom('goto 150', 'goto 250', 'goto 32766') },
)
const rule = (family: Family) =>
  fc
    .record({
      priority: fc.integer({ min: 10, max: 300 }),
      not: fc.boolean(),
      selector: selector(family),
      other: selector(family),
      action,
    })
    .map(({ priority, not, selector, other, action }) => {
      const both = selector.split(' ')[0] === other.split(' ')[0] || not ? selector : `${selector} ${other}`
      return `rule add pref ${priority} ${not && both !== '' ? 'not ' : ''}${both} ${action}`.replace(/ +/g, ' ')
    })

const question = (
  family: Family,
): fc.Arbitrary<RouteQuestion & { readonly through?: string; readonly into?: string }> =>
  fc
    .record({
      destination: fc.oneof(address(family), fc.constantFrom(...LOCALS[family])),
      source: fc.option(fc.oneof(fc.constantFrom(...LOCALS[family]), address(family)), { nil: undefined }),
      mark: fc.constantFrom(0, 0, 1, 0x10, 0x21),
      protocol: fc.constantFrom(6, 17, undefined),
      sourcePort: fc.constantFrom(1500, 3000),
      destinationPort: fc.constantFrom(53, 80),
      bound: fc.option(link, { nil: undefined }),
      comesIn: fc.constantFrom(undefined, undefined, 'v0', 'v1'),
    })
    .map(({ source, protocol, bound, comesIn, ...rest }) => ({
      ...rest,
      ...(protocol === undefined ? {} : { protocol }),
      ...(source === undefined ? {} : { source }),
      ...(comesIn === undefined ? (bound === undefined ? {} : { through: bound }) : { into: comesIn }),
    }))

const LOCALS = {
  ipv4: [
    '10.0.0.1',
    '10.0.0.9',
    '10.1.7.1',
    '10.2.0.1',
    '127.0.0.1',
    '10.0.0.255',
    '10.0.0.5',
    '224.0.0.9',
    '239.1.2.3',
  ],
  ipv6: [
    'fd00:0::1',
    'fd00:0::9',
    'fd00:1::1',
    '2001:db8:2::1',
    '::1',
    'fd00:0::77',
    'ff02::1',
    'fe80::1',
    '2001:db8::',
  ],
} as const

function masked(base: string, bits: number): string {
  if (bits === 0) return 'default'
  const v4 = !base.includes(':')
  const bytes = v4 ? base.split('.').map(Number) : groupsOf(base)
  const size = v4 ? 8 : 16
  const kept = bytes.map((part, i) => {
    const rest = Math.max(0, Math.min(size, bits - i * size))
    return rest === 0 ? 0 : part & ~((1 << (size - rest)) - 1)
  })
  return v4 ? `${kept.join('.')}/${bits}` : `${kept.map((part) => part.toString(16)).join(':')}/${bits}`
}

function groupsOf(text: string): number[] {
  const [head = '', tail = ''] = text.split('::')
  const left = head.split(':').filter(Boolean)
  const right = tail.split(':').filter(Boolean)
  return [...left, ...Array(8 - left.length - right.length).fill('0'), ...right].map((part) =>
    Number.parseInt(part, 16),
  )
}

/** From the first rule on, IPv4 keeps the tables local and main apart for good. */
const SPLIT = 'rule add pref 5 fwmark 0x7777 table 300'

interface Kernel {
  readonly way: Route | undefined
  readonly match: Route | undefined
  readonly errno: string | undefined
}

/** Nexthop objects: three ways out, a black hole, a group. */
function nexthops(family: Family): string[] {
  const ways = GATEWAYS[family].slice(0, 6)
  const [first, , third] = family === 'ipv4' ? [ways[0]!, ways[2]!, ways[4]!] : [ways[0]!, ways[1]!, ways[2]!]
  const second = family === 'ipv4' ? ways[2]! : ways[1]!
  return [
    ...[first, second, third].map(([gateway, dev], i) => `nexthop replace id ${i + 1} via ${gateway} dev ${dev}`),
    'nexthop replace id 9 blackhole',
    'nexthop replace id 10 group 1,3/2,2',
  ]
}

function askKernel(place: KernelPlace, { protocol, ...rest }: RouteQuestion): Kernel {
  const lookUp: RouteLookUp = { ...rest, ...(protocol === undefined ? {} : { ipProtocol: protocol }) }
  const attempt = (one: RouteLookUp): Route | string => {
    try {
      return place.ask((socket) => lookUpRoute(socket, one))
    } catch (error) {
      if (error instanceof NetlinkError) return error.code
      throw error
    }
  }
  const way = attempt(lookUp)
  const match = attempt({ ...lookUp, fibMatch: true })
  return {
    way: typeof way === 'string' ? undefined : way,
    match: typeof match === 'string' ? undefined : match,
    errno: typeof way === 'string' ? way : undefined,
  }
}

const REFUSALS: Readonly<Record<string, readonly RouteAnswer['kind'][]>> = {
  ENETUNREACH: ['none', 'unreachable'],
  EHOSTUNREACH: ['unreachable'],
  EACCES: ['prohibit'],
  EINVAL: ['blackhole'],
}

/** Where the two differ; undefined when they agree, or the kernel refuses for a reason that is not the route. */
function difference(place: KernelPlace, question: RouteQuestion, own: RouteAnswer, kernel: Kernel): unknown {
  const { way, match, errno } = kernel
  const v4 = !question.destination.includes(':')
  const cameIn = question.inputInterface !== undefined
  if (way === undefined) {
    const hasSource = question.source !== undefined
    // The kernel wants the source of a packet made here to be ours, and no loopback or own address on one that comes in.
    if (v4 && hasSource && !isOurs(place, question.source)) {
      if (!cameIn) return undefined
      if (errno === 'EINVAL' && own.kind !== 'blackhole') return undefined
    }
    if (v4 && errno === 'EINVAL' && (cameIn || question.source === '127.0.0.1')) return undefined
    // The kernel's answer about a group that came in does not fit its own buffer (inet6_rtm_getroute).
    if (!v4 && errno === 'EMSGSIZE') return undefined
    return (REFUSALS[errno ?? ''] ?? []).includes(own.kind) ? undefined : { errno, own: own.kind }
  }
  const kind = kindOfRoute(way.type)
  if (kind !== own.kind) return { kind, own: own.kind, text: own.text }
  if (match !== undefined && own.table !== 0 && !cameIn) {
    const table = match.tableId ?? match.table
    // As long as local and main are one table, the kernel calls both main.
    if (table !== own.table && !(table === 254 && own.table === 255)) return { table, own: own.table }
  }
  const several = own.route === undefined ? [] : nextHopsOf(own.route, place.nexthops)
  if ((kind === 'unicast' || kind === 'multicast') && several.length > 1) {
    const hops = several.map((one) => `${one.output} ${kind === 'unicast' ? one.gateway : undefined}`)
    const taken = `${way.outputInterface} ${way.gateway}`
    return hops.includes(taken) && hops.includes(`${own.output} ${own.gateway}`) ? undefined : { taken, hops, own }
  }
  if ((way.outputInterface ?? 0) !== own.output && !(cameIn && kind !== 'unicast')) {
    return { output: way.outputInterface, own: own.output, text: own.text }
  }
  if (way.gateway !== own.gateway) return { gateway: way.gateway, own: own.gateway }
  if (!cameIn && question.source === undefined && way.preferredSource !== own.source) {
    return { source: way.preferredSource, own: own.source }
  }
  return undefined
}

function isOurs(place: KernelPlace, address: string | undefined): boolean {
  return place.addresses.some((entry) => (entry.local ?? entry.address) === address)
}

function openPlace(): KernelPlace {
  const namespace = Namespace.open({ name })
  return new KernelPlace({
    node: {
      inode: namespace.identity.inode,
      id: null,
      role: 'named',
      names: [name],
      mounts: [],
      pids: [],
      nsid: null,
      owners: [],
      holders: [],
    },
    label: `ns:${name}`,
    namespace,
    warn: (sentence) => {
      throw new Error(sentence)
    },
  })
}

/** Runs many lines of ip(8) for one family in the world, going on behind those that it refuses. */
function ipLines(family: Family, lines: readonly string[]): void {
  const words = [family === 'ipv4' ? '-4' : '-6', '-n', name, '-force', '-batch', '-']
  spawnSync('ip', words, { input: `${lines.join('\n')}\n` })
}

/** Takes away what an earlier world put in: routes of protocol boot, and every rule of our own. */
function clean(family: Family): void {
  const place = openPlace()
  try {
    const rules = place.rules(family).filter(({ priority = 0 }) => priority > 0 && priority < 32766)
    ipLines(family, [
      'route flush proto boot table all',
      'nexthop flush',
      ...rules.map(({ priority }) => `rule del pref ${priority}`),
    ])
  } finally {
    place.close()
  }
}

interface World {
  readonly family: Family
  readonly lines: readonly string[]
  readonly ignoreLinkDown: boolean
  readonly questions: readonly (RouteQuestion & { readonly through?: string; readonly into?: string })[]
}

/** Builds a world and asks everything; returns how many questions that were. */
function compare({ family, lines, ignoreLinkDown, questions }: World): number {
  clean(family)
  ipLines(family, [...nexthops(family), ...lines])
  const place = openPlace()
  try {
    for (const one of LINKS) {
      writeSysctl(place.namespace, `net.${family}.conf.${one}.ignore_routes_with_linkdown`, ignoreLinkDown ? 1 : 0)
    }
    const fib = new Fib(place)
    for (const { through, into, ...rest } of questions) {
      const asking: RouteQuestion = {
        ...rest,
        ...(through === undefined ? {} : { outputInterface: place.linkNamed(through)!.index }),
        ...(into === undefined ? {} : { inputInterface: place.linkNamed(into)!.index }),
      }
      const kernel = askKernel(place, asking)
      const own = fib.lookUp(asking)
      const told = JSON.stringify({ asking, own: own.text, kernel })
      expect(difference(place, asking, own, kernel), told).toBeUndefined()
    }
    return questions.length
  } finally {
    place.close()
  }
}

const worlds = (family: Family, mostRules: number) =>
  fc.record({
    family: fc.constant(family),
    lines: fc
      .tuple(fc.array(route(family), { maxLength: 14 }), fc.array(rule(family), { maxLength: mostRules }))
      .map(([routes, rules]) => [...(mostRules === 0 ? [] : [SPLIT]), ...routes, ...rules]),
    ignoreLinkDown: fc.boolean(),
    questions: fc.array(question(family), { minLength: 80, maxLength: 120 }),
  })

/** Random worlds: a smaller counterexample is not looked for, because each try builds a world. */
function compareMany(family: Family, mostRules: number, numRuns: number): number {
  let asked = 0
  const property = fc.property(worlds(family, mostRules), (world) => {
    asked += compare(world)
  })
  fc.assert(property, { numRuns, endOnFailure: true })
  return asked
}

describe('a forwarding information base of our own answers as the kernel does', () => {
  // First, because the kernel never joins the tables again once there was a rule.
  test('IPv4, as long as nobody wrote a rule', () => {
    expect(compareMany('ipv4', 0, 20)).toBeGreaterThan(1500)
  }, 60_000)

  test('IPv4, with policy rules', () => {
    expect(compareMany('ipv4', 5, 40)).toBeGreaterThan(3000)
  }, 60_000)

  test('IPv6, with policy rules and routes for some sources only', () => {
    expect(compareMany('ipv6', 5, 40)).toBeGreaterThan(3000)
  }, 60_000)
})
