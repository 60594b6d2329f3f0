/** The graph as an outline: the text picture's content. Namespaces, beneath them their interfaces, beneath those what hangs on them. */
import type { Graph } from '../../graph.ts'
import { arrange } from '../arrangement.ts'
import { indexGraph } from '../graph-index.ts'
import { type Mark, namespaceMarks } from '../marks.ts'
import { namespaceTitles } from '../titles.ts'
import { type Branch, span } from './branch.ts'
import type { OutlineContext } from './context.ts'
import { folded } from './fold.ts'
import { interfaceBranches } from './interface-branches.ts'
import { unservedNetworks } from './network-branches.ts'
import { markCell, namespaceFacts } from './words.ts'

/** How much of the graph is shown. */
export interface OutlineOptions {
  /** Everything: loopback and fall-back devices, link-local addresses, and long lists whole. */
  readonly all?: boolean
  /** More remarks on namespaces, by inode (names that no longer lead where they should). */
  readonly notes?: ReadonlyMap<string, readonly Mark[]>
}

/** Namespaces without bridges that are listed whole. */
const WHOLE_SECTIONS = 40

/** Outlines a graph: one branch for each namespace that hangs on no other, in a stable order. */
export function outlineGraph(graph: Graph, options: OutlineOptions = {}): readonly Branch[] {
  const index = indexGraph(graph)
  const titles = namespaceTitles(graph.namespaces)
  const { sections, hangsOn } = arrange(index, titles)
  const context: OutlineContext = {
    index,
    titles,
    hangsOn,
    all: options.all === true,
    notes: options.notes ?? new Map(),
    drawn: new Set(),
  }
  const drawn = sections.map((node) => ({
    plain: node.role !== 'host' && !(index.inNamespace.get(node.inode) ?? []).some((owned) => owned.kind === 'bridge'),
    branch: {
      cells: [
        [span('title', titles.get(node.inode)!)],
        namespaceFacts(node, graph.host),
        markCell([...namespaceMarks(node), ...(context.notes.get(node.inode) ?? [])]),
      ],
      children: interfaceBranches(context, node.inode),
    } satisfies Branch,
  }))
  const built = drawn.filter(({ plain }) => !plain).map(({ branch }) => branch)
  const plain = drawn.filter((section) => section.plain).map(({ branch }) => branch)
  const rest = context.all ? plain : folded(plain, { whole: WHOLE_SECTIONS, noun: 'namespaces' })
  return [...built, ...rest, ...unservedNetworks(context)]
}
