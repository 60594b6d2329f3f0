/** What a measurement of throughput says: the document of `netwright probe throughput --json` (schemas/throughput.v1.json). */

/** A direction of the measurement; forward is from FROM to TO. */
export type ThroughputDirection = 'forward' | 'reverse'

/** What one direction carried in some time. */
export interface ThroughputSample {
  readonly direction: ThroughputDirection
  /** Of the measurement, in milliseconds. */
  readonly start: number
  readonly end: number
  /** Payload that arrived. */
  readonly bytes: number
  readonly bitsPerSecond: number
  /** Segments sent again; null for UDP. */
  readonly retransmits: number | null
  /** Smoothed round-trip time of the slowest stream; null for UDP. */
  readonly roundTripMicroseconds: number | null
  /** Null for TCP. */
  readonly datagrams: DatagramCounts | null
}

/** What became of datagrams. */
export interface DatagramCounts {
  readonly sent: number
  readonly received: number
  readonly lost: number
  /** Those that came behind a later one. */
  readonly outOfOrder: number
  /** How evenly they came (RFC 3550, 6.4.1): the mean change of the time that they took. */
  readonly jitterMicroseconds: number
}

/** The document. */
export interface ThroughputReport {
  readonly schema: 'netwright/throughput/v1'
  readonly from: string
  readonly to: string
  readonly address: string
  readonly protocol: 'tcp' | 'udp'
  readonly streams: number
  readonly milliseconds: number
  /** Totals, one a direction. */
  readonly directions: readonly ThroughputSample[]
  readonly intervals: readonly ThroughputSample[]
}
