/**
 * Counters that the protocols of a namespace keep (Documentation/networking/snmp_counter.rst): among them what was dropped,
 * and why.
 */
import { enter, type NamespaceHandle } from '../netns/enter.ts'
import { readFileHere } from '../read-file.ts'

/** By name: `Ip.InNoRoutes`, `TcpExt.IPReversePathFilter`, `Ip6InAddrErrors`, `conntrack.drop`. */
export type ProtocolCounters = ReadonlyMap<string, number>

/** Reads the counters of a namespace. What this kernel does not keep is missing. @throws KernelError EPERM */
export function readProtocolCounters(namespace: NamespaceHandle): ProtocolCounters {
  return enter(namespace, () => {
    const counters = new Map<string, number>()
    for (const name of ['snmp', 'netstat']) parsePairedLines(textOf(name), counters)
    parseColumns(textOf('snmp6'), counters)
    parsePerProcessor(textOf('stat/nf_conntrack'), 'conntrack', counters)
    return counters
  })
}

function textOf(name: string): string {
  try {
    return readFileHere(`/proc/thread-self/net/${name}`, 'read protocol counters').toString('latin1')
  } catch {
    return ''
  }
}

/** A line of names, then a line of values, both behind the protocol's name: `Ip: Forwarding DefaultTTL`, `Ip: 1 64`. */
export function parsePairedLines(text: string, counters: Map<string, number>): void {
  const lines = text.split('\n')
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const [protocol = '', ...names] = lines[i]!.split(' ')
    const [, ...values] = lines[i + 1]!.split(' ')
    names.forEach((name, position) => {
      const value = Number(values[position])
      if (Number.isFinite(value)) counters.set(`${protocol.replace(':', '')}.${name}`, value)
    })
  }
}

/** A name and a value on each line. */
function parseColumns(text: string, counters: Map<string, number>): void {
  for (const line of text.split('\n')) {
    const [name = '', value] = line.trim().split(/\s+/)
    if (value !== undefined) counters.set(name, Number(value))
  }
}

/** A line of names, then a line of hexadecimal values for each processor, which are added up. */
export function parsePerProcessor(text: string, prefix: string, counters: Map<string, number>): void {
  const [names = '', ...processors] = text.split('\n').filter((line) => line !== '')
  const columns = names.trim().split(/\s+/)
  for (const line of processors) {
    line
      .trim()
      .split(/\s+/)
      .forEach((value, position) => {
        const key = `${prefix}.${columns[position] ?? position}`
        const number = Number.parseInt(value, 16)
        if (Number.isFinite(number)) counters.set(key, (counters.get(key) ?? 0) + number)
      })
  }
}
