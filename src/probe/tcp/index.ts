/** TCP: `connect.ts` connects and says how that ended, `banner.ts` listens to what the server says first. */
export { readBanner } from './banner.ts'
export {
  type ConnectInit,
  type Connection,
  type ConnectOutcome,
  connect,
  type OpenConnection,
  tryConnect,
} from './connect.ts'
