/** The ways out that a route has, and the one that a flow takes. */
import { NextHopFlag, type Nexthop, type Route } from '../../../kernel/index.ts'
import type { FibView } from './fib-view.ts'
import type { RouteFlow } from './route-flow.ts'

/** One way out. */
export interface NextHop {
  /** Interface index; 0 for a way that leads nowhere. */
  readonly output: number
  readonly gateway: string | undefined
  /** RTNH_F_* bits. */
  readonly flags: number
  readonly weight: number
}

/** Every way out that a route has. */
export function nextHopsOf(route: Route, nexthops: readonly Nexthop[]): readonly NextHop[] {
  if (route.nextHops !== undefined && route.nextHops.length > 0) {
    return route.nextHops.map((hop) => ({
      output: hop.index,
      gateway: hop.gateway ?? hop.via?.address,
      flags: hop.flags,
      weight: hop.hops + 1,
    }))
  }
  if (route.outputInterface === undefined && route.nexthopId !== undefined) {
    return hopsOfObject(route.nexthopId, nexthops, 1)
  }
  return [
    {
      output: route.outputInterface ?? 0,
      gateway: route.gateway ?? route.via?.address,
      flags: route.flags,
      weight: 1,
    },
  ]
}

/** The kernel leaves the ways out of a nexthop object away where net.ipv4.nexthop_compat_mode is 0. */
function hopsOfObject(id: number, nexthops: readonly Nexthop[], weight: number): readonly NextHop[] {
  const object = nexthops.find((candidate) => candidate.id === id)
  if (object === undefined) return []
  if (object.group !== undefined) {
    // Groups do not nest, but for one of resilient groups that no route refers to (net/ipv4/nexthop.c).
    return object.group.flatMap((member) =>
      nexthops.some((candidate) => candidate.id === member.id && candidate.group === undefined)
        ? hopsOfObject(member.id, nexthops, member.weightLow + 256 * member.weightHigh + 1)
        : [],
    )
  }
  return [{ output: object.outputInterface ?? 0, gateway: object.gateway, flags: object.flags, weight }]
}

/** Whether a way out can be taken: its link is up, and has a carrier where routes without one are to be ignored. */
export function isAlive(view: FibView, hop: NextHop, ignoresLinkDown: (interfaceName: string) => boolean): boolean {
  if ((hop.flags & NextHopFlag.dead) !== 0) return false
  if ((hop.flags & NextHopFlag.linkDown) === 0) return true
  return !ignoresLinkDown(view.link(hop.output)?.name ?? '')
}

/**
 * Chooses among several ways out by weight. The kernel takes a hash with a secret key; this one only has the same shares, and
 * always gives a flow the same way.
 */
export function chooseByWeight(hops: readonly NextHop[], flow: RouteFlow): NextHop | undefined {
  const total = hops.reduce((sum, { weight }) => sum + weight, 0)
  let share = hash(flow) % Math.max(total, 1)
  for (const hop of hops) {
    share -= hop.weight
    if (share < 0) return hop
  }
  return undefined
}

/** FNV-1a over the addresses, which is all that the kernel's hash covers by default (fib_multipath_hash_policy 0). */
function hash({ source, destination }: RouteFlow): number {
  let value = 0x811c9dc5
  for (const address of [source, destination]) {
    for (let rest = address; rest > 0n; rest >>= 8n) {
      value = Math.imul(value ^ Number(rest & 0xffn), 0x01000193) >>> 0
    }
  }
  return value
}
