/** The words that iproute2 and its users have for the kernel's numbers. */
import { readdirSync, readFileSync } from 'node:fs'
import { hasCode } from '../../kernel/index.ts'

/** RTN_* (linux/rtnetlink.h), by number. */
const ROUTE_TYPES = [
  'none',
  'unicast',
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
  'nat',
]

/** RTPROT_* (linux/rtnetlink.h) under the names that ip-route(8) prints. */
const ROUTE_PROTOCOLS: Readonly<Record<number, string>> = {
  0: 'unspec',
  1: 'redirect',
  2: 'kernel',
  3: 'boot',
  4: 'static',
  8: 'gated',
  9: 'ra',
  10: 'mrt',
  11: 'zebra',
  12: 'bird',
  13: 'dnrouted',
  14: 'xorp',
  15: 'ntk',
  16: 'dhcp',
  18: 'keepalived',
  42: 'babel',
  186: 'bgp',
  187: 'isis',
  188: 'ospf',
  189: 'rip',
  192: 'eigrp',
}

/** RT_SCOPE_* (linux/rtnetlink.h). */
const SCOPES: Readonly<Record<number, string>> = { 0: 'global', 200: 'site', 253: 'link', 254: 'host', 255: 'nowhere' }

/** RT_TABLE_* (linux/rtnetlink.h); others have names only where an administrator gave them. */
const ROUTE_TABLES: Readonly<Record<number, string>> = { 0: 'unspec', 253: 'default', 254: 'main', 255: 'local' }

/** NUD_* (linux/neighbour.h), in the order of their bits. */
const NEIGHBOUR_STATES = ['incomplete', 'reachable', 'stale', 'delay', 'probe', 'failed', 'noarp', 'permanent']

/** Type of a route: `unicast`, `blackhole`. */
export function routeType(number: number): string {
  return ROUTE_TYPES[number] ?? String(number)
}

/** Who made a route: `kernel`, `dhcp`. */
export function routeProtocol(number: number): string {
  return ROUTE_PROTOCOLS[number] ?? String(number)
}

/** Scope of an address or route: `global`, `link`, `host`. */
export function scopeName(number: number): string {
  return SCOPES[number] ?? String(number)
}

/** State of a neighbour: `reachable`; `none` when the kernel knows none. */
export function neighbourState(bits: number): string {
  const index = NEIGHBOUR_STATES.findIndex((_, bit) => (bits & (1 << bit)) !== 0)
  return NEIGHBOUR_STATES[index] ?? 'none'
}

/** The names of the bits that are set, in the table's order. */
export function flagNames(bits: number, names: Readonly<Record<string, number>>): string[] {
  return Object.entries(names).flatMap(([name, bit]) => ((bits & bit) === bit ? [name] : []))
}

/** Names of routing tables: the kernel's, and those that the administrator gave in files of iproute2. */
export class RouteTableNames {
  readonly #names: ReadonlyMap<number, string>

  constructor(names: ReadonlyMap<number, string>) {
    this.#names = names
  }

  /** Reads rt_tables of this host (ip-route(8)); files that cannot be read have no names to give. */
  static ofHost(): RouteTableNames {
    const directories = ['/usr/share/iproute2', '/etc/iproute2']
    const files = directories.flatMap((directory) => [
      `${directory}/rt_tables`,
      ...entriesOf(`${directory}/rt_tables.d`).filter((path) => path.endsWith('.conf')),
    ])
    return new RouteTableNames(new Map(files.flatMap((path) => parseTableNames(textOf(path)))))
  }

  /** A table's name, or its number when it has none. */
  of(table: number): string {
    return ROUTE_TABLES[table] ?? this.#names.get(table) ?? String(table)
  }
}

/** Lines of `number name`, with `#` comments; numbers may be hexadecimal. */
export function parseTableNames(text: string): [number, string][] {
  return text.split('\n').flatMap((line): [number, string][] => {
    const [number, name] = line.replace(/#.*/, '').trim().split(/\s+/)
    return number !== undefined && name !== undefined && /^(0x[0-9a-f]+|\d+)$/i.test(number)
      ? [[Number(number), name]]
      : []
  })
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory).map((name) => `${directory}/${name}`)
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return []
    throw error
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'EACCES', 'EISDIR')) return ''
    throw error
  }
}
