/** What a measurement runs: something that carries data one way, and can be asked how much at any moment. */

/** Counts since it was begun. */
export interface CarrierCounts {
  readonly bytes: number
  readonly retransmits: number
  readonly roundTripMicroseconds: number
  readonly sent: number
  readonly received: number
  readonly outOfOrder: number
  readonly jitterMicroseconds: number
}

/** One stream in one direction. */
export interface Carrier {
  /** Begins to carry. */
  begin(): void
  counts(): CarrierCounts
  /** Stops sending, and waits for what is on the way. */
  finish(): Promise<void>
  /** Lets go of everything, at once. */
  close(): void
}
