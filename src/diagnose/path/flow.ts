/** The flow that is asked about: from where, what, to where. */
import type { Family, Place } from '../scene/place.ts'

/** A flow, resolved: nothing in it is a name any more. */
export interface Flow {
  readonly from: Place
  /** The namespace that is meant to answer, when the question named one; undefined for a bare address. */
  readonly to: Place | undefined
  readonly family: Family
  readonly protocol: 'icmp' | 'tcp' | 'udp'
  /** Undefined: the kernel chooses by its route. */
  readonly source: string | undefined
  readonly destination: string
  /** Of TCP and UDP. */
  readonly port: number | undefined
  /** Source port, or identifier of the echo. */
  readonly sourcePort: number
  /** Bytes of payload. */
  readonly size: number
  /** Index of the interface that the sender is bound to, as the zone of a link-local address says. */
  readonly outputInterface?: number
}
