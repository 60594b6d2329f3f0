/**
 * Whole frames: `capture-ring.ts` takes them in, `packet-sender.ts` puts them out; `block.ts` reads the ring's memory,
 * `block-cursor.ts` too, for those who cannot afford an object a packet; `gather-writer.ts` writes from it; `filter.ts` has the
 * kernel choose, `libpcap.ts` compiles what it is to choose; `packet-socket.ts` is what both stand on; `packet-watch.ts` waits for a few packets on all
 * interfaces at once.
 */
export { assembleFilter, BPF_PROTOCOL, Bpf, type BpfInstruction } from './assemble.ts'
export { BlockCursor, HEADROOM, PacketStatus, TAILROOM } from './block-cursor.ts'
export { type CaptureOptions, CaptureRing, type CaptureStatistics } from './capture-ring.ts'
export type { CapturedPacket, PacketDirection } from './captured-packet.ts'
export { GatherWriter } from './gather-writer.ts'
export {
  compileFilter,
  compileFilterForAnyLink,
  FilterExpressionError,
  FilterLink,
  memoryAddress,
  PcapMissingError,
  packetMatches,
} from './libpcap.ts'
export { PacketSender } from './packet-sender.ts'
export { PacketWatch, type PacketWatchOptions, type WatchedPacket } from './packet-watch.ts'
export { keepTimeStamps } from './time-stamps.ts'
