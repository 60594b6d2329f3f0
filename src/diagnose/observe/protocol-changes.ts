/** Counters of the protocols before and after: when the kernel drops a packet by itself, one of them says why. */
import { type ProtocolCounters, readProtocolCounters } from '../../kernel/index.ts'
import type { Place } from '../scene/place.ts'

/** A counter that grew while our packets were on their way. Other packets may have made it grow. */
export interface GrownCounter {
  readonly namespace: string
  /** `TcpExt.IPReversePathFilter` */
  readonly name: string
  readonly by: number
}

/** Counters of drops and their reasons; the others count what is well. */
const TELLING =
  /^(TcpExt\.(IPReversePathFilter|ArpFilter|ListenDrops|ListenOverflows)|Ip\.(InHdrErrors|InAddrErrors|InDiscards|OutDiscards|OutNoRoutes|FragFails)|IpExt\.(InNoRoutes|InTruncatedPkts|InCsumErrors)|Ip6(InHdrErrors|InTooBigErrors|InNoRoutes|InAddrErrors|InDiscards|OutDiscards|OutNoRoutes|FragFails)|Udp6?\.?(NoPorts|InErrors|RcvbufErrors)|Tcp\.InCsumErrors|Udp\.InCsumErrors|conntrack\.(drop|insert_failed|invalid))$/

/** Counters of some namespaces at one moment. */
export class ProtocolChanges {
  readonly #before: readonly (readonly [Place, ProtocolCounters])[]

  constructor(places: readonly Place[]) {
    this.#before = places.flatMap((place) => {
      const counters = countersOf(place)
      return counters === undefined ? [] : [[place, counters] as const]
    })
  }

  /** What grew since. */
  grown(): GrownCounter[] {
    return this.#before.flatMap(([place, before]) =>
      [...(countersOf(place) ?? [])].flatMap(([name, now]) => {
        const by = now - (before.get(name) ?? now)
        return by > 0 && TELLING.test(name) ? [{ namespace: place.inode, name, by }] : []
      }),
    )
  }
}

function countersOf(place: Place): ProtocolCounters | undefined {
  try {
    return readProtocolCounters(place.namespace)
  } catch {
    // Its namespace is gone, or may not be entered: nothing to compare.
    return undefined
  }
}
