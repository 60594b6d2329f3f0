/** Steady, labelled traffic between two namespaces, and what becomes of it. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { NamespaceHandle } from '../../kernel/index.ts'
import { MessageCount, type MessageCounts } from './message-count.ts'
import { openTcpWay, openUdpWay } from './message-way.ts'
import type { TrafficReport } from './traffic-report.ts'

/** What traffic to make. */
export interface TrafficInit {
  readonly from: { readonly namespace: NamespaceHandle; readonly label: string }
  readonly to: { readonly namespace: NamespaceHandle; readonly label: string }
  readonly address: string
  readonly protocol: 'tcp' | 'udp'
  /** Port in `to`; any when 0. */
  readonly port: number
  /** Messages a second, and bytes of each. */
  readonly rate: number
  readonly size: number
  /** Stands in every message, so that it is recognised wherever it passes. ASCII. */
  readonly label: string
  /** Until the signal when left out. */
  readonly milliseconds?: number
  /** Between reports. */
  readonly interval: number
  readonly signal: AbortSignal
  readonly observe: (report: TrafficReport) => void
}

/** A message that has not come after so long is lost, in milliseconds. */
const PATIENCE_MS = 500
const TICK_MS = 10

/**
 * Sends until the time is over or the signal comes. Nothing stays open.
 * @returns the report on all of it
 * @throws KernelError or Error ENETUNREACH, EHOSTUNREACH, ETIMEDOUT, EADDRINUSE when it cannot begin
 */
export async function makeTraffic(init: TrafficInit): Promise<TrafficReport> {
  const count = new MessageCount(PATIENCE_MS)
  const total = { least: Number.POSITIVE_INFINITY, most: 0, sum: 0, messages: 0 }
  const listener = (number: number, bytes: number, microseconds: number): void => {
    count.receive(number, bytes, microseconds)
    total.least = Math.min(total.least, microseconds)
    total.most = Math.max(total.most, microseconds)
    total.sum += microseconds
    total.messages++
  }
  const place = {
    from: init.from.namespace,
    to: init.to.namespace,
    address: init.address,
    port: init.port,
    size: init.size,
    label: init.label,
  }
  const way = init.protocol === 'udp' ? openUdpWay(place, listener) : await openTcpWay(place, listener)
  try {
    const begun = performance.now()
    const now = (): number => performance.now() - begun
    let before: MessageCounts = { sent: 0, received: 0, lost: 0, outOfOrder: 0, bytes: 0, latency: null }
    let reported = 0
    const deadline = init.milliseconds ?? Number.POSITIVE_INFINITY
    while (!init.signal.aborted && now() < deadline) {
      const due = Math.floor((now() / 1000) * init.rate) + 1 - count.sent
      // No more than a second's worth at once: a host that slept is not to be flooded.
      if (due > 0) count.send(way.send(count.sent, Math.min(due, Math.ceil(init.rate))), now())
      await sleep(TICK_MS)
      if (now() - reported < init.interval) continue
      const after = count.take(now())
      const end = now()
      init.observe(reportOf(init, way.port, 'interval', reported, end, before, after))
      before = after
      reported = end
    }
    const end = now()
    await sleep(PATIENCE_MS)
    const all = count.take(Number.POSITIVE_INFINITY)
    const latency =
      total.messages === 0
        ? null
        : {
            least: Math.round(total.least * 10) / 10,
            mean: Math.round((total.sum / total.messages) * 10) / 10,
            most: Math.round(total.most * 10) / 10,
          }
    const nothing: MessageCounts = { sent: 0, received: 0, lost: 0, outOfOrder: 0, bytes: 0, latency: null }
    return reportOf(init, way.port, 'total', 0, end, nothing, { ...all, latency })
  } finally {
    way.close()
  }
}

function reportOf(
  init: TrafficInit,
  port: number,
  part: TrafficReport['part'],
  start: number,
  end: number,
  before: MessageCounts,
  after: MessageCounts,
): TrafficReport {
  return {
    schema: 'netwright/traffic/v1',
    label: init.label,
    from: init.from.label,
    to: init.to.label,
    address: init.address,
    protocol: init.protocol,
    port,
    part,
    start: Math.round(start),
    end: Math.round(end),
    sent: after.sent - before.sent,
    received: after.received - before.received,
    // One that was given up and came after all is taken back.
    lost: Math.max(0, after.lost - before.lost),
    outOfOrder: after.outOfOrder - before.outOfOrder,
    bitsPerSecond: end > start ? Math.round(((after.bytes - before.bytes) * 8000) / (end - start)) : 0,
    latencyMicroseconds: after.latency,
  }
}
