/**
 * Steady traffic with a label. `make-traffic.ts` sends at a rate over a way (`message-way.ts`) and keeps count
 * (`message-count.ts`); `traffic-report.ts` is the document.
 */
export { makeTraffic, type TrafficInit } from './make-traffic.ts'
export { SMALLEST_MESSAGE } from './message-way.ts'
export type { TrafficLatency, TrafficReport } from './traffic-report.ts'
