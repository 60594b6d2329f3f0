/** Interfaces of one namespace as branches, with everything that hangs on them. */
import type { InterfaceNode, Link } from '../../graph.ts'
import { farEndOf, type GraphIndex, isBackground, parentLinkOf, stackedOn, tunnelLinksOf } from '../graph-index.ts'
import { interfaceMarks, type Mark, namespaceMarks } from '../marks.ts'
import { sortedNaturally } from '../natural-order.ts'
import { type Branch, type Cell, glyph, type Span, span } from './branch.ts'
import { type OutlineContext, shortened } from './context.ts'
import { absentMembers } from './network-branches.ts'
import { addressCell, kindCell, markCell, networkCell, tunnelFacts } from './words.ts'

/** Lists of ports, interfaces and tunnel ends that stay whole. */
const WHOLE_PORTS = 32
const WHOLE_INTERFACES = 48
const WHOLE_TUNNELS = 16

/** The interfaces of a namespace: those that stand on their own, then, in a circle of masters, whatever is left. */
export function interfaceBranches(context: OutlineContext, inode: string): readonly Branch[] {
  const shown = (context.index.inNamespace.get(inode) ?? []).filter(
    (node) => context.all || !isBackground(context.index, node),
  )
  const own = PLACES.flatMap((place) => shown.filter((node) => placeOf(node) === place))
  const branches: Branch[] = []
  for (const node of own) {
    if (!context.drawn.has(node.id) && !standsBeneath(context.index, node))
      branches.push(interfaceBranch(context, node))
  }
  for (const node of own) {
    if (!context.drawn.has(node.id)) branches.push(interfaceBranch(context, node))
  }
  return shortened(context, branches, WHOLE_INTERFACES, 'interfaces')
}

/** What comes first: the ways out of the host, then bridges, then the rest. */
const PLACES = ['device', 'bridge', 'other', 'loopback']

function placeOf(node: InterfaceNode): string {
  return PLACES.includes(node.kind) ? node.kind : 'other'
}

/** Another interface of the same namespace has it beneath itself: its bridge, bond or vrf, or the parent of a vlan. */
function standsBeneath(index: GraphIndex, node: InterfaceNode): boolean {
  if (node.master !== null && index.interfaces.get(node.master)?.namespace === node.namespace) return true
  const parent = parentLinkOf(index, node.id)?.to
  return typeof parent === 'string' && index.interfaces.get(parent)?.namespace === node.namespace
}

/** The line of an interface: name, kind, addresses, far end, the far end's addresses, marks of both. */
function interfaceBranch(context: OutlineContext, node: InterfaceNode): Branch {
  const { index } = context
  context.drawn.add(node.id)
  const far = farEndOf(index, node.id)?.interface
  const parent = parentLinkOf(index, node.id)
  const beneath = far === undefined ? [] : hangingNamespace(context, node, far)
  return {
    cells: [
      [span('interface', node.name)],
      [...kindCell(index, context.titles, node), ...addressCell(node, context.all), ...networkCell(index, node)],
      far === undefined ? parentCell(context, node, parent) : farCell(context, node, far),
      far === undefined ? [] : addressCell(far, context.all),
      [
        ...markCell(interfaceMarks(index, node)),
        ...(far === undefined ? [] : markCell(farMarks(index, far), `${far.name} `)),
        ...(far === undefined ? [] : hangingMarks(context, node, far)),
      ],
    ],
    children: [
      ...beneath,
      ...portBranches(context, node),
      ...stackedBranches(context, node),
      ...tunnelBranches(context, node),
      ...absentMembers(context, node),
    ],
  }
}

/** Where the far end is: `── eth0 of web (docker)`, or just its name when it is in the same namespace. */
function farCell({ titles }: OutlineContext, near: InterfaceNode, far: InterfaceNode): Cell {
  const place = far.namespace === near.namespace ? [] : [span('quiet', 'of'), span('title', titles.get(far.namespace)!)]
  return [glyph('wire'), span('interface', far.name), ...place]
}

/** What a macvlan or ipvlan interface stands on, when that is in another namespace; within one, the place tells it. */
function parentCell(context: OutlineContext, node: InterfaceNode, link: Link | undefined): Cell {
  const parent = link === undefined || link.to === null ? undefined : context.index.interfaces.get(link.to)
  if (parent === undefined) return []
  if (parent.namespace === node.namespace && node.master === null) return []
  const cell = farCell(context, node, parent)
  return [span('quiet', 'on'), ...cell.slice(1)]
}

