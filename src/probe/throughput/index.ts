/**
 * Throughput between two namespaces. `measure-throughput.ts` runs carriers (`tcp-carrier.ts`, `udp-carrier.ts`) and samples
 * them; `throughput-report.ts` is the document.
 */
export {
  measureThroughput,
  type ThroughputEnd,
  type ThroughputInit,
  threadsForThroughput,
} from './measure-throughput.ts'
export type {
  DatagramCounts,
  ThroughputDirection,
  ThroughputReport,
  ThroughputSample,
} from './throughput-report.ts'
export { SMALLEST_DATAGRAM } from './udp-carrier.ts'
