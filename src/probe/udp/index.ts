/** UDP: `datagram.ts` sends, and says whether anybody answered. */
export { type DatagramInit, type DatagramOutcome, type DatagramProbe, sendDatagram } from './datagram.ts'
