/** Reading the counters of many namespaces, and telling what changed between two readings. */
import { type Connection, type InetSocket, type Link, socketOwners } from '../../kernel/index.ts'
import type { TopConnection, TopLink, TopNamespace, TopReport } from './top-report.ts'
import { type PlaceCounters, type TopPlace, WatchedPlace } from './watched-place.ts'

/** A reading: when, and what. */
interface Reading {
  readonly at: number
  readonly counters: PlaceCounters
}

const IFF_LOOPBACK = 8
/** Processes are looked for only for so many connections, those with the most traffic: it means a walk over /proc. */
const MOST_OWNED = 100

/** Watches namespaces. Close it. */
export class TopSampler {
  readonly #places = new Map<string, WatchedPlace>()
  readonly #readings = new Map<string, Reading>()

  /** Namespaces that are watched. */
  get inodes(): ReadonlySet<string> {
    return new Set(this.#places.keys())
  }

  /** Watches a namespace from now on; takes it over, and closes it when that fails. */
  add(place: TopPlace): void {
    try {
      this.#places.set(place.inode, new WatchedPlace(place))
    } catch (error) {
      place.namespace.close()
      throw error
    }
  }

  /** Watches a namespace no more. */
  remove(inode: string): void {
    this.#places.get(inode)?.close()
    this.#places.delete(inode)
    this.#readings.delete(inode)
  }

  /** What happened since the last time; of a namespace that is read for the first time, nothing yet. */
  sample(): TopReport {
    const namespaces: TopNamespace[] = []
    const links: TopLink[] = []
    const connections: (TopConnection & { readonly inode: number })[] = []
    let longest = 0
    for (const [inode, watched] of this.#places) {
      const before = this.#readings.get(inode)
      const now: Reading = { at: performance.now(), counters: watched.read() }
      this.#readings.set(inode, now)
      if (before === undefined) continue
      const seconds = Math.max(0.001, (now.at - before.at) / 1000)
      longest = Math.max(longest, seconds)
      const { label } = watched.place
      const its = linkRates(label, before.counters.links, now.counters.links, seconds)
      links.push(...its.map(({ link }) => link))
      connections.push(...socketRates(label, before.counters.sockets, now.counters.sockets, seconds))
      connections.push(...trackedRates(label, before.counters.tracked, now.counters.tracked, seconds))
      namespaces.push(namespaceRates(watched.place, its, before.counters, now.counters, seconds))
    }
    return {
      schema: 'netwright/top/v1',
      time: new Date().toISOString(),
      milliseconds: Math.round(longest * 1000),
      namespaces,
      links,
      connections: withProcesses(connections),
    }
  }

  close(): void {
    for (const inode of [...this.#places.keys()]) this.remove(inode)
  }
}

function linkRates(
  namespace: string,
  before: readonly Link[],
  now: readonly Link[],
  seconds: number,
): { readonly link: TopLink; readonly loopback: boolean }[] {
  const old = new Map(before.map((link) => [link.index, link]))
  return now.flatMap((link) => {
    const then = old.get(link.index)
    const { statistics } = link
    if (then?.statistics === undefined || statistics === undefined) return []
    const difference = (name: keyof typeof statistics): number =>
      Math.max(0, Number((statistics[name] ?? 0n) - (then.statistics?.[name] ?? 0n)))
    const rate = (...names: (keyof typeof statistics)[]): number =>
      Math.round(names.reduce((sum, name) => sum + difference(name), 0) / seconds)
    const rates: TopLink = {
      namespace,
      interface: link.name ?? `#${link.index}`,
      receivedBitsPerSecond: Math.round((difference('rxBytes') * 8) / seconds),
      sentBitsPerSecond: Math.round((difference('txBytes') * 8) / seconds),
      receivedPacketsPerSecond: rate('rxPackets'),
      sentPacketsPerSecond: rate('txPackets'),
      lostPacketsPerSecond: rate('rxErrors', 'txErrors', 'rxDropped', 'txDropped'),
    }
    return [{ link: rates, loopback: (link.flags & IFF_LOOPBACK) !== 0 }]
  })
}

function namespaceRates(
  { label, inode }: TopPlace,
  links: readonly { readonly link: TopLink; readonly loopback: boolean }[],
  before: PlaceCounters,
  now: PlaceCounters,
  seconds: number,
): TopNamespace {
  const outward = links.filter(({ loopback }) => !loopback).map(({ link }) => link)
  const sum = (name: 'receivedBitsPerSecond' | 'sentBitsPerSecond'): number =>
    outward.reduce((so, link) => so + link[name], 0)
  const used = now.use?.cpuMicroseconds
  const usedBefore = before.use?.cpuMicroseconds
  const known = used !== undefined && usedBefore !== undefined && now.use?.group === before.use?.group
  return {
    namespace: label,
    inode,
    receivedBitsPerSecond: sum('receivedBitsPerSecond'),
    sentBitsPerSecond: sum('sentBitsPerSecond'),
    connections: now.sockets.length,
    cpuPercent: known ? Math.round((Math.max(0, used - usedBefore) / seconds / 1e6) * 1000) / 10 : null,
    memoryBytes: now.use?.memoryBytes ?? null,
    memoryLimitBytes: now.use?.memoryLimit ?? null,
  }
}

function socketRates(
  namespace: string,
  before: readonly InetSocket[],
  now: readonly InetSocket[],
  seconds: number,
): (TopConnection & { readonly inode: number })[] {
  const old = new Map(before.map((socket) => [socket.cookie, socket]))
  return now.flatMap((socket) => {
    const { tcp } = socket
    if (tcp === undefined) return []
    // One that was not there before has carried everything since then.
    const then = old.get(socket.cookie)?.tcp
    const received = Number(tcp.bytesReceived - (then?.bytesReceived ?? 0n))
    const sent = Number(tcp.bytesAcknowledged - (then?.bytesAcknowledged ?? 0n))
    return [
      {
        namespace,
        protocol: 'tcp',
        local: place(socket.local.address, socket.local.port),
        remote: place(socket.remote.address, socket.remote.port),
        receivedBitsPerSecond: Math.round((Math.max(0, received) * 8) / seconds),
        sentBitsPerSecond: Math.round((Math.max(0, sent) * 8) / seconds),
        roundTripMicroseconds: tcp.roundTripTime,
        retransmits: tcp.totalRetransmissions - (then?.totalRetransmissions ?? 0),
        process: null,
        inode: socket.inode,
      },
    ]
  })
}

function trackedRates(
  namespace: string,
  before: readonly Connection[],
  now: readonly Connection[],
  seconds: number,
): (TopConnection & { readonly inode: number })[] {
  const old = new Map(before.map((connection) => [connection.id, connection]))
  return now.map((connection) => {
    const then = old.get(connection.id)
    const bytes = (direction: 'original' | 'reply'): number =>
      Number((connection.counters[direction]?.bytes ?? 0n) - (then?.counters[direction]?.bytes ?? 0n))
    const { original } = connection
    return {
      namespace,
      protocol: 'udp',
      local: place(original.source, original.sourcePort ?? 0),
      remote: place(original.destination, original.destinationPort ?? 0),
      receivedBitsPerSecond: Math.round((Math.max(0, bytes('reply')) * 8) / seconds),
      sentBitsPerSecond: Math.round((Math.max(0, bytes('original')) * 8) / seconds),
      roundTripMicroseconds: null,
      retransmits: null,
      process: null,
      inode: 0,
    }
  })
}

/** Busiest first; those get the names of their processes. */
function withProcesses(connections: readonly (TopConnection & { readonly inode: number })[]): TopConnection[] {
  const sorted = connections.toSorted((a, b) => trafficOf(b) - trafficOf(a))
  const wanted = sorted.slice(0, MOST_OWNED).map(({ inode }) => inode)
  const { owners } = socketOwners(wanted)
  return sorted.map(({ inode, ...connection }) => {
    const [owner] = inode === 0 ? [] : (owners.get(inode) ?? [])
    return owner === undefined ? connection : { ...connection, process: `${owner.command} (${owner.pid})` }
  })
}

function trafficOf({ receivedBitsPerSecond, sentBitsPerSecond }: TopConnection): number {
  return receivedBitsPerSecond + sentBitsPerSecond
}

function place(address: string, port: number): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`
}
