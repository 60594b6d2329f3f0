/** What people call the object of a change, and the interface that it belongs to. */
import type { WatchedObject } from './change.ts'
import type { View } from './object-table.ts'

/** Name of an object: `eth0`, `10.0.0.2/24 on eth0`, `default via 10.0.0.1 on eth0`. */
export function subjectOf(object: WatchedObject, view: View): string {
  const on = view['interface'] === null || view['interface'] === undefined ? '' : ` on ${view['interface']}`
  switch (object) {
    case 'link':
      return String(view['name'])
    case 'address':
    case 'neighbour':
      return `${view['address']}${on}`
    case 'route':
      return routeSubject(view, on)
    case 'rule':
      return ruleSubject(view)
    case 'forwarding':
      return `${view['mac']}${on}${view['remote'] === null ? '' : ` to ${view['remote']}`}`
    default:
      return ''
  }
}

/** Numbers of tables that have names (linux/rtnetlink.h). */
const TABLES: Readonly<Record<number, string>> = { 253: 'default', 254: 'main', 255: 'local' }

function tableName(table: unknown): string {
  return TABLES[Number(table)] ?? String(table)
}

/** `10.8.0.0/16 via 10.9.0.2 on eth0`; what is usual (unicast, the table main) is not said. */
function routeSubject(view: View, on: string): string {
  const type = view['type'] === 'unicast' ? '' : ` ${view['type']}`
  const gateway = view['gateway'] === null ? '' : ` via ${view['gateway']}`
  const family = view['destination'] === 'default' && view['family'] === 'inet6' ? 'IPv6 ' : ''
  const table = tableName(view['table'])
  return `${family}${view['destination']}${type}${gateway}${on}${table === 'main' ? '' : ` in table ${table}`}`
}

/** `32765: from 10.1.0.0/16 lookup 77`, as ip-rule(8) prints it. The default rules have the same numbers in both families. */
function ruleSubject(view: View): string {
  const family = view['family'] === 'inet6' ? 'IPv6 ' : ''
  const to = view['to'] === 'all' ? '' : ` to ${view['to']}`
  return `${family}${view['priority']}: from ${view['from']}${to} lookup ${tableName(view['table'])}`
}

/** Name of the interface that an object belongs to; a link belongs to itself. */
export function interfaceOf(object: WatchedObject, view: View): string | null {
  const name = object === 'link' ? view['name'] : view['interface']
  return typeof name === 'string' ? name : null
}
