/** Counters of a link (struct rtnl_link_stats64, linux/if_link.h), which grows at its end from kernel to kernel. */
import { readU64, writeU64 } from '../netlink/byte-order.ts'
import type { Value } from '../netlink/value.ts'

const names = [
  'rxPackets',
  'txPackets',
  'rxBytes',
  'txBytes',
  'rxErrors',
  'txErrors',
  'rxDropped',
  'txDropped',
  'multicast',
  'collisions',
  'rxLengthErrors',
  'rxOverErrors',
  'rxCrcErrors',
  'rxFrameErrors',
  'rxFifoErrors',
  'rxMissedErrors',
  'txAbortedErrors',
  'txCarrierErrors',
  'txFifoErrors',
  'txHeartbeatErrors',
  'txWindowErrors',
  'rxCompressed',
  'txCompressed',
  'rxNoHandler',
  'rxOtherHostDropped',
] as const

/** Counters by name; one that this kernel does not count yet is missing. */
export type LinkStatistics = Partial<Record<(typeof names)[number], bigint>>

/** The counters, as many as the kernel has. */
export const linkStatistics: Value<LinkStatistics> = {
  minimum: 0,
  read(bytes, offset, length) {
    const out: LinkStatistics = {}
    const count = Math.min(names.length, length >> 3)
    for (let i = 0; i < count; i++) out[names[i]!] = readU64(bytes, offset + i * 8)
    return out
  },
  write(writer, value) {
    for (const name of names) {
      const counter = value[name]
      if (counter === undefined) return
      const at = writer.reserve(8)
      writeU64(writer.bytes, counter, at)
    }
  },
}
