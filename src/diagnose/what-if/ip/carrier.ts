/** Carriers of interfaces: what the flags and the operational state say. */
import { type Link, LinkFlag } from '../../../kernel/index.ts'

/** An interface that is up, with a carrier. */
export function withCarrier(link: Link): Link {
  return { ...link, flags: link.flags | LinkFlag.running | LinkFlag.lowerUp, operstate: 'up', carrier: 1 }
}

/** An interface without a carrier: the far end is down. */
export function withoutCarrier(link: Link): Link {
  return {
    ...link,
    flags: link.flags & ~(LinkFlag.running | LinkFlag.lowerUp),
    operstate: 'lowerlayerdown',
    carrier: 0,
  }
}

/** An interface that is administratively down. */
export function whenDown(link: Link): Link {
  const flags = link.flags & ~(LinkFlag.up | LinkFlag.running | LinkFlag.lowerUp)
  return { ...link, flags, operstate: 'down', carrier: 0 }
}
