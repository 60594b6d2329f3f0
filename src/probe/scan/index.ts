/**
 * Scans. `scan-ports.ts` asks one address about many ports, `sweep.ts` many addresses whether anybody is there; `ranges.ts`
 * reads how people write both. `syn-socket.ts`, `arp-asker.ts` and `far-asker.ts` do the asking.
 */
export { MOST_ADDRESSES, parseAddresses, parsePorts } from './ranges.ts'
export { type PortScan, type PortState, type ScanInit, type ScannedPort, scanPorts } from './scan-ports.ts'
export { type Sweep, type SweepEvidence, type SweepInit, type SweptHost, sweep } from './sweep.ts'
