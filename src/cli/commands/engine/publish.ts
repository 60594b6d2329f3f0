/** `--publish`, as users of Docker know it: `[[ADDRESS:]HOSTPORT:]PORT[/PROTOCOL]`, ranges, IPv6 addresses in brackets. */
import type { PortMapping } from '../../../engine/index.ts'
import { UsageError } from '../../command.ts'

const PROTOCOLS = new Set(['tcp', 'udp', 'sctp'])
/** The container's ports and protocol at the end, and everything in front of them. */
const SHAPE = /^(?:(.*):)?(\d+(?:-\d+)?)(?:\/(\w+))?$/
/** An address, in brackets or without a colon, and the host's ports. */
const FRONT = /^(?:(?:\[([^\]]+)\]|([^:[\]]*)):)?(\d+(?:-\d+)?)?$/

/**
 * The mappings that one `--publish` stands for. A range of host ports for one port means any free one of them; for a range
 * of the same length it means port by port.
 * @throws UsageError
 */
export function parsePublish(text: string): PortMapping[] {
  const [, front = '', ports, word = 'tcp'] = SHAPE.exec(text) ?? []
  const host = FRONT.exec(front)
  const protocol = word.toLowerCase()
  if (ports === undefined || host === null || !PROTOCOLS.has(protocol)) throw malformed(text)
  const hostAddress = host[1] ?? (host[2] || undefined)
  const common = {
    protocol: protocol as PortMapping['protocol'],
    ...(hostAddress === undefined ? {} : { hostAddress }),
  }
  const container = range(text, ports)
  if (host[3] === undefined || host[3] === '0') return container.map((containerPort) => ({ ...common, containerPort }))
  const outside = range(text, host[3])
  if (container.length === outside.length) {
    return container.map((containerPort, i) => ({ ...common, containerPort, hostPort: outside[i]! }))
  }
  if (container.length > 1) throw new UsageError(`--publish ${text}: the two ranges differ in length`)
  return [{ ...common, containerPort: container[0]!, hostPort: outside[0]!, hostPortEnd: outside[outside.length - 1]! }]
}

/** The ports of `80` or `80-90`. */
function range(text: string, ports: string): number[] {
  const [first = '', last = first] = ports.split('-')
  const [from, to] = [Number(first), Number(last)]
  if (from < 1 || to > 65_535 || to < from) throw malformed(text)
  return Array.from({ length: to - from + 1 }, (_, i) => from + i)
}

function malformed(text: string): UsageError {
  return new UsageError(`--publish ${text} is not of the form [[ADDRESS:]HOSTPORT:]PORT[/tcp|udp|sctp]`)
}
