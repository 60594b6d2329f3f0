/** Measuring how much goes between two namespaces: with TCP or UDP, in one direction or both, over several streams. */
import { BulkStream, type NamespaceHandle, sourceToward } from '../../kernel/index.ts'
import type { Carrier, CarrierCounts } from './carrier.ts'
import { TcpCarrier } from './tcp-carrier.ts'
import type { ThroughputDirection, ThroughputReport, ThroughputSample } from './throughput-report.ts'
import { UdpCarrier } from './udp-carrier.ts'

/** One side of the measurement. */
export interface ThroughputEnd {
  readonly namespace: NamespaceHandle
  /** What people call it. */
  readonly label: string
}

/** What to measure. */
export interface ThroughputInit {
  readonly from: ThroughputEnd
  readonly to: ThroughputEnd
  /** Address of `to`, as `from` reaches it. */
  readonly address: string
  readonly protocol: 'tcp' | 'udp'
  readonly directions: readonly ThroughputDirection[]
  /** Streams in each direction. */
  readonly streams: number
  readonly milliseconds: number
  /** Milliseconds of an interval. */
  readonly interval: number
  /** Of UDP: bytes of a datagram, and bits a second of each direction; as fast as it goes when left out. */
  readonly datagramBytes: number
  readonly bitsPerSecond?: number
  readonly signal: AbortSignal
  /** Called with every interval as it ends. */
  readonly observe?: (sample: ThroughputSample) => void
}

/** A direction with what carries it. */
interface Lane {
  readonly direction: ThroughputDirection
  readonly carriers: readonly Carrier[]
  counted: CarrierCounts
}

/** Threads of libuv's pool that a measurement needs to run undisturbed: each stream waits at both ends. */
export function threadsForThroughput(streams: number, directions: number): number {
  return streams * directions * 2 + 2
}

const CONNECT_MS = 5000
const NOTHING: CarrierCounts = {
  bytes: 0,
  retransmits: 0,
  roundTripMicroseconds: 0,
  sent: 0,
  received: 0,
  outOfOrder: 0,
  jitterMicroseconds: 0,
}

/**
 * Measures until the time is over or the signal comes. Nothing stays open.
 * @throws KernelError ENETUNREACH, EHOSTUNREACH, ETIMEDOUT, ECONNREFUSED when there is no way
 */
export async function measureThroughput(init: ThroughputInit): Promise<ThroughputReport> {
  const open: Carrier[] = []
  try {
    const lanes: Lane[] = []
    for (const direction of init.directions) {
      const carriers: Carrier[] = []
      for (let i = 0; i < init.streams; i++) {
        const carrier = await openCarrier(init, direction)
        open.push(carrier)
        carriers.push(carrier)
      }
      lanes.push({ direction, carriers, counted: NOTHING })
    }
    return await run(init, lanes)
  } finally {
    for (const carrier of open) carrier.close()
  }
}

async function openCarrier(init: ThroughputInit, direction: ThroughputDirection): Promise<Carrier> {
  const { from, to, address, protocol, streams, datagramBytes, bitsPerSecond } = init
  if (protocol === 'tcp') {
    const ends = await BulkStream.connect({ from: from.namespace, to: to.namespace, address, timeout: CONNECT_MS })
    const [sender, receiver] = direction === 'forward' ? [ends.asking, ends.accepting] : [ends.accepting, ends.asking]
    return new TcpCarrier(sender, receiver)
  }
  const [sending, receiving] = direction === 'forward' ? [from, to] : [to, from]
  return new UdpCarrier({
    from: sending.namespace,
    to: receiving.namespace,
    address: direction === 'forward' ? address : sourceToward(from.namespace, address),
    size: datagramBytes,
    ...(bitsPerSecond === undefined ? {} : { bitsPerSecond: bitsPerSecond / streams }),
  })
}

async function run(init: ThroughputInit, lanes: readonly Lane[]): Promise<ThroughputReport> {
  const intervals: ThroughputSample[] = []
  const before = lanes.map((lane) => countsOf(lane))
  const begun = performance.now()
  const elapsed = (): number => performance.now() - begun
  for (const lane of lanes) for (const carrier of lane.carriers) carrier.begin()
  let start = 0
  while (!init.signal.aborted && start < init.milliseconds) {
    await pause(Math.min(init.interval, init.milliseconds - start), init.signal)
    const end = elapsed()
    for (const lane of lanes) {
      const counted = countsOf(lane)
      const sample = sampleOf(lane.direction, init.protocol, start, end, lane.counted, counted)
      lane.counted = counted
      intervals.push(sample)
      init.observe?.(sample)
    }
    start = end
  }
  // What arrives from here on is no longer within the time, but datagrams on their way are not lost.
  await Promise.all(lanes.flatMap((lane) => lane.carriers.map((carrier) => carrier.finish())))
  const directions = lanes.map((lane, i) => totalOf(lane, init.protocol, start, before[i]!))
  return {
    schema: 'netwright/throughput/v1',
    from: init.from.label,
    to: init.to.label,
    address: init.address,
    protocol: init.protocol,
    streams: init.streams,
    milliseconds: Math.round(start),
    directions,
    intervals,
  }
}

function totalOf(lane: Lane, protocol: 'tcp' | 'udp', end: number, before: CarrierCounts): ThroughputSample {
  const within = sampleOf(lane.direction, protocol, 0, end, before, lane.counted)
  if (protocol === 'tcp') return within
  const { datagrams } = sampleOf(lane.direction, protocol, 0, end, before, countsOf(lane))
  return {
    ...within,
    datagrams: datagrams === null ? null : { ...datagrams, lost: datagrams.sent - datagrams.received },
  }
}

/** All streams of a direction together. */
function countsOf({ carriers }: Pick<Lane, 'carriers'>): CarrierCounts {
  const all = carriers.map((carrier) => carrier.counts())
  const sum = (name: keyof CarrierCounts): number => all.reduce((so, counts) => so + counts[name], 0)
  return {
    bytes: sum('bytes'),
    retransmits: sum('retransmits'),
    roundTripMicroseconds: Math.max(0, ...all.map((counts) => counts.roundTripMicroseconds)),
    sent: sum('sent'),
    received: sum('received'),
    outOfOrder: sum('outOfOrder'),
    jitterMicroseconds: sum('jitterMicroseconds') / Math.max(1, all.length),
  }
}

function sampleOf(
  direction: ThroughputDirection,
  protocol: 'tcp' | 'udp',
  start: number,
  end: number,
  before: CarrierCounts,
  after: CarrierCounts,
): ThroughputSample {
  const bytes = after.bytes - before.bytes
  const sent = after.sent - before.sent
  const received = after.received - before.received
  return {
    direction,
    start: Math.round(start),
    end: Math.round(end),
    bytes,
    bitsPerSecond: end > start ? Math.round((bytes * 8000) / (end - start)) : 0,
    retransmits: protocol === 'tcp' ? after.retransmits - before.retransmits : null,
    roundTripMicroseconds: protocol === 'tcp' ? after.roundTripMicroseconds : null,
    datagrams:
      protocol === 'tcp'
        ? null
        : {
            sent,
            received,
            // What is on its way is not lost yet.
            lost: Math.max(0, sent - received),
            outOfOrder: after.outOfOrder - before.outOfOrder,
            jitterMicroseconds: Math.round(after.jitterMicroseconds * 10) / 10,
          },
  }
}

/** Waits, or until the signal comes. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    signal.addEventListener('abort', done)
  })
}
