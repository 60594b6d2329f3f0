/** Tracks: which of the parallel lines of a channel each wire takes. */

/** A stretch of a wire along a channel or corridor. */
export interface Span {
  /** Number of the channel or corridor. */
  readonly lane: number
  readonly from: number
  readonly to: number
}

/** Gives each stretch the first track of its lane on which nothing is within `clearance` of it (left-edge algorithm). */
export function assignTracks(
  spans: readonly Span[],
  lanes: number,
  clearance: number,
): { tracks: number[]; counts: number[] } {
  const tracks = new Array<number>(spans.length).fill(0)
  const ends: number[][] = Array.from({ length: lanes }, () => [])
  const order = spans.map((_, at) => at).sort((a, b) => start(spans[a]!) - start(spans[b]!) || a - b)
  for (const at of order) {
    const { lane, from, to } = spans[at]!
    const taken = ends[lane]!
    const free = taken.findIndex((end) => end + clearance <= Math.min(from, to))
    const track = free < 0 ? taken.length : free
    taken[track] = Math.max(from, to)
    tracks[at] = track
  }
  return { tracks, counts: ends.map((taken) => taken.length) }
}

function start(span: Span): number {
  return Math.min(span.from, span.to)
}
