/** The kernel's own account of what rule sets do with a probe's packets, in several namespaces at once. */
import type { Place } from '../scene/place.ts'
import type { DecidingRule } from './observation.ts'
import type { Probe } from './probe.ts'

/** Traces of nftables. They exist only once opened, and go with their sockets. */
export class FilterTraces {
  readonly warnings: string[] = []
  constructor(places: readonly Place[], probe: Probe, noticed: () => void) {
    void places
    void probe
    void noticed
  }
  open(): void {}
  get hasEnded(): boolean {
    return false
  }
  rules(): DecidingRule[] {
    return []
  }
  close(): void {}
}
