/** What a link's message says, in the words that the way of a packet is told in. */
import { type Link, LinkFlag } from '../../kernel/index.ts'

/** Link-layer address that stands for none. */
export const ZERO_MAC = '00:00:00:00:00:00'

/** rtnetlink's kind; `loopback` and `device` for links that have none. */
export function kindOf(link: Link): string {
  if ((link.flags & LinkFlag.loopback) !== 0) return 'loopback'
  return link.info?.kind ?? 'device'
}

/** Administratively up. */
export function isUp(link: Link): boolean {
  return (link.flags & LinkFlag.up) !== 0
}

/** Has a carrier. The flag says it as of now; links that are down have none to speak of. */
export function hasCarrier(link: Link): boolean {
  return (link.flags & LinkFlag.lowerUp) !== 0 || link.carrier === 1
}

/** Needs no neighbours: what it sends needs no link-layer address (point-to-point, tunnels, loopback). */
export function hasNeighbours(link: Link): boolean {
  return (link.flags & (LinkFlag.noArp | LinkFlag.loopback | LinkFlag.pointToPoint)) === 0
}

/** Name for people. */
export function nameOf(link: Link): string {
  return link.name ?? `#${link.index}`
}

/** Link-layer address. */
export function macOf(link: Link): string {
  return link.address ?? ZERO_MAC
}

/** Bytes of IP that fit. */
export function mtuOf(link: Link): number {
  return link.mtu ?? 65536
}

/** Index of the bridge that the link is a port of. */
export function bridgeOf(link: Link): number | undefined {
  return link.info?.slaveKind === 'bridge' ? link.master : undefined
}
