/** Routes, rules, neighbours and forwarding entries as people read them. */
import type {
  InspectedForwarding,
  InspectedNeighbour,
  InspectedRoute,
  InspectedRule,
  InspectedVlans,
} from '../../../host/index.ts'
import { printable } from '../../frame/escape.ts'
import { table } from '../../frame/table.ts'
import type { Paint } from '../../frame/terminal.ts'

/** Routes by table. The table local is the kernel's own account of the addresses, which stand with the interfaces. */
export function routesText(routes: readonly InspectedRoute[], paint: Paint): string {
  const shown = routes.filter((route) => route.table !== 'local')
  const groups = new Map<string, InspectedRoute[]>()
  for (const route of shown) {
    const title = `${route.family === 'ipv4' ? 'IPv4' : 'IPv6'}, table ${route.table}`
    groups.set(title, [...(groups.get(title) ?? []), route])
  }
  return [...groups]
    .map(([title, group]) => `  ${printable(title)}\n${group.map((route) => routeLine(route, paint)).join('')}`)
    .join('')
}

function routeLine(route: InspectedRoute, paint: Paint): string {
  const text = printable(route.text, 400)
  const broken = route.state.includes('dead') || route.state.includes('linkdown')
  const refusing = ['blackhole', 'unreachable', 'prohibit'].includes(route.type)
  return `    ${broken ? paint('red', text) : refusing ? paint('yellow', text) : text}\n`
}

/** Rules with their priorities, IPv4 first. */
export function rulesText(rules: readonly InspectedRule[]): string {
  const rows = rules.map((rule) => [
    `${rule.priority}:`,
    rule.family === 'ipv4' ? 'IPv4' : 'IPv6',
    printable(rule.text),
  ])
  return table(rows, { indent: 2, right: [0] })
}

/** Neighbours, those that cannot be reached marked. */
export function neighboursText(neighbours: readonly InspectedNeighbour[], paint: Paint): string {
  const rows = neighbours.map((entry) => [
    entry.address,
    printable(entry.interface),
    entry.mac ?? '-',
    [neighbourState(entry.state, paint), ...entry.flags].join(' '),
  ])
  return table(rows, { indent: 2 })
}

function neighbourState(state: string, paint: Paint): string {
  if (state === 'failed') return paint('red', state)
  return state === 'incomplete' ? paint('yellow', state) : state
}

/** Forwarding entries: where frames to an address go. Groups that an interface itself listens to are left out. */
export function forwardingText(entries: readonly InspectedForwarding[]): string {
  const shown = entries.filter((entry) => entry.remote !== null || entry.bridge !== null || !isGroup(entry.mac))
  const rows = shown.map((entry) => [
    entry.mac,
    printable(entry.interface),
    entry.bridge === null ? '-' : `bridge ${printable(entry.bridge)}`,
    [
      entry.state,
      ...(entry.vlan === null ? [] : [`vlan ${entry.vlan}`]),
      ...(entry.remote === null ? [] : [`to ${entry.remote}`]),
      ...(entry.vni === null ? [] : [`vni ${entry.vni}`]),
      ...entry.flags,
    ].join(' '),
  ])
  return table(rows, { indent: 2 })
}

/** The lowest bit of the first byte marks addresses of groups (IEEE 802). */
function isGroup(mac: string): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1
}

/** Vlans of each port: `1 (untagged, pvid), 100-200`. */
export function vlansText(ports: readonly InspectedVlans[]): string {
  const rows = ports.map((port) => [printable(port.interface), port.vlans.map(vlanRange).join(', ')])
  return table(rows, { indent: 2 })
}

function vlanRange({ first, last, pvid, untagged }: InspectedVlans['vlans'][number]): string {
  const notes = [...(untagged ? ['untagged'] : []), ...(pvid ? ['pvid'] : [])]
  const range = first === last ? String(first) : `${first}-${last}`
  return notes.length === 0 ? range : `${range} (${notes.join(', ')})`
}
