/** Ping. `ping.ts` is the whole, `echo-socket.ts` sends and hears, `target-record.ts` keeps count. */
export {
  type EchoAnswer,
  type EchoError,
  type EchoListener,
  type EchoSend,
  EchoSocket,
  type EchoSocketInit,
} from './echo-socket.ts'
export { LARGEST_ECHO, type PingEvent, type PingInit, type PingReport, ping } from './ping.ts'
export type { RoundTripSummary } from './round-trips.ts'
export type { PingStatistics, PingTarget } from './target-record.ts'
