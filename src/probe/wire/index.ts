/** Packets as probes send and read them, and who objects to them. */
export { type IcmpReason, reasonText } from './icmp.ts'
export type { IcmpObjection } from './icmp-listener.ts'
