/** `netwright probe path FROM TO` */
import { type Graph, namespaceLabel } from '../../../host/index.ts'
import { findPath, type PathInit, type PathReport } from '../../../probe/index.ts'
import { ExitCode, type Invocation, type Terminal, UsageError } from '../../command.ts'
import { printable } from '../../frame/escape.ts'
import { answerDocument } from '../../frame/json.ts'
import { type Destination, resolveDestination, wantedFamily } from './destination.ts'
import { LiveLines } from './live-lines.ts'
import { openOrigin, originView, withoutRight } from './origin.ts'
import { type HopNames, pathLines } from './path-text.ts'
import { countOption, portOf, timeOption } from './quantities.ts'

/** Where traceroute(8) sends its first datagram. */
const UDP_PORT = 33_434

/** Runs the command. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { arguments: words, options, terminal, signal } = invocation
  const settings = readSettings(invocation)
  const family = wantedFamily(invocation)
  using origin = await openOrigin(invocation)
  const destination = await resolveDestination(origin, String(words['TO']), family, signal)
  const init = { namespace: origin.namespace, address: destination.address, ...settings, signal }
  const names = hopNames(origin.graph)
  try {
    const report = options['json'] === true ? await findPath(init) : await show(terminal, init, destination, names)
    if (options['json'] === true) {
      const hops = report.hops.map((hop) => ({
        ...hop,
        names: hop.addresses.flatMap((address) => names(address) ?? []),
      }))
      const document = { schema: 'netwright/path/v1', from: originView(origin), to: destination.label, ...report, hops }
      await answerDocument(terminal, document)
    }
    return report.outcome === 'reached' || report.outcome === 'open' ? ExitCode.done : ExitCode.wrong
  } catch (error) {
    throw withoutRight(error)
  }
}

async function show(terminal: Terminal, init: PathInit, { label }: Destination, names: HopNames): Promise<PathReport> {
  const lines = (report: PathReport): string[] => pathLines(report, label, names, terminal)
  if (!terminal.interactive) {
    const report = await findPath(init)
    await terminal.answer(`${lines(report).join('\n')}\n`)
    return report
  }
  let known: PathReport | undefined
  const live = new LiveLines(terminal, () => (known === undefined ? [] : lines(known)))
  let last: string[] = []
  try {
    const report = await findPath({
      ...init,
      onChange(changed) {
        known = changed
        live.changed()
      },
    })
    last = lines(report)
    return report
  } finally {
    await live.end(last)
  }
}

function readSettings(invocation: Invocation) {
  const { tcp, udp, mtu } = invocation.options
  if (tcp !== undefined && udp !== undefined) throw new UsageError('--tcp and --udp exclude each other')
  const protocol = tcp !== undefined ? 'tcp' : udp !== undefined ? 'udp' : 'icmp'
  return {
    protocol,
    port: tcp !== undefined ? portOf(tcp, '--tcp') : udp !== undefined ? portOf(udp, '--udp') : UDP_PORT,
    rounds: countOption(invocation, 'rounds', { usual: 5, least: 0, most: 100_000 }),
    interval: timeOption(invocation, 'interval', { usual: 300, least: 10, most: 3_600_000 }),
    timeout: timeOption(invocation, 'timeout', { usual: 1000, least: 1, most: 60_000 }),
    mostHops: countOption(invocation, 'hops', { usual: 30, least: 1, most: 255 }),
    size: countOption(invocation, 'size', { usual: 64, least: 32, most: 65_535 }),
    mtu: mtu === true,
  } as const
}

/** Namespaces of this host that have an address; one that several have belongs to none. */
function hopNames(graph: Graph): HopNames {
  const owners = new Map<string, Set<string>>()
  const nodes = new Map(graph.namespaces.map((node) => [node.inode, node]))
  for (const { namespace, addresses } of graph.interfaces) {
    for (const text of addresses) {
      const address = text.split('/')[0]!
      owners.set(address, (owners.get(address) ?? new Set()).add(namespace))
    }
  }
  return (address) => {
    const [inode, ...others] = owners.get(address) ?? []
    const node = inode === undefined || others.length > 0 ? undefined : nodes.get(inode)
    return node === undefined ? undefined : printable(namespaceLabel(node))
  }
}
