/** Cells of the outline: what is said of an interface, its addresses, its far end, its marks. */
import type { InterfaceNode, Link, NamespaceNode, Network } from '../../graph.ts'
import type { GraphIndex } from '../graph-index.ts'
import type { Mark } from '../marks.ts'
import { titleParts } from '../titles.ts'
import { type Cell, glyph, type Span, span } from './branch.ts'

/** What namespaces are called, by inode. */
type Titles = ReadonlyMap<string, string>

/** Kinds that go without saying: the far end, or the place in the picture, tells them. */
const SILENT_KINDS = new Set(['veth', 'device'])

/** Kind and settings of an interface. */
export function kindCell(index: GraphIndex, titles: Titles, node: InterfaceNode): Cell {
  if (SILENT_KINDS.has(node.kind)) return []
  const underlay = underlayCell(index, titles, node)
  return [span('kind', kindWords(node) + (underlay.length > 0 ? ',' : '')), ...underlay]
}

/** Networks whose bridge it is; in a namespace that serves just that network, the title tells it. */
export function networkCell(index: GraphIndex, node: InterfaceNode): Cell {
  const networks = index.networksOfBridge.get(node.id) ?? []
  return networks
    .filter((network) => network.runtime !== 'kernel' && network.namespace !== node.namespace)
    .map(networkSpan)
}

/** `overlay network backend (docker)`; a bridge network is just called a network. */
function networkSpan(network: Network): Span {
  const driver = network.driver === 'bridge' ? '' : `${network.driver} `
  return span('network', `${driver}network ${network.name} (${network.runtime})`)
}

function kindWords(node: InterfaceNode): string {
  const settings = detailsOf(node, node.kind)
  switch (node.kind) {
    case 'vxlan':
    case 'geneve':
      return [
        `${node.kind} id ${settings['id'] ?? 'of each packet'}`,
        ...(typeof settings['port'] === 'number' ? [`port ${settings['port']}`] : []),
      ].join(', ')
    case 'vlan':
      return `vlan ${settings['id'] ?? '?'}`
    case 'loopback':
      return 'loopback'
    default:
      return typeof settings['mode'] === 'string' ? `${node.kind} ${settings['mode']}` : node.kind
  }
}

/** Which interface the outer packets of a vxlan leave through. */
function underlayCell(index: GraphIndex, titles: Titles, node: InterfaceNode): Cell {
  const link = index.links.get(node.id)?.find((candidate) => candidate.kind === 'vxlan' && candidate.from === node.id)
  const underlay = index.interfaces.get(String(link?.details['underlayInterface'] ?? ''))
  if (underlay === undefined) return []
  const elsewhere = underlay.namespace !== node.namespace
  const place = elsewhere ? [span('quiet', 'of'), span('title', titles.get(underlay.namespace)!)] : []
  return [span('quiet', 'over'), span('interface', underlay.name), ...place]
}

function detailsOf(node: InterfaceNode, kind: string): Readonly<Record<string, unknown>> {
  const details = node.details[kind]
  return typeof details === 'object' && details !== null ? (details as Record<string, unknown>) : {}
}

/** Addresses of an interface. Link-local IPv6 addresses, which every interface has, are left out unless all are wanted. */
export function addressCell(node: InterfaceNode, all: boolean): Cell {
  return shownAddresses(node, all).map((address) => span('address', address))
}

/** Addresses that a picture has room for. */
export function shownAddresses(node: InterfaceNode, all: boolean): readonly string[] {
  return all ? node.addresses : node.addresses.filter((address) => !/^fe80:/i.test(address))
}

/** Signs and words of marks; those of the far end say whose they are. */
export function markCell(marks: readonly Mark[], whose = ''): Cell {
  return marks.flatMap((mark) => [glyph(mark.severity), span(mark.severity, whose + mark.words)])
}

/** Roles that a title does not tell already. */
const TOLD_ROLES = new Set(['host', 'anonymous', 'named', 'overlay', 'ingress', 'loadbalancer', 'container'])

/** What is said of a namespace behind its title. */
export function namespaceFacts(node: NamespaceNode, host: string): Cell {
  if (node.role === 'host') return [span('quiet', host)]
  const facts: string[] = []
  if (!TOLD_ROLES.has(node.role)) facts.push(node.role)
  const named = node.owners.some((owner) => owner.runtime !== 'process')
  if (named && node.names.length > 0) facts.push(`netns ${node.names.slice(0, 3).join(', ')}`)
  if (node.pids.length > 1) facts.push(`${node.pids.length} processes`)
  return facts.length === 0 ? [] : [span('quiet', facts.join(', '))]
}

/** MAC addresses named in a line. */
const MACS_NAMED = 4

/** What is known of a far tunnel end: how many MAC addresses lie behind it, and which when they are few. */
export function tunnelFacts(index: GraphIndex, link: Link): Cell {
  const macs = Array.isArray(link.details['macs']) ? link.details['macs'].map(String).sort() : []
  const count = typeof link.details['entries'] === 'number' ? link.details['entries'] : macs.length
  const facts: Span[] = []
  if (link.kind === 'vxlan') facts.push(span('quiet', count === 1 ? '1 MAC' : `${count} MACs`))
  if (macs.length > 0 && count <= MACS_NAMED) facts.push(...macs.map((mac) => macSpan(index, link, mac)))
  if (link.details['flood'] === true) facts.push(span('quiet', 'unknown and broadcast frames'))
  return facts
}

/** A MAC address, and whose it is: as the network's runtime says, or the one namespace here that has it. */
function macSpan(index: GraphIndex, link: Link, mac: string): Span {
  const bridge = index.interfaces.get(link.from)?.master
  const networks = (bridge == null ? undefined : index.networksOfBridge.get(bridge)) ?? []
  const members = networks.flatMap(({ id }) => index.networksOfId.get(id)!).flatMap((network) => network.members)
  const member = members.find((candidate) => candidate.mac?.toLowerCase() === mac.toLowerCase())
  const [only, another] = index.byMac.get(mac.toLowerCase()) ?? []
  const here =
    member === undefined ? (another === undefined ? only : undefined) : index.interfaces.get(member.interface ?? '')
  const owner = here === undefined ? undefined : index.namespaces.get(here.namespace)
  const name = owner === undefined ? member?.name : titleParts(owner).name
  return span('address', name === undefined ? mac : `${mac} (${name})`)
}
