/** Options of the queueing disciplines that labs and doctors meet (TCA_OPTIONS, linux/pkt_sched.h). */
import { type AttributesOf, attribute, attributes } from '../netlink/attributes.ts'
import { type StructOf, s16, s32, s64, struct, u8, u16, u32, u64, type Value } from '../netlink/value.ts'

/** struct tc_netem_qopt. Times in ticks of 64 ns, probabilities as shares of 4294967295. */
const netemHeader = struct({ latency: u32, limit: u32, loss: u32, gap: u32, duplicate: u32, jitter: u32 })
const chance = struct({ probability: u32, correlation: u32 })
const netemAttributes = attributes({
  correlation: attribute(1, struct({ delay: u32, loss: u32, duplicate: u32 })),
  reorder: attribute(3, chance),
  corrupt: attribute(4, chance),
  rate: attribute(6, struct({ rate: u32, packetOverhead: s32, cellSize: u32, cellOverhead: s32 })),
  ecn: attribute(7, u32),
  rate64: attribute(8, u64),
  /** Nanoseconds; replaces `latency`. */
  latency64: attribute(10, s64),
  /** Nanoseconds; replaces `jitter`. */
  jitter64: attribute(11, s64),
})

/** Delay, loss, duplication, reordering and rate of netem (tc-netem(8)). */
export type Netem = StructOf<(typeof netemHeader)['fields']> & AttributesOf<(typeof netemAttributes)['fields']>

/** A structure with attributes behind it. */
const netem: Value<Netem> = {
  minimum: netemHeader.minimum,
  read(bytes, offset, length) {
    const out = netemHeader.read(bytes, offset, netemHeader.minimum)
    netemAttributes.readInto(out, bytes, offset + netemHeader.minimum, length - netemHeader.minimum)
    return out as Netem
  },
  write(writer, value) {
    netemHeader.writePartial(writer, value)
    netemAttributes.write(writer, value)
  },
}

/** struct tc_ratespec; `rate` in bytes a second, 4294967295 when the 64-bit attribute has it. */
const rateSpec = struct({ cellLog: u8, linkLayer: u8, overhead: u16, cellAlign: s16, mpu: u16, rate: u32 })

const tbf = attributes({
  parameters: attribute(1, struct({ rate: rateSpec, peakRate: rateSpec, limit: u32, buffer: u32, mtu: u32 })),
  rate64: attribute(4, u64),
  peakRate64: attribute(5, u64),
  burst: attribute(6, u32),
  peakBurst: attribute(7, u32),
})

const htb = attributes({
  init: attribute(2, struct({ version: u32, rateToQuantum: u32, defaultClass: u32, debug: u32, directPackets: u32 })),
  directQueueLength: attribute(5, u32),
})

const fqCodel = attributes({
  /** Microseconds, like the other times here. */
  target: attribute(1, u32),
  limit: attribute(2, u32),
  interval: attribute(3, u32),
  ecn: attribute(4, u32),
  flows: attribute(5, u32),
  quantum: attribute(6, u32),
  ceThreshold: attribute(7, u32),
  dropBatchSize: attribute(8, u32),
  memoryLimit: attribute(9, u32),
})

/** pfifo counts packets, bfifo bytes. */
const fifo = struct({ limit: u32 })

/** Values that read options, by the kernel's name of the discipline, with the property that they appear under. */
export const qdiscOptions = {
  netem: { property: 'netem', value: netem },
  tbf: { property: 'tbf', value: tbf },
  htb: { property: 'htb', value: htb },
  fq_codel: { property: 'fqCodel', value: fqCodel },
  pfifo: { property: 'fifo', value: fifo },
  bfifo: { property: 'fifo', value: fifo },
} as const
