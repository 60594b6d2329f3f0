/** Capturing at several places at once, until one of the reasons to stop comes. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { BlockCursor } from '../../kernel/index.ts'
import { type CapturedInterface, CapturePoint, type CapturePointOptions } from './capture-point.ts'
import { orderTime } from './time-order.ts'

/** Where the packets of a capture go. */
export interface PacketSink {
  /** An interface gave its first packet, or was asked for by name. */
  addInterface(it: CapturedInterface): void
  /**
   * Takes the packets of a block, as many as `most`.
   * @param source number of the place
   * @returns how many were taken
   */
  takeBlock(source: number, point: CapturePoint, cursor: BlockCursor, most: number): number
  /**
   * Called when no block is ready: whatever is not younger than `until` will not be preceded by anything any more.
   * @param until as `orderTime` tells it
   */
  settle(until: number): Promise<void> | void
  /** True when it wants no more packets. */
  readonly full: boolean
}

/** What to capture, and until when. */
export interface CaptureRequest {
  readonly points: readonly CapturePointOptions[]
  /** Stop after so many packets. */
  readonly count?: number
  /** Stop after so many milliseconds. */
  readonly milliseconds?: number
  readonly signal: AbortSignal
  /** Called when every place is open: what is sent from now on is captured. */
  readonly opened?: () => void
}

/** What became of it. */
export interface CaptureSummary {
  /** Packets that the sink took. */
  readonly packets: number
  /** By place, in the order of the request. */
  readonly places: readonly {
    readonly place: string
    /** Packets that passed the filter. */
    readonly received: number
    /** Those for which there was no room in the ring. */
    readonly dropped: number
    readonly interfaces: readonly CapturedInterface[]
  }[]
}

/** The kernel hands over a block that is not full after 10 ms; this is generous, for a machine that is busy. */
const HANDED_OVER_MS = 40
/** How long packets of several places are held back to bring them into order. */
const HOLD_MS = 100
/** How often to look at all places when nothing is announced, in milliseconds. */
const LOOK_MS = 50

/**
 * Captures until the count, the time or the signal ends it, then takes what the kernel still holds.
 * @throws KernelError, PcapMissingError, FilterExpressionError; nothing stays open then
 */
export async function capture(request: CaptureRequest, sink: PacketSink): Promise<CaptureSummary> {
  const points: CapturePoint[] = []
  let interfaces = 0
  try {
    for (const options of request.points) {
      const add = (it: Omit<CapturedInterface, 'number'>): CapturedInterface => {
        const numbered = { ...it, number: interfaces++ }
        sink.addInterface(numbered)
        return numbered
      }
      points.push(new CapturePoint(options, add))
    }
    request.opened?.()
    const packets = await takeUntilDone(points, request, sink)
    return { packets, places: points.map(outcomeOf) }
  } finally {
    for (const point of points) point.close()
  }
}

function outcomeOf(point: CapturePoint): CaptureSummary['places'][number] {
  const { packets, drops } = point.ring.statistics()
  const { label, interface: name } = point.place
  return {
    place: name === undefined ? label : `${label}/${name}`,
    received: packets,
    dropped: drops,
    interfaces: point.interfaces,
  }
}

async function takeUntilDone(
  points: readonly CapturePoint[],
  request: CaptureRequest,
  sink: PacketSink,
): Promise<number> {
  const most = request.count ?? Number.POSITIVE_INFINITY
  let taken = 0
  const drain = (): number => {
    let blocks = 0
    points.forEach((point, source) => {
      blocks += point.ring.drainBlocks((cursor) => {
        if (taken < most && !sink.full) taken += sink.takeBlock(source, point, cursor, most - taken)
      })
    })
    return blocks
  }
  const isDone = (): boolean => taken >= most || sink.full
  const readiness = new Readiness(points, request)
  try {
    while (!readiness.stopped && !isDone()) {
      await readiness.wait()
      const looked = Date.now()
      drain()
      await sink.settle(orderTime(0, 0) + (looked - HOLD_MS) * 1e6)
    }
    if (!isDone()) {
      await sleep(HANDED_OVER_MS)
      while (drain() > 0 && !isDone()) await sink.settle(Number.NEGATIVE_INFINITY)
    }
    await sink.settle(Number.POSITIVE_INFINITY)
    return taken
  } finally {
    readiness.close()
  }
}

/** Wakes when a ring has something, when it is time to look anyway, and when the capture is to stop. */
class Readiness {
  stopped = false
  #ready = false
  #wake: (() => void) | undefined
  readonly #clock: NodeJS.Timeout
  readonly #deadline: NodeJS.Timeout | undefined
  readonly #signal: AbortSignal
  readonly #stop = (): void => {
    this.stopped = true
    this.#rouse()
  }

  constructor(points: readonly CapturePoint[], { signal, milliseconds }: CaptureRequest) {
    this.#signal = signal
    for (const point of points) point.ring.watch(() => this.#rouse())
    this.#clock = setInterval(() => this.#rouse(), LOOK_MS)
    this.#deadline = milliseconds === undefined ? undefined : setTimeout(this.#stop, milliseconds)
    signal.addEventListener('abort', this.#stop)
    if (signal.aborted) this.stopped = true
  }

  /** Resolves at the next reason to look. */
  wait(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#ready || this.stopped) setImmediate(resolve)
      else this.#wake = resolve
      this.#ready = false
    })
  }

  close(): void {
    clearInterval(this.#clock)
    clearTimeout(this.#deadline)
    this.#signal.removeEventListener('abort', this.#stop)
  }

  #rouse(): void {
    this.#ready = true
    const wake = this.#wake
    this.#wake = undefined
    if (wake === undefined) return
    this.#ready = false
    wake()
  }
}
