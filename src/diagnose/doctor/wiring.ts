/** Every interface of a scene, and what it is joined to. */

import type { Scene } from '../scene/scene.ts'
import { type Interface, interfacesOf } from './interface.ts'

/** The interfaces of a scene, joined. */
export class Wiring {
  readonly interfaces: readonly Interface[]
  readonly #scene: Scene
  readonly #byId: ReadonlyMap<string, Interface>
  readonly #byPlace = new Map<string, Interface[]>()
  readonly #ports = new Map<string, Interface[]>()
  /** Ends of cables, by the other end. */
  readonly #cables: ReadonlyMap<string, string>
  readonly #peers = new Map<string, Interface | 'gone' | undefined>()

  constructor(scene: Scene) {
    this.#scene = scene
    this.interfaces = scene.places().flatMap((place) => {
      const own = interfacesOf(place)
      this.#byPlace.set(place.inode, own)
      return own
    })
    this.#cables = new Map(
      scene.graph.links.flatMap(({ kind, from, to }): [string, string][] =>
        kind === 'veth' && to !== null
          ? [
              [from, to],
              [to, from],
            ]
          : [],
      ),
    )
    this.#byId = new Map(this.interfaces.map((one) => [one.id, one]))
    for (const one of this.interfaces) {
      if (one.master === 0) continue
      const key = `${one.place.inode}/${one.master}`
      const known = this.#ports.get(key)
      if (known === undefined) this.#ports.set(key, [one])
      else known.push(one)
    }
  }

  /** The interfaces of a namespace. */
  of(inode: string): readonly Interface[] {
    return this.#byPlace.get(inode) ?? []
  }

  get(inode: string, index: number): Interface | undefined {
    return this.#byId.get(`${inode}/${index}`)
  }

  /** The other end of a veth; undefined when it cannot be seen, or there is none by nature. */
  peer(one: Interface): Interface | 'gone' | undefined {
    if (one.kind !== 'veth' && one.kind !== 'netkit') return undefined
    if (!this.#peers.has(one.id)) this.#peers.set(one.id, this.#ask(one))
    return this.#peers.get(one.id)
  }

  /** The graph has joined all cables at once; only what has changed since is asked for one by one. */
  #ask(one: Interface): Interface | 'gone' | undefined {
    const known = this.#byId.get(this.#cables.get(one.id) ?? '')
    if (known !== undefined && known.index === one.link.link) return known
    const end = this.#scene.farEnd(one.place.inode, one.index)
    return end === 'gone' || end === undefined ? end : this.get(end.place.inode, end.index)
  }

  /** The other end, when it can be seen. */
  seenPeer(one: Interface): Interface | undefined {
    const peer = this.peer(one)
    return peer === 'gone' ? undefined : peer
  }

  /** The interface under a vlan, macvlan or ipvlan. */
  parent(one: Interface): Interface | undefined {
    if (one.kind === 'veth' || one.kind === 'vxlan' || one.link.link === undefined) return undefined
    const end = this.#scene.parent(one.place.inode, one.index)
    return end === undefined ? undefined : this.get(end.place.inode, end.index)
  }

  /** The bridge that an interface is a port of. */
  bridgeOf(one: Interface): Interface | undefined {
    const master = this.#masterOf(one)
    return master?.kind === 'bridge' ? master : undefined
  }

  /** The bond or team that an interface is part of. */
  bondOf(one: Interface): Interface | undefined {
    const master = this.#masterOf(one)
    return master?.kind === 'bond' || master?.kind === 'team' ? master : undefined
  }

  /** Ports of a bridge. */
  ports(bridge: Interface): readonly Interface[] {
    return this.#ports.get(bridge.id) ?? []
  }

  #masterOf(one: Interface): Interface | undefined {
    return one.master === 0 ? undefined : this.get(one.place.inode, one.master)
  }
}
