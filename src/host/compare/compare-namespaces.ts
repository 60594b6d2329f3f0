/** What happened to namespaces. */
import type { NamespaceNode } from '../graph.ts'
import { type GraphChange, type Moment, titleOf } from './change.ts'
import type { NamespaceMatch, NamespacePair } from './match-namespaces.ts'

/** Changes of namespaces themselves; those of their interfaces are told elsewhere. */
export function compareNamespaces(before: Moment, after: Moment, match: NamespaceMatch): GraphChange[] {
  return [
    ...match.vanished.map((node) => presence('namespace-vanished', before, node, 'vanished')),
    ...match.appeared.map((node) => presence('namespace-appeared', after, node, 'appeared')),
    ...match.pairs.flatMap((pair) => comparePair(after, pair)),
  ]
}

function presence(kind: GraphChange['kind'], moment: Moment, node: NamespaceNode, verb: string): GraphChange {
  const interfaces = moment.index.inNamespace.get(node.inode) ?? []
  const names = interfaces.filter((own) => own.kind !== 'loopback').map((own) => own.name)
  const listed = names.slice(0, 4).join(', ') + (names.length > 4 ? ` and ${names.length - 4} more` : '')
  return {
    kind,
    namespace: node.inode,
    title: titleOf(moment, node.inode),
    interface: null,
    summary: names.length === 0 ? verb : `${verb}, with ${listed}`,
    before: kind === 'namespace-vanished' ? node.inode : null,
    after: kind === 'namespace-appeared' ? node.inode : null,
  }
}

function comparePair(after: Moment, pair: NamespacePair): GraphChange[] {
  const change = (
    kind: GraphChange['kind'],
    summary: string,
    was: GraphChange['before'],
    is: GraphChange['after'],
  ): GraphChange => ({
    kind,
    namespace: pair.after.inode,
    title: titleOf(after, pair.after.inode),
    interface: null,
    summary,
    before: was,
    after: is,
  })
  const changes: GraphChange[] = []
  if (pair.replaced) {
    const word = pair.after.owners.length > 0 ? 'restarted' : 'made anew'
    const inodes = `${pair.before.inode}, now ${pair.after.inode}`
    changes.push(
      change('namespace-replaced', `${word}: new namespace (was ${inodes})`, pair.before.inode, pair.after.inode),
    )
  }
  for (const name of missingFrom(pair.after.names, pair.before.names)) {
    changes.push(change('namespace-renamed', `lost its name ${name} in /run/netns`, name, null))
  }
  for (const name of missingFrom(pair.before.names, pair.after.names)) {
    changes.push(change('namespace-renamed', `got the name ${name} in /run/netns`, null, name))
  }
  return [...changes, ...compareOwners(pair, change), ...compareProcesses(pair, change)]
}

type MakeChange = (
  kind: GraphChange['kind'],
  summary: string,
  was: GraphChange['before'],
  is: GraphChange['after'],
) => GraphChange

function compareOwners({ before, after }: NamespacePair, change: MakeChange): GraphChange[] {
  const earlier = new Map(before.owners.map((owner) => [owner.id, owner]))
  return after.owners.flatMap((owner) => {
    const was = earlier.get(owner.id)
    if (was === undefined || was.name === owner.name || owner.runtime === 'process') return []
    return [change('namespace-renamed', `renamed from ${was.name} to ${owner.name}`, was.name, owner.name)]
  })
}

/** That processes come and go is nothing; that the first came or the last went is. */
function compareProcesses({ before, after }: NamespacePair, change: MakeChange): GraphChange[] {
  const [was, is] = [before.pids.length, after.pids.length]
  if (was > 0 && is === 0) return [change('namespace-processes', 'its last process has ended', was, is)]
  if (was === 0 && is > 0) return [change('namespace-processes', 'a process lives in it now', was, is)]
  return []
}

/** Elements of `wanted` that `present` lacks. */
export function missingFrom(present: readonly string[], wanted: readonly string[]): string[] {
  const known = new Set(present)
  return wanted.filter((value) => !known.has(value))
}
