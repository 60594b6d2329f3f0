/** What looks broken or odd, in a word or two, for the place in a picture where it stands. */
import type { Holder, InterfaceNode, NamespaceNode } from '../graph.ts'
import { farEndOf, type GraphIndex, parentLinkOf } from './graph-index.ts'

/** A remark on an interface or namespace. */
export interface Mark {
  /** `broken`: traffic that should pass cannot. `odd`: worth knowing, and often as it should be. */
  readonly severity: 'broken' | 'odd'
  /** A word or two. Parts of it may come from outside (names of processes). */
  readonly words: string
}

/** States of a bridge port as the kernel numbers them (linux/if_bridge.h) in which it passes nothing. */
const PORT_STATES: Readonly<Record<number, string>> = { 1: 'port listening', 2: 'port learning', 4: 'port blocked' }

/** Remarks on an interface. A consequence of what is wrong at the far end is left to the far end. */
export function interfaceMarks(index: GraphIndex, node: InterfaceNode): Mark[] {
  return [...stateMarks(index, node), ...joinMarks(index, node), ...portMarks(index, node)]
}

function stateMarks(index: GraphIndex, node: InterfaceNode): Mark[] {
  const severity = isUsed(index, node) ? 'broken' : 'odd'
  if (!node.up) return [{ severity, words: 'down' }]
  if (node.carrier || node.kind === 'bridge') return []
  const far = farEndOf(index, node.id)
  // Without a peer there is no carrier either, and while the peer is down: the cause is marked, not this.
  if (far !== undefined && far.interface?.up !== true) return []
  return [{ severity, words: 'no carrier' }]
}

/** Somebody means to use it: it has an address, or is joined to something. */
function isUsed(index: GraphIndex, node: InterfaceNode): boolean {
  if (node.kind === 'loopback') return false
  return node.addresses.length > 0 || node.master !== null || (index.links.get(node.id)?.length ?? 0) > 0
}

function joinMarks(index: GraphIndex, node: InterfaceNode): Mark[] {
  const marks: Mark[] = []
  const far = farEndOf(index, node.id)
  if (far?.link.details['missing'] === true) marks.push({ severity: 'broken', words: 'peer missing' })
  else if (far?.link.details['unseen'] === true) marks.push({ severity: 'odd', words: 'peer not visible' })
  if (far?.interface !== undefined && far.interface.mtu !== node.mtu) {
    marks.push({ severity: 'broken', words: `mtu ${node.mtu}, peer ${far.interface.mtu}` })
  }
  if (parentLinkOf(index, node.id)?.details['missing'] === true) {
    marks.push({ severity: 'broken', words: 'parent missing' })
  }
  return marks
}

function portMarks(index: GraphIndex, node: InterfaceNode): Mark[] {
  if (node.master === null) return []
  if (!index.interfaces.has(node.master)) return [{ severity: 'broken', words: 'master missing' }]
  const port = index.links.get(node.id)?.find((link) => link.kind === 'bridge-port' && link.from === node.id)
  const marks: Mark[] = []
  const state = PORT_STATES[Number(port?.details['state'])]
  if (state !== undefined && node.up && node.carrier) marks.push({ severity: 'broken', words: state })
  if (port?.details['isolated'] === 1 || port?.details['isolated'] === true) {
    marks.push({ severity: 'odd', words: 'isolated' })
  }
  return marks
}

/** Remarks on a namespace: what alone keeps it, when neither a process nor a name does. */
export function namespaceMarks(node: NamespaceNode): Mark[] {
  if (node.role === 'host' || node.pids.length > 0 || node.names.length > 0 || node.mounts.length > 0) return []
  const [holder] = node.holders
  if (holder === undefined) return [{ severity: 'odd', words: 'nothing seen that holds it' }]
  const rest = node.holders.length - 1
  const more = rest > 0 ? ` and ${rest} more` : ''
  return [{ severity: 'odd', words: `held only by ${holderWords(holder)}${more}` }]
}

/** A holder in a few words. */
function holderWords(holder: Holder): string {
  const process = holder.command === undefined ? `process ${holder.pid}` : `${holder.command} (${holder.pid})`
  switch (holder.kind) {
    case 'thread':
      return `thread ${holder.tid} of ${process}`
    case 'descriptor':
      return `descriptor ${holder.fd} of ${process}`
    case 'socket':
      return `a socket of ${process}`
    case 'tap':
      return `a tap device of ${process}`
    case 'mount':
      return `a mount in the mount namespace of ${process}`
    case 'neighbour':
      return 'the link of a neighbour'
  }
}
