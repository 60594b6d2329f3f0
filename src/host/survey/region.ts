/**
 * A part of the host, seen from one observer. The kernel finds the id of a namespace by walking all ids of the observer
 * (__peernet2id, net/core/net_namespace.c), so that one observer for everything would cost the square of the number of
 * namespaces. Several observers with a bounded number of ids each keep it linear.
 */
import type { Sighting } from '../discovery/sighting.ts'
import type { NamespaceKey } from './observed.ts'
import { type NamespaceTables, Observer, type ObserverId } from './observer.ts'
import { openSighting } from './open-sighting.ts'

/** A namespace as it was read through the region's observer. */
export interface Visited {
  readonly region: Region
  /** The region's id for it. */
  readonly id: ObserverId
  readonly key: NamespaceKey
  readonly kernelId: bigint | undefined
  readonly sighting: Sighting | undefined
  /** Interface id of the neighbour that led here, when there is no sighting. */
  readonly foundThrough: string | undefined
  readonly tables: NamespaceTables
}

/** A namespace that lies in the region, with the observer's id for it. */
interface Member {
  readonly sighting: Sighting
  readonly kernelId: bigint | undefined
  readonly id: ObserverId
}

/** An observer and the namespaces that it knows by their keys. Close it. */
export class Region {
  readonly observer: Observer
  readonly #keys = new Map<ObserverId, NamespaceKey>()
  readonly #ids = new Map<NamespaceKey, ObserverId>()
  readonly #regions = new Map<Region, ObserverId | undefined>()

  /** @throws KernelError EPERM without CAP_SYS_ADMIN */
  constructor() {
    this.observer = Observer.open()
  }

  /** Which namespace an id of the observer means, as far as that is known. */
  keyOf(id: ObserverId): NamespaceKey | undefined {
    return this.#keys.get(id)
  }

  /** The observer's id of a namespace, as far as that is known. */
  idOf(key: NamespaceKey): ObserverId | undefined {
    return this.#ids.get(key)
  }

  /** Notes which namespace an id means. */
  learn(id: ObserverId, key: NamespaceKey): void {
    this.#keys.set(id, key)
    this.#ids.set(key, id)
  }

  /** The id by which another region knows the namespace that is `id` here; undefined when it does not know it. */
  translate(id: ObserverId, to: Region): ObserverId | undefined {
    if (!this.#regions.has(to)) this.#regions.set(to, this.observer.number([to.observer.namespace.fd])[0])
    const target = this.#regions.get(to)
    return target === undefined ? undefined : this.observer.translate(id, target)
  }

  /** Gives ids to the sightings and reads them. `unopened` hears of those that can no longer, or may not, be opened. */
  read(sightings: readonly Sighting[], unopened: (sighting: Sighting) => void): Visited[] {
    return this.number(sightings, unopened).flatMap(({ sighting, kernelId, id }): Visited[] => {
      const tables = this.observer.read(id)
      if (tables === undefined) return []
      return [{ region: this, id, key: sighting.inode, kernelId, sighting, foundThrough: undefined, tables }]
    })
  }

  /** Gives ids to the sightings without reading them. */
  number(sightings: readonly Sighting[], unopened: (sighting: Sighting) => void): Member[] {
    const opened = sightings.flatMap((sighting) => {
      const namespace = openSighting(sighting)
      if (namespace === undefined) unopened(sighting)
      return namespace === undefined ? [] : [{ sighting, namespace }]
    })
    const ids = this.observer.number(opened.map(({ namespace }) => namespace.fd))
    return opened.flatMap(({ sighting, namespace }, i): Member[] => {
      const kernelId = namespace.identity.id
      namespace.close()
      const id = ids[i]
      if (id === undefined) return []
      this.learn(id, sighting.inode)
      return [{ sighting, kernelId, id }]
    })
  }

  close(): void {
    this.observer.close()
  }
}
