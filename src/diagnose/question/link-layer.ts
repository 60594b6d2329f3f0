/** Link-layer addresses that name one interface. */

/** Nobody's, everybody's, or a group's: all zeros, or the group bit set. */
export function isGroup(mac: string): boolean {
  return /^(00:)*00$/.test(mac) || (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1
}