/** Marks of the far end that its own side does not tell already. */
function farMarks(index: GraphIndex, far: InterfaceNode): Mark[] {
  return interfaceMarks(index, far).filter((mark) => !mark.words.startsWith('mtu '))
}

/** What is beneath a line whose far end's namespace hangs here: facts on it, and its other interfaces. */
function hangingNamespace(context: OutlineContext, near: InterfaceNode, far: InterfaceNode): readonly Branch[] {
  if (context.hangsOn.get(far.namespace)?.near.id !== near.id) return []
  context.drawn.add(far.id)
  return interfaceBranches(context, far.namespace)
}

/** Remarks on the namespace that hangs here, for the line itself. */
function hangingMarks(context: OutlineContext, near: InterfaceNode, far: InterfaceNode): Cell {
  if (context.hangsOn.get(far.namespace)?.near.id !== near.id) return []
  const node = context.index.namespaces.get(far.namespace)
  if (node === undefined) return []
  return markCell([...namespaceMarks(node), ...(context.notes.get(node.inode) ?? [])])
}

function portBranches(context: OutlineContext, node: InterfaceNode): readonly Branch[] {
  const ports = portsInOrder(context, node).filter((port) => !context.drawn.has(port.id))
  const branches = ports.map((port) => interfaceBranch(context, port))
  return shortened(context, branches, WHOLE_PORTS, 'ports')
}

/** Ports by what is behind them (names of veth interfaces are random), then those that lead to no other namespace. */
function portsInOrder({ index, titles }: OutlineContext, node: InterfaceNode): InterfaceNode[] {
  const ports = index.ports.get(node.id) ?? []
  const behind = (port: InterfaceNode) => titles.get(farEndOf(index, port.id)?.interface?.namespace ?? '')
  const leading = sortedNaturally(
    ports.filter((port) => behind(port) !== undefined),
    (port) => behind(port)!,
  )
  return [...leading, ...ports.filter((port) => behind(port) === undefined)]
}

/** Vlan, macvlan and ipvlan interfaces above this one: of this namespace as interfaces, of others as far ends. */
function stackedBranches(context: OutlineContext, node: InterfaceNode): readonly Branch[] {
  const branches = stackedOn(context.index, node.id).flatMap((link) => {
    const upper = context.index.interfaces.get(link.from)
    if (upper === undefined) return []
    if (upper.namespace !== node.namespace) return [stackedElsewhere(context, node, upper, link)]
    return context.drawn.has(upper.id) || upper.master !== null ? [] : [interfaceBranch(context, upper)]
  })
  return shortened(context, branches, WHOLE_PORTS, 'interfaces')
}

function stackedElsewhere(context: OutlineContext, node: InterfaceNode, upper: InterfaceNode, link: Link): Branch {
  const beneath = hangingNamespace(context, node, upper)
  return {
    cells: [
      [span('kind', link.kind)],
      [],
      farCell(context, node, upper),
      addressCell(upper, context.all),
      [...markCell(interfaceMarks(context.index, upper), `${upper.name} `), ...hangingMarks(context, node, upper)],
    ],
    children: beneath,
  }
}

/** Far tunnel ends of a vxlan, remotes of other tunnels. */
function tunnelBranches(context: OutlineContext, node: InterfaceNode): readonly Branch[] {
  const links = tunnelLinksOf(context.index, node.id)
  const branches = links.flatMap((link) => {
    const remote = tunnelEnd(context, node, link)
    if (remote === undefined) return []
    return [{ cells: [[glyph('tunnel'), ...remote], tunnelFacts(context.index, link)], children: [] }]
  })
  return shortened(context, branches, WHOLE_TUNNELS, 'tunnel ends')
}

function tunnelEnd(context: OutlineContext, node: InterfaceNode, link: Link): Span[] | undefined {
  const far = link.from === node.id ? link.to : link.from
  const here = far === null ? undefined : context.index.interfaces.get(far)
  const remote = link.from === node.id ? link.details['remote'] : link.details['local']
  const address = typeof remote === 'string' ? [span('address', remote)] : []
  if (here === undefined) return address.length === 0 ? undefined : address
  return [...address, ...farCell(context, node, here)]
}
