/** A scene in which some namespaces are only supposed. */
import type { Graph } from '../../host/index.ts'
import type { Place } from '../scene/place.ts'
import type { Scene, Whereabouts } from '../scene/scene.ts'
import { type PlaceChange, SupposedPlace } from './supposed-place.ts'

/** What a command changes: by inode. */
export interface SceneChange {
  readonly places: ReadonlyMap<string, PlaceChange>
  /** Ends of links that are gone, as `inode/index`. */
  readonly gone?: ReadonlySet<string>
  /** What was made only for this, and is to go with it. */
  readonly release?: () => void
}

/** The scene as it would be. Closing it leaves the taken scene open that it stands on. */
export class SupposedScene implements Scene {
  readonly #base: Scene
  readonly #change: SceneChange
  readonly #places: ReadonlyMap<string, SupposedPlace>

  constructor(base: Scene, change: SceneChange) {
    this.#base = base
    this.#change = change
    this.#places = new Map([...change.places].map(([inode, one]) => [inode, new SupposedPlace(base.place(inode), one)]))
  }

  get graph(): Graph {
    return this.#base.graph
  }

  get home(): string {
    return this.#base.home
  }

  get warnings(): readonly string[] {
    return this.#base.warnings
  }

  place(inode: string): Place {
    return this.#places.get(inode) ?? this.#base.place(inode)
  }

  places(): readonly Place[] {
    return this.#base.places().map((place) => this.#places.get(place.inode) ?? place)
  }

  farEnd(inode: string, index: number): Whereabouts | 'gone' | undefined {
    if (this.#isGone(inode, index)) return undefined
    const end = this.#base.farEnd(inode, index)
    if (end === undefined || end === 'gone') return end
    return this.#isGone(end.place.inode, end.index) ? 'gone' : this.#here(end)
  }

  parent(inode: string, index: number): Whereabouts | undefined {
    if (this.#isGone(inode, index)) return undefined
    const parent = this.#base.parent(inode, index)
    return parent === undefined || this.#isGone(parent.place.inode, parent.index) ? undefined : this.#here(parent)
  }

  underlay(inode: string, index: number): Place | undefined {
    const place = this.#base.underlay(inode, index)
    return place === undefined ? undefined : this.place(place.inode)
  }

  close(): void {
    this.#change.release?.()
    if (this.#base instanceof SupposedScene) this.#base.close()
  }

  #here({ place, index }: Whereabouts): Whereabouts {
    return { place: this.place(place.inode), index }
  }

  #isGone(inode: string, index: number): boolean {
    return this.#change.gone?.has(`${inode}/${index}`) === true
  }
}
