/** Parts that states and policies share, as people write them, and the way between that and the wire. */
import { AF_INET, AF_INET6 } from '../constants.ts'
import { formatIPv4, formatIPv6, parseIp } from '../netlink/address-value.ts'
import type { MessageOf } from '../netlink/message.ts'
import type { xfrmState } from './xfrm-message.ts'

type WireState = MessageOf<typeof xfrmState>
/** Packets that a state or policy is about, on the wire. */
export type WireSelector = WireState['selector']

/** Which packets. What is left out matches all. */
export interface XfrmSelector {
  /** `10.0.0.0/24` */
  readonly source: string
  readonly destination: string
  /** IP protocol number. */
  readonly protocol?: number
  readonly sourcePort?: number
  readonly destinationPort?: number
  /** Index of an interface. */
  readonly interface?: number
}

/** What a packet is wrapped into. */
export type XfrmProtocol = 'esp' | 'ah' | 'comp'
/** How it is wrapped. */
export type XfrmMode = 'transport' | 'tunnel' | 'route-optimization' | 'in-trigger' | 'beet' | 'iptfs'

/** Bits of a firewall mark. */
export interface XfrmMark {
  readonly value: number
  readonly mask: number
}

const PROTOCOLS: Readonly<Record<XfrmProtocol, number>> = { esp: 50, ah: 51, comp: 108 }
const MODES: readonly XfrmMode[] = ['transport', 'tunnel', 'route-optimization', 'in-trigger', 'beet', 'iptfs']
const WHOLE_PORT = 0xffff

/** No limit of bytes and packets: all bits set (XFRM_INF). Zero would end the state with its first packet. */
const UNLIMITED = 0xffff_ffff_ffff_ffffn
/** Limits that never apply. */
export const NO_LIMITS: WireState['limits'] = {
  softBytes: UNLIMITED,
  hardBytes: UNLIMITED,
  softPackets: UNLIMITED,
  hardPackets: UNLIMITED,
  softAddSeconds: 0n,
  hardAddSeconds: 0n,
  softUseSeconds: 0n,
  hardUseSeconds: 0n,
}
/** Nothing used yet. */
export const NO_USAGE: WireState['usage'] = { bytes: 0n, packets: 0n, added: 0n, used: 0n }

/** Number of the address family of an address or prefix. */
export function familyOf(address: string): number {
  return address.includes(':') ? AF_INET6 : AF_INET
}

/** Text of a 16-byte address of a family. */
export function addressOf(bytes: Buffer, family: number): string {
  return family === AF_INET6 ? formatIPv6(bytes, 0) : formatIPv4(bytes, 0)
}

/** 16 bytes of an address. @throws RangeError when it is none */
export function wireAddress(address: string): Buffer {
  const bytes = Buffer.alloc(16)
  bytes.set(parseIp(address))
  return bytes
}

/** Name of a transformation's protocol; its number when it has none here. */
export function protocolOf(number: number): XfrmProtocol | number {
  return (Object.keys(PROTOCOLS) as XfrmProtocol[]).find((name) => PROTOCOLS[name] === number) ?? number
}

/** Number of a transformation's protocol. */
export function wireProtocol(protocol: XfrmProtocol | number): number {
  return typeof protocol === 'number' ? protocol : PROTOCOLS[protocol]
}

/** Name of a mode; its number when it has none here. */
export function modeOf(number: number): XfrmMode | number {
  return MODES[number] ?? number
}

/** Number of a mode. */
export function wireMode(mode: XfrmMode | number): number {
  return typeof mode === 'number' ? mode : MODES.indexOf(mode)
}

/** A selector as decoded; `family` is that of its state, because a selector that matches all may have none. */
export function selectorOf(wire: WireSelector, family: number): XfrmSelector {
  const own = wire.family === 0 ? family : wire.family
  return {
    source: `${addressOf(wire.source, own)}/${wire.sourcePrefix}`,
    destination: `${addressOf(wire.destination, own)}/${wire.destinationPrefix}`,
    ...(wire.protocol === 0 ? {} : { protocol: wire.protocol }),
    ...(wire.sourcePortMask === 0 ? {} : { sourcePort: wire.sourcePort }),
    ...(wire.destinationPortMask === 0 ? {} : { destinationPort: wire.destinationPort }),
    ...(wire.interface === 0 ? {} : { interface: wire.interface }),
  }
}

/** A selector for a request. @throws RangeError when an address is none */
export function wireSelector(selector: XfrmSelector): WireSelector {
  const source = prefixOf(selector.source)
  const destination = prefixOf(selector.destination)
  return {
    source: wireAddress(source.address),
    sourcePrefix: source.length,
    destination: wireAddress(destination.address),
    destinationPrefix: destination.length,
    family: familyOf(source.address),
    sourcePort: selector.sourcePort ?? 0,
    sourcePortMask: selector.sourcePort === undefined ? 0 : WHOLE_PORT,
    destinationPort: selector.destinationPort ?? 0,
    destinationPortMask: selector.destinationPort === undefined ? 0 : WHOLE_PORT,
    protocol: selector.protocol ?? 0,
    interface: selector.interface ?? 0,
    user: 0,
  }
}

/** A selector for every packet of a family. */
export function everything(family: number): XfrmSelector {
  const any = family === AF_INET6 ? '::/0' : '0.0.0.0/0'
  return { source: any, destination: any }
}

function prefixOf(text: string): { address: string; length: number } {
  const [address = '', length] = text.split('/')
  const whole = familyOf(address) === AF_INET6 ? 128 : 32
  return { address, length: length === undefined ? whole : Number(length) }
}
