/** The scene of a diagnosis: the graph of the host, and each of its namespaces in full as far as somebody asks. */
import type { Graph } from '../../host/index.ts'
import type { Place } from './place.ts'

/** An interface in a namespace. */
export interface Whereabouts {
  readonly place: Place
  /** Interface index there. */
  readonly index: number
}

/** The scene. Close it when done: it holds a descriptor of each namespace that was asked about. */
export interface Scene {
  readonly graph: Graph
  /** Inode of the namespace that the program itself runs in. */
  readonly home: string
  /** @throws SceneError when there is no such namespace, or it cannot be opened */
  place(inode: string): Place
  /** Every namespace that can be opened; those that cannot are in `warnings`. */
  places(): readonly Place[]
  /** The other end of a veth (or of whatever has one): `gone` when the kernel says that it has none any more. */
  farEnd(inode: string, index: number): Whereabouts | 'gone' | undefined
  /** The interface under this one (of a vlan, macvlan, ipvlan), which may be in another namespace. */
  parent(inode: string, index: number): Whereabouts | undefined
  /**
   * The namespace in which a tunnel's outer packets are routed: that in which the link was made, which a vxlan that was
   * moved keeps (`link_netns`; Docker's overlay does so). Its own when it was never moved; undefined when it cannot be known.
   */
  underlay(inode: string, index: number): Place | undefined
  /** What could not be read, one sentence each. */
  readonly warnings: readonly string[]
  close(): void
}
