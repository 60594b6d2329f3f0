/** What mends routing (ip-route(8)). */
import type { Fix } from '../finding.ts'
import type { Place } from '../scene/place.ts'
import { commandIn } from './command-line.ts'

/** A route as `ip route` takes it. */
export interface WantedRoute {
  /** `default`, `10.1.0.0/16`, `fd00::/64`. */
  readonly prefix: string
  readonly gateway?: string | undefined
  /** Name of the interface; needed where there is no gateway, or one that is link-local. */
  readonly output?: string | undefined
  /** Left out: main. */
  readonly table?: number | undefined
}

/** Adds a route. */
export function fixRouteMissing(place: Place, home: string, route: WantedRoute): Fix {
  return {
    safe: true,
    summary: `Add the route ${words(route).join(' ')} in ${place.label}.`,
    commands: [commandIn(place, home, ['ip', ...family(route), 'route', 'add', ...words(route)])],
  }
}

/** Puts a route in place of the one that has the same prefix. */
export function fixRouteWrong(place: Place, home: string, route: WantedRoute): Fix {
  return {
    safe: false,
    summary: `Replace the route to ${route.prefix} in ${place.label} by ${words(route).join(' ')}.`,
    commands: [commandIn(place, home, ['ip', ...family(route), 'route', 'replace', ...words(route)])],
  }
}

/** Deletes a route that forbids: `type` is `blackhole`, `unreachable` or `prohibit`; it names the route together with its prefix. */
export function fixRouteForbids(place: Place, home: string, type: string, route: WantedRoute): Fix {
  return {
    safe: false,
    summary: `Delete the ${type} route to ${route.prefix} in ${place.label}.`,
    commands: [commandIn(place, home, ['ip', ...family(route), 'route', 'del', type, ...words(route)])],
  }
}

/** Deletes a policy rule by its priority. */
export function fixPolicyRule(place: Place, home: string, priority: number, ipv6: boolean): Fix {
  return {
    safe: false,
    summary: `Delete the routing rule of priority ${priority} in ${place.label}.`,
    commands: [commandIn(place, home, ['ip', ...(ipv6 ? ['-6'] : []), 'rule', 'del', 'priority', String(priority)])],
  }
}

function family({ prefix, gateway }: WantedRoute): readonly string[] {
  return prefix.includes(':') || (prefix === 'default' && gateway?.includes(':') === true) ? ['-6'] : []
}

function words({ prefix, gateway, output, table }: WantedRoute): string[] {
  return [
    prefix,
    ...(gateway === undefined ? [] : ['via', gateway]),
    ...(output === undefined ? [] : ['dev', output]),
    ...(table === undefined ? [] : ['table', String(table)]),
  ]
}
