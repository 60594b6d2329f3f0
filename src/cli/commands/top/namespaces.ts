/** Which namespaces `top` watches: one, or all that there are, also those that come later. */
import {
  type Graph,
  type NamespaceNode,
  namespaceLabel,
  openTarget,
  type ResolvedTarget,
  TargetGoneError,
  takeGraph,
} from '../../../host/index.ts'
import { hasCode } from '../../../kernel/index.ts'
import type { TopPlace, TopSampler } from '../../../probe/index.ts'
import type { Invocation } from '../../command.ts'

/** How often namespaces are looked for, in milliseconds. */
const LOOK_MS = 5000

/** Adds the namespaces of a graph to a sampler, and takes those away that are gone. */
export function followGraph(sampler: TopSampler, graph: Graph): void {
  const there = new Set(graph.namespaces.map(({ inode }) => inode))
  for (const inode of sampler.inodes) if (!there.has(inode)) sampler.remove(inode)
  const known = sampler.inodes
  for (const node of graph.namespaces) {
    if (known.has(node.inode)) continue
    try {
      sampler.add(placeOf({ inode: node.inode, label: namespaceLabel(node), node }))
    } catch (error) {
      // It ended since it was seen, or this user may not enter it.
      if (!(error instanceof TargetGoneError) && !hasCode(error, 'EPERM', 'EACCES')) throw error
    }
  }
}

/** A target as the sampler wants it. @throws TargetGoneError */
export function placeOf(target: ResolvedTarget): TopPlace {
  const pid = tellingProcess(target.node)
  return { namespace: openTarget(target), label: target.label, inode: target.inode, pid }
}

/** Roles whose processes have a control group of their own; that of other processes may be a whole login session's. */
const CONFINED: readonly NamespaceNode['role'][] = ['container', 'sandbox', 'lab-node']

/** The process whose control group stands for a namespace. */
function tellingProcess({ role, pids, owners }: NamespaceNode): number | undefined {
  if (!CONFINED.includes(role)) return undefined
  const main = Number(owners.find(({ runtime }) => runtime === 'process')?.id)
  return pids.includes(main) ? main : pids[0]
}

/** Keeps looking for namespaces that come and go. @returns ends it */
export function keepFollowing(sampler: TopSampler, { environment }: Pick<Invocation, 'environment'>): () => void {
  let ended = false
  const look = async (): Promise<void> => {
    try {
      const graph = await takeGraph({ environment })
      if (ended) return
      followGraph(sampler, graph)
    } catch {
      // A survey that fails while much changes is made again; what is watched already goes on.
    }
    if (ended) return
    timer = setTimeout(look, LOOK_MS)
    timer.unref()
  }
  let timer = setTimeout(look, LOOK_MS)
  timer.unref()
  return () => {
    ended = true
    clearTimeout(timer)
  }
}
