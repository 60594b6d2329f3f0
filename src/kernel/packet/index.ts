/**
 * Whole frames: `capture-ring.ts` takes them in, `packet-sender.ts` puts them out; `block.ts` reads the ring's memory,
 * `filter.ts` has the kernel choose, `packet-socket.ts` is what both stand on.
 */
export { type CaptureOptions, CaptureRing, type CaptureStatistics } from './capture-ring.ts'
export type { CapturedPacket, PacketDirection } from './captured-packet.ts'
export { PacketSender } from './packet-sender.ts'
