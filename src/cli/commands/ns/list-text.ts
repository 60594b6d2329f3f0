/** The list of namespaces as people read it. */
import {
  type Graph,
  type Holder,
  type InterfaceNode,
  type NameReport,
  type NamespaceNode,
  namespaceLabel,
} from '../../../host/index.ts'
import { printable } from '../../frame/escape.ts'
import { table } from '../../frame/table.ts'
import type { Paint } from '../../frame/terminal.ts'
import { columnsOf, cutInMiddle } from '../../frame/text.ts'

/** Longest name in a cell, so that one container cannot push the table off the screen. */
const NAME_WIDTH = 40
/** Holders that a line has room for. */
const MOST_HOLDERS = 1

/** How much a line tells. */
interface Layout {
  /** Columns of their own for the role and for processes; otherwise a process stands where other holders do. */
  readonly whole: boolean
  /** Columns of a path. */
  readonly holderColumns: number
  readonly mostInterfaces: number
}

/** From the widest to the narrowest: the first that fits the terminal is taken. */
const LAYOUTS: readonly Layout[] = [
  { whole: true, holderColumns: 48, mostInterfaces: 3 },
  { whole: true, holderColumns: 24, mostInterfaces: 2 },
  { whole: true, holderColumns: 24, mostInterfaces: 1 },
  { whole: false, holderColumns: 24, mostInterfaces: 1 },
  { whole: false, holderColumns: 14, mostInterfaces: 1 },
]

/** One line for each namespace, in the graph's order, as much of it as fits into `columns`. */
export function namespaceTable(graph: Graph, names: readonly NameReport[], paint: Paint, columns = Infinity): string {
  const stale = new Set(names.filter((report) => report.stale).map((report) => report.name))
  const context: TableContext = {
    graph,
    stale,
    paint,
    interfaces: interfacesByNamespace(graph),
    linkName: linkNames(graph),
  }
  let text = ''
  for (const layout of LAYOUTS) {
    text = layOut(context, layout)
    if (text.split('\n').every((line) => columnsOf(line) <= columns)) break
  }
  return text
}

interface TableContext {
  readonly graph: Graph
  /** Names of /run/netns that lead astray. */
  readonly stale: ReadonlySet<string>
  readonly paint: Paint
  readonly interfaces: ReadonlyMap<string, readonly InterfaceNode[]>
  readonly linkName: LinkName
}

function layOut(context: TableContext, layout: Layout): string {
  const { graph, interfaces, paint } = context
  const rows = graph.namespaces.map((node) => {
    // Of a namespace that only a neighbour's link shows the kernel does not tell the inode.
    const inode = node.inode.startsWith('behind:') ? '-' : node.inode
    const name = printable(namespaceLabel(node), NAME_WIDTH)
    const held = heldByCell(node, context, layout)
    const links = interfacesCell(interfaces.get(node.inode) ?? [], layout.mostInterfaces, paint)
    if (layout.whole) return [name, node.role, inode, processesCell(node), held, links]
    return [
      name,
      inode,
      node.pids.length > 0 && !isStale(node, context) ? `process ${processesCell(node)}` : held,
      links,
    ]
  })
  const titles = layout.whole
    ? ['NAMESPACE', 'ROLE', 'INODE', 'PROCESSES', 'ALSO HELD BY', 'INTERFACES']
    : ['NAMESPACE', 'INODE', 'HELD BY', 'INTERFACES']
  return table(rows, { titles: titles.map((title) => paint('bold', title)) })
}

function isStale(node: NamespaceNode, { stale }: TableContext): boolean {
  return node.names.some((name) => stale.has(name))
}

/** Names that no longer lead where they should, and what to do about them; nothing when all do. */
export function staleNames(names: readonly NameReport[], paint: Paint): string {
  const stale = names.filter((report) => report.stale)
  if (stale.length === 0) return ''
  const lines = stale.map((report) => {
    const name = paint('yellow', printable(report.name, NAME_WIDTH))
    return `  ${name}: ${printable(report.summary, 200)}\n`
  })
  return `\nStale names in /run/netns (netwright ns repair mends them):\n${lines.join('')}`
}

/** Interfaces of each namespace, by its inode. */
export function interfacesByNamespace(graph: Graph): Map<string, InterfaceNode[]> {
  const out = new Map<string, InterfaceNode[]>()
  for (const link of graph.interfaces) {
    const group = out.get(link.namespace)
    if (group === undefined) out.set(link.namespace, [link])
    else group.push(link)
  }
  return out
}

