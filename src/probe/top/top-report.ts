/** What uses the network, in one interval: the document of `netwright top --json` (schemas/top.v1.json). */

/** Rates in both directions, seen from where they are told. */
export interface TrafficRates {
  readonly receivedBitsPerSecond: number
  readonly sentBitsPerSecond: number
}

/** One interface. */
export interface TopLink extends TrafficRates {
  readonly namespace: string
  readonly interface: string
  readonly receivedPacketsPerSecond: number
  readonly sentPacketsPerSecond: number
  /** Dropped or faulty packets a second, in either direction. */
  readonly lostPacketsPerSecond: number
}

/** One namespace: its interfaces but loopback together, and what its processes use. */
export interface TopNamespace extends TrafficRates {
  readonly namespace: string
  readonly inode: string
  readonly connections: number
  /** Of one processor; null where the processes have no control group of their own. */
  readonly cpuPercent: number | null
  readonly memoryBytes: number | null
  readonly memoryLimitBytes: number | null
}

/** One TCP connection, or a tracked flow of another protocol. */
export interface TopConnection extends TrafficRates {
  readonly namespace: string
  readonly protocol: string
  readonly local: string
  readonly remote: string
  /** Of TCP. */
  readonly roundTripMicroseconds: number | null
  readonly retransmits: number | null
  readonly process: string | null
}

/** The document. */
export interface TopReport {
  readonly schema: 'netwright/top/v1'
  /** ISO 8601, UTC: the end of the interval. */
  readonly time: string
  readonly milliseconds: number
  readonly namespaces: readonly TopNamespace[]
  readonly links: readonly TopLink[]
  readonly connections: readonly TopConnection[]
}
