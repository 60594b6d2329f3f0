/** The scene as the kernel has it. Namespaces are opened when somebody asks about them. */
import { type Graph, type NamespaceNode, namespaceLabel, openTarget } from '../../../host/index.ts'
import { type Link, NetlinkError, nsidOf } from '../../../kernel/index.ts'
import type { Place } from '../place.ts'
import type { Scene, Whereabouts } from '../scene.ts'
import { SceneError } from '../scene-error.ts'
import { KernelPlace } from './kernel-place.ts'

/** Kinds that come in pairs, each end naming the other. */
const PAIRED: ReadonlySet<string> = new Set(['veth', 'netkit', 'vxcan'])
/** Kinds that stand on an interface. */
const STACKED: ReadonlySet<string> = new Set(['vlan', 'macvlan', 'macvtap', 'ipvlan', 'ipvtap', 'macsec'])

/** What a scene of the kernel's stands on. */
export interface KernelSceneInit {
  /** Inode of the namespace that the program itself runs in. */
  readonly home: string
}

/** The scene. */
export class KernelScene implements Scene {
  readonly graph: Graph
  readonly home: string
  readonly #nodes: ReadonlyMap<string, NamespaceNode>
  readonly #places = new Map<string, KernelPlace | SceneError>()
  readonly #warnings: string[]
  /** Ends of pairs by each other. */
  #cables: ReadonlyMap<string, string> | undefined
  /** By the inode of the namespace that gave the ids. */
  readonly #ids = new Map<string, ReadonlyMap<number, KernelPlace>>()

  constructor(graph: Graph, init: KernelSceneInit) {
    this.graph = graph
    this.home = init.home
    this.#nodes = new Map(graph.namespaces.map((node) => [node.inode, node]))
    this.#warnings = [...graph.warnings]
  }

  get warnings(): readonly string[] {
    return this.#warnings
  }

  place(inode: string): KernelPlace {
    const known = this.#places.get(inode) ?? this.#open(inode)
    this.#places.set(inode, known)
    if (known instanceof SceneError) throw known
    return known
  }

  places(): readonly KernelPlace[] {
    return this.graph.namespaces.flatMap(({ inode }) => this.#placeIfOpen(inode) ?? [])
  }

  farEnd(inode: string, index: number): Whereabouts | 'gone' | undefined {
    const place = this.place(inode)
    const link = place.link(index)
    if (link === undefined || !PAIRED.has(link.info?.kind ?? '')) return undefined
    if ((link.link ?? 0) === 0) return 'gone'
    return this.#endInGraph(inode, link) ?? this.#otherEnd(place, link)
  }

  parent(inode: string, index: number): Whereabouts | undefined {
    const place = this.place(inode)
    const link = place.link(index)
    if (link === undefined || !STACKED.has(link.info?.kind ?? '')) return undefined
    return this.#otherEnd(place, link)
  }

  underlay(inode: string, index: number): Place | undefined {
    const place = this.place(inode)
    const link = place.link(index)
    if (link === undefined) return undefined
    return this.#linkNamespace(place, link)
  }

  close(): void {
    for (const place of this.#places.values()) if (!(place instanceof SceneError)) place.close()
  }

  /** The graph has joined all pairs at once. What has changed since is not found this way, and asked for. */
  #endInGraph(inode: string, { index, link }: Link): Whereabouts | undefined {
    this.#cables ??= cablesOf(this.graph)
    const [there = '', indexThere] = this.#cables.get(`${inode}/${index}`)?.split('/') ?? []
    if (Number(indexThere) !== link) return undefined
    const end = this.#placeIfOpen(there)
    return end?.link(link)?.link === index ? { place: end, index: link } : undefined
  }

  /** What IFLA_LINK says, where IFLA_LINK_NETNSID says. */
  #otherEnd(place: KernelPlace, link: Link): Whereabouts | undefined {
    const index = link.link ?? 0
    const there = index === 0 ? undefined : this.#linkNamespace(place, link)
    return there?.link(index) === undefined ? undefined : { place: there, index }
  }

  #linkNamespace(place: KernelPlace, { linkNetnsid }: Link): KernelPlace | undefined {
    if (linkNetnsid === undefined) return place
    return linkNetnsid < 0 ? undefined : this.#namespacesById(place).get(linkNetnsid)
  }

  /** The ids that a namespace has for the others; they are private to it (ip-netns(8)). */
  #namespacesById(place: KernelPlace): ReadonlyMap<number, KernelPlace> {
    const known = this.#ids.get(place.inode)
    if (known !== undefined) return known
    const ids = new Map<number, KernelPlace>()
    for (const other of this.places()) {
      const id = place.ask((socket) => idOf(() => nsidOf(socket, { fd: other.namespace.fd })))
      if (id !== undefined) ids.set(id, other)
    }
    this.#ids.set(place.inode, ids)
    return ids
  }

  #placeIfOpen(inode: string): KernelPlace | undefined {
    try {
      return this.place(inode)
    } catch (error) {
      if (error instanceof SceneError) return undefined
      throw error
    }
  }

  #open(inode: string): KernelPlace | SceneError {
    const node = this.#nodes.get(inode)
    if (node === undefined) return new SceneError(inode, `no network namespace of this host has the inode ${inode}`)
    const label = namespaceLabel(node)
    try {
      const namespace = openTarget({ inode, label, node })
      return new KernelPlace({
        node,
        label,
        namespace,
        warn: (sentence) => this.#warnings.push(sentence),
      })
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.#warnings.push(reason)
      return new SceneError(inode, reason, { cause: error })
    }
  }
}

/** The far ends of pairs, by the interface's id in the graph. */
function cablesOf(graph: Graph): ReadonlyMap<string, string> {
  return new Map(
    graph.links.flatMap(({ kind, from, to }): [string, string][] =>
      kind === 'veth' && to !== null
        ? [
            [from, to],
            [to, from],
          ]
        : [],
    ),
  )
}

/** A namespace that died since it was opened has no id. */
function idOf(ask: () => number | undefined): number | undefined {
  try {
    return ask()
  } catch (error) {
    if (error instanceof NetlinkError) return undefined
    throw error
  }
}