function processesCell({ pids }: NamespaceNode): string {
  if (pids.length === 0) return '-'
  return pids.length === 1 ? `${pids[0]}` : `${pids[0]} +${pids.length - 1}`
}

/** Names and mounts, then whatever else keeps it alive. */
function heldByCell(node: NamespaceNode, { stale, linkName }: TableContext, { holderColumns }: Layout): string {
  const names = node.names.map((name) => ({ name: `/run/netns/${name}`, mark: stale.has(name) ? ' (stale)' : '' }))
  const all = [...names, ...heldBy(node, linkName).map((name) => ({ name, mark: '' }))]
  if (all.length === 0) return '-'
  const shown = all.slice(0, MOST_HOLDERS).map(({ name, mark }) => cutInMiddle(printable(name), holderColumns) + mark)
  if (all.length > shown.length) shown.push(`+${all.length - shown.length}`)
  return shown.join(', ')
}

/** What an interface is called, given its id: `eth0 of docker:web`; undefined when it is not known. */
export type LinkName = (id: string) => string | undefined

/** The names of a graph's interfaces. */
function linkNames(graph: Graph): LinkName {
  const namespaces = new Map(graph.namespaces.map((node) => [node.inode, node]))
  const interfaces = new Map(graph.interfaces.map((link) => [link.id, link]))
  return (id) => {
    const link = interfaces.get(id)
    const node = link === undefined ? undefined : namespaces.get(link.namespace)
    return link === undefined || node === undefined ? undefined : `${link.name} of ${namespaceLabel(node)}`
  }
}

/** What keeps a namespace alive beside its processes and its names in /run/netns: each mount once, then the others. */
export function heldBy(node: NamespaceNode, linkName: LinkName = () => undefined): string[] {
  const names = new Set(node.names.flatMap((name) => [`/run/netns/${name}`, `/var/run/netns/${name}`]))
  const mounts = new Set<string>()
  for (const path of node.mounts) mounts.add(path.replace(/^\/proc\/\d+\/root/, ''))
  for (const holder of node.holders) if (holder.kind === 'mount' && holder.path !== undefined) mounts.add(holder.path)
  return [
    ...[...mounts].filter((path) => !names.has(path)).map((path) => `mount ${path}`),
    ...together(node.holders).flatMap((group) => holderWords(group, linkName) ?? []),
  ]
}

/** Descriptors and sockets of the same process in one group, everything else in groups of one. */
function together(holders: readonly Holder[]): Holder[][] {
  const groups = new Map<string, Holder[]>()
  holders.forEach((holder, at) => {
    const many = holder.kind === 'descriptor' || holder.kind === 'socket'
    const key = many ? `${holder.kind} ${holder.pid}` : String(at)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [holder])
    else group.push(holder)
  })
  return [...groups.values()]
}

/** Descriptors of one process that are told by their numbers. */
const MOST_NUMBERS = 4

/** Holders of one group in a few words; undefined for mounts, which are told by their paths. */
function holderWords(group: readonly Holder[], linkName: LinkName): string | undefined {
  const holder = group[0]!
  const process = holder.command === undefined ? `process ${holder.pid}` : `${holder.command} (${holder.pid})`
  switch (holder.kind) {
    case 'thread':
      return `thread ${holder.tid} of ${process}`
    case 'descriptor':
    case 'socket': {
      const numbers = group.slice(0, MOST_NUMBERS).map(({ fd }) => String(fd))
      if (group.length > numbers.length) numbers.push(`+${group.length - numbers.length}`)
      return `${holder.kind}${group.length > 1 ? 's' : ''} ${numbers.join(' ')} of ${process}`
    }
    case 'tap':
      return `tap device of ${process}`
    case 'neighbour':
      return `link ${linkName(holder.interface ?? '') ?? holder.interface}`
    case 'mount':
      return undefined
  }
}

function interfacesCell(links: readonly InterfaceNode[], most: number, paint: Paint): string {
  const shown = links.filter((link) => link.name !== 'lo')
  if (shown.length === 0) return '-'
  const words = shown.slice(0, most).map((link) => {
    const words = [
      printable(link.name),
      ...link.addresses.filter((address) => !address.startsWith('fe80:')).slice(0, 1),
    ]
    return link.up ? words.join(' ') : paint('red', `${words.join(' ')} down`)
  })
  if (shown.length > words.length) words.push(`+${shown.length - words.length}`)
  return words.join(', ')
}
