/**
 * Scans. `scan-ports.ts` asks one address about many ports, `sweep.ts` many addresses whether anybody is there; `ranges.ts`
 * reads how people write both. `syn-socket.ts`, `arp-asker.ts` and `far-asker.ts` do the asking.
 */

export type { SweepEvidence } from './asker.ts'
export type { PortScan, PortState, ScanInit, ScannedPort } from './port-scan.ts'
export { MOST_ADDRESSES, parseAddresses, parsePorts } from './ranges.ts'
export { scanPorts } from './scan-ports.ts'
export { type Sweep, type SweepInit, type SweptHost, sweep } from './sweep.ts'
