/** Ports that the host hands out by itself, and those that it keeps back. */
import { type NamespaceHandle, readSysctls } from '../../kernel/index.ts'

/** Ports to choose automatic ones from. */
export interface PortRange {
  readonly first: number
  readonly last: number
  readonly reserved: readonly (readonly [first: number, last: number])[]
}

/** What RFC 6335 sets aside for such use; for kernels that do not tell their own range. */
const DYNAMIC = { first: 49153, last: 65535 }
const RANGE = 'net.ipv4.ip_local_port_range'
const RESERVED = 'net.ipv4.ip_local_reserved_ports'

/** The range of automatic ports of a namespace (ip(7)). */
export function automaticPorts(namespace: NamespaceHandle): PortRange {
  const settings = readSysctls(namespace, [RANGE, RESERVED])
  const [first = DYNAMIC.first, last = DYNAMIC.last] = (settings.get(RANGE) ?? '')
    .split(/\s+/)
    .filter((word) => word !== '')
    .map(Number)
  return { first, last, reserved: parseReservedPorts(settings.get(RESERVED) ?? '') }
}

/** Reads the kernel's list of reserved ports: `8080,9000-9100`. */
export function parseReservedPorts(text: string): [first: number, last: number][] {
  return [...text.matchAll(/(\d+)(?:-(\d+))?/g)].map(([, first, last]) => [Number(first), Number(last ?? first)])
}

/** The ports of a range, from `start` on and round to it again, without those that are reserved. */
export function* portsFrom({ first, last, reserved }: PortRange, start: number): Generator<number> {
  const count = last - first + 1
  const offset = start >= first && start <= last ? start - first : 0
  for (let i = 0; i < count; i++) {
    const port = first + ((offset + i) % count)
    if (!reserved.some(([from, to]) => port >= from && port <= to)) yield port
  }
}
