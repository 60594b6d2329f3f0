/** Where a name should lead: to what it was attached to, or to the one container that is called so. */
import type { Graph, NamespaceNode, Owner } from '../graph.ts'
import { ownerWords } from '../targets/namespace-words.ts'
import type { NameRecord } from './name-records.ts'

/** The namespace that a name should lead to. */
export interface RightfulNamespace {
  readonly inode: string
  /** Its owner as a target: `docker:web`. */
  readonly label: string
  readonly owner: Owner
}

/** Owners that a process or a unit merely is are no reason to give a name to a namespace. */
const RUNTIMES_WITHOUT_NAMES = ['process', 'systemd']

/** The containers of a graph, to be found by what they are called: a host has thousands of names and of containers. */
export class RightfulNamespaces {
  readonly #found = new Map<string, RightfulNamespace[]>()

  constructor(graph: Graph) {
    for (const node of graph.namespaces) for (const owner of node.owners) this.#add(node, owner)
  }

  /**
   * The namespace that `name` should lead to now; undefined when that is not known or not certain. A container that was
   * removed and made again has another id, and is still found by the name that was recorded.
   */
  find(name: string, record: NameRecord | undefined): RightfulNamespace | undefined {
    if (record === undefined) return this.#only(called(name))
    const { runtime, id, name: owner } = record.target
    if (runtime === null) return undefined
    return (id === null ? undefined : this.#only(identified(runtime, id))) ?? this.#only(named(runtime, owner))
  }

  #add(node: NamespaceNode, owner: Owner): void {
    if (owner.network !== undefined || RUNTIMES_WITHOUT_NAMES.includes(owner.runtime)) return
    const place = { inode: node.inode, label: ownerWords(owner)[0] ?? `inode:${node.inode}`, owner }
    const { runtime, id, name } = owner
    for (const key of [identified(runtime, id), named(runtime, name), called(name), called(id)]) {
      const known = this.#found.get(key)
      if (known === undefined) this.#found.set(key, [place])
      else known.push(place)
    }
  }

  /** The one namespace of several answers; two containers in one namespace agree, two in two do not. */
  #only(key: string): RightfulNamespace | undefined {
    const found = this.#found.get(key) ?? []
    return found.every((candidate) => candidate.inode === found[0]?.inode) ? found[0] : undefined
  }
}

function identified(runtime: string, id: string): string {
  return JSON.stringify(['id', runtime, id])
}

function named(runtime: string, name: string): string {
  return JSON.stringify(['name', runtime, name])
}

function called(word: string): string {
  return JSON.stringify(['any', word])
}
