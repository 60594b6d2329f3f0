/** States of sockets, by the names that `ss` and its users know (net/tcp_states.h numbers them). */

/** A socket's state as `ss` writes it. `UNCONN` is what the kernel calls TCP_CLOSE: not connected. */
export type SocketState =
  | 'ESTAB'
  | 'SYN-SENT'
  | 'SYN-RECV'
  | 'FIN-WAIT-1'
  | 'FIN-WAIT-2'
  | 'TIME-WAIT'
  | 'UNCONN'
  | 'CLOSE-WAIT'
  | 'LAST-ACK'
  | 'LISTEN'
  | 'CLOSING'
  | 'BOUND-INACTIVE'
  | 'UNKNOWN'

// Half-open connections are TCP_NEW_SYN_RECV (12) inside the kernel and are reported as 3; both are asked for by one name.
const NUMBERS: Readonly<Record<number, SocketState>> = {
  1: 'ESTAB',
  2: 'SYN-SENT',
  3: 'SYN-RECV',
  4: 'FIN-WAIT-1',
  5: 'FIN-WAIT-2',
  6: 'TIME-WAIT',
  7: 'UNCONN',
  8: 'CLOSE-WAIT',
  9: 'LAST-ACK',
  10: 'LISTEN',
  11: 'CLOSING',
  12: 'SYN-RECV',
  13: 'BOUND-INACTIVE',
}

/** Asks for sockets in every state. */
export const EVERY_STATE = 0xffffffff

/** The name of a state number; `UNKNOWN` for one that a newer kernel may have. */
export function socketState(number: number): SocketState {
  return NUMBERS[number] ?? 'UNKNOWN'
}

/** The bit mask that asks for these states; for every state when there are none given. */
export function stateMask(states: readonly SocketState[] | undefined): number {
  if (states === undefined) return EVERY_STATE
  let mask = 0
  for (const [number, name] of Object.entries(NUMBERS)) if (states.includes(name)) mask |= 1 << Number(number)
  return mask >>> 0
}
