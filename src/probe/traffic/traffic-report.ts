/** What steady traffic says of itself (schemas/traffic.v1.json). */

/** Times that messages took, in microseconds. */
export interface TrafficLatency {
  readonly least: number
  readonly mean: number
  readonly most: number
}

/** Some time of it, or all of it. */
export interface TrafficReport {
  readonly schema: 'netwright/traffic/v1'
  readonly label: string
  readonly from: string
  readonly to: string
  readonly address: string
  readonly protocol: 'tcp' | 'udp'
  readonly port: number
  /** `interval` while it runs, `total` at the end. */
  readonly part: 'interval' | 'total'
  /** Since it began, in milliseconds. */
  readonly start: number
  readonly end: number
  readonly sent: number
  readonly received: number
  /** Those that were sent in this time and have not arrived half a second later. */
  readonly lost: number
  readonly outOfOrder: number
  /** Payload bits a second that arrived. */
  readonly bitsPerSecond: number
  /** From sending to receiving, one way: both ends have the same clock. Null when nothing arrived. */
  readonly latencyMicroseconds: TrafficLatency | null
}
