/** IPVS services and destinations as people write them, and the way between that and the wire. */
import { formatIPv4, formatIPv6, parseIp } from '../netlink/address-value.ts'
import type { AttributesOf } from '../netlink/attributes.ts'
import { readU32, writeU32 } from '../netlink/byte-order.ts'
import type { ipvsDestinationTable, ipvsServiceTable } from './ipvs-message.ts'

/** What identifies a service: an address, or a mark that the firewall sets. */
export type IpvsServiceKey =
  | { readonly protocol: IpvsProtocol; readonly address: string; readonly port: number }
  | { readonly firewallMark: number; readonly family: 'ipv4' | 'ipv6' }

/** Transport protocols that IPVS balances. */
export type IpvsProtocol = 'tcp' | 'udp' | 'sctp'

/** Service flags (IP_VS_SVC_F_*). What `scheduler-1` to `-3` mean depends on the scheduler. */
export type IpvsServiceFlag = 'persistent' | 'one-packet' | 'scheduler-1' | 'scheduler-2' | 'scheduler-3'

/** What may be set of a service. */
export interface IpvsServiceOptions {
  /** Name of the scheduler: `rr`, `wrr`, `lc`, … */
  readonly scheduler: string
  readonly flags?: readonly IpvsServiceFlag[]
  /** Seconds that a client stays with its destination, when the service is persistent. */
  readonly persistenceTimeout?: number
  /** Length of the prefix by which clients are told apart for that; whole addresses when left out. */
  readonly persistencePrefix?: number
}

/** Counters of a service or destination. */
export interface IpvsStatistics {
  readonly connections: bigint
  readonly packetsIn: bigint
  readonly packetsOut: bigint
  readonly bytesIn: bigint
  readonly bytesOut: bigint
}

/** A virtual service. */
export interface IpvsService extends Required<IpvsServiceOptions> {
  readonly key: IpvsServiceKey
  readonly statistics: IpvsStatistics
}

/** How packets reach a destination. */
export type IpvsForwarding = 'masquerade' | 'local' | 'tunnel' | 'direct-route' | 'bypass'

/** What identifies a destination within its service. */
export interface IpvsDestinationKey {
  readonly address: string
  readonly port: number
}

/** What may be set of a destination. */
export interface IpvsDestinationOptions {
  readonly forwarding: IpvsForwarding
  /** Share of new connections; 0 takes none and lets the old ones end. */
  readonly weight: number
  /** Connections above which it takes no new ones; 0 is no limit. */
  readonly upperThreshold?: number
  /** Connections below which it takes new ones again. */
  readonly lowerThreshold?: number
}

/** A destination (real server) of a service. */
export interface IpvsDestination extends IpvsDestinationKey, Required<IpvsDestinationOptions> {
  readonly activeConnections: number
  readonly inactiveConnections: number
  readonly persistentConnections: number
  readonly statistics: IpvsStatistics
}

type WireService = AttributesOf<(typeof ipvsServiceTable)['fields']>
type WireDestination = AttributesOf<(typeof ipvsDestinationTable)['fields']>

const FAMILY = { ipv4: 2, ipv6: 10 } as const
const PROTOCOL: Readonly<Record<IpvsProtocol, number>> = { tcp: 6, udp: 17, sctp: 132 }
const FORWARDING: readonly IpvsForwarding[] = ['masquerade', 'local', 'tunnel', 'direct-route', 'bypass']
/** IP_VS_CONN_F_FWD_MASK: the other bits of the field are the kernel's own. */
const FORWARDING_MASK = 7
/** Bit 1 (hashed) is the kernel's own. */
const FLAGS: Readonly<Record<IpvsServiceFlag, number>> = {
  persistent: 0x1,
  'one-packet': 0x4,
  'scheduler-1': 0x8,
  'scheduler-2': 0x10,
  'scheduler-3': 0x20,
}

/** A service as decoded; undefined when it lacks what every service has. */
export function serviceOf(wire: WireService): IpvsService | undefined {
  const key = keyOf(wire)
  if (key === undefined) return undefined
  return {
    key,
    scheduler: wire.scheduler ?? '',
    flags: (Object.keys(FLAGS) as IpvsServiceFlag[]).filter((flag) => ((wire.flags?.flags ?? 0) & FLAGS[flag]) !== 0),
    persistenceTimeout: wire.timeout ?? 0,
    persistencePrefix: prefixOf(wire),
    statistics: statisticsOf(wire.statistics),
  }
}

function keyOf(wire: WireService): IpvsServiceKey | undefined {
  if (wire.firewallMark !== undefined) {
    return { firewallMark: wire.firewallMark, family: wire.family === FAMILY.ipv6 ? 'ipv6' : 'ipv4' }
  }
  const protocol = (Object.keys(PROTOCOL) as IpvsProtocol[]).find((name) => PROTOCOL[name] === wire.protocol)
  if (protocol === undefined || wire.address === undefined || wire.port === undefined) return undefined
  return { protocol, address: addressOf(wire.address, wire.family), port: wire.port }
}

/** What names a service in a request. */
export function wireKey(key: IpvsServiceKey): WireService {
  if ('firewallMark' in key) return { family: FAMILY[key.family], firewallMark: key.firewallMark }
  return {
    family: familyOf(key.address),
    protocol: PROTOCOL[key.protocol],
    address: wireAddress(key.address),
    port: key.port,
  }
}

/** A whole service, as creating and changing one want it. */
export function wireService(key: IpvsServiceKey, options: IpvsServiceOptions): WireService {
  const named = wireKey(key)
  const flags = (options.flags ?? []).reduce((bits, flag) => bits | FLAGS[flag], 0)
  return {
    ...named,
    scheduler: options.scheduler,
    flags: { flags, mask: 0xffffffff },
    timeout: options.persistenceTimeout ?? 0,
    netmask: wireMask(named.family === FAMILY.ipv6, options.persistencePrefix),
  }
}

/** A destination as decoded; `service` gives the family where an old kernel does not. */
export function destinationOf(wire: WireDestination, service: IpvsServiceKey): IpvsDestination | undefined {
  if (wire.address === undefined) return undefined
  return {
    address: addressOf(wire.address, wire.family ?? wireKey(service).family),
    port: wire.port ?? 0,
    forwarding: FORWARDING[(wire.forwarding ?? 0) & FORWARDING_MASK] ?? 'masquerade',
    weight: wire.weight ?? 0,
    upperThreshold: wire.upperThreshold ?? 0,
    lowerThreshold: wire.lowerThreshold ?? 0,
    activeConnections: wire.activeConnections ?? 0,
    inactiveConnections: wire.inactiveConnections ?? 0,
    persistentConnections: wire.persistentConnections ?? 0,
    statistics: statisticsOf(wire.statistics),
  }
}

/** What names a destination in a request, and with options what it is to be. */
export function wireDestination(key: IpvsDestinationKey, options?: IpvsDestinationOptions): WireDestination {
  const named = { address: wireAddress(key.address), port: key.port, family: familyOf(key.address) }
  if (options === undefined) return named
  return {
    ...named,
    forwarding: FORWARDING.indexOf(options.forwarding),
    weight: options.weight,
    upperThreshold: options.upperThreshold ?? 0,
    lowerThreshold: options.lowerThreshold ?? 0,
  }
}

function familyOf(address: string): number {
  return address.includes(':') ? FAMILY.ipv6 : FAMILY.ipv4
}

/** Addresses of both families travel as 16 bytes (union nf_inet_addr), of which IPv4 uses the first four. */
function wireAddress(address: string): Buffer {
  const bytes = Buffer.alloc(16)
  bytes.set(parseIp(address))
  return bytes
}

function addressOf(bytes: Buffer, family: number | undefined): string {
  if (family === FAMILY.ipv6 && bytes.length >= 16) return formatIPv6(bytes, 0)
  return bytes.length >= 4 ? formatIPv4(bytes, 0) : bytes.toString('hex')
}

function wireMask(v6: boolean, prefix = v6 ? 128 : 32): Buffer {
  const bytes = Buffer.alloc(4)
  if (v6) writeU32(bytes, prefix, 0)
  else bytes.writeUInt32BE(prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0, 0)
  return bytes
}

function prefixOf(wire: WireService): number {
  const v6 = wire.family === FAMILY.ipv6
  if (wire.netmask === undefined || wire.netmask.length < 4) return v6 ? 128 : 32
  return v6 ? readU32(wire.netmask, 0) : Math.clz32(~wire.netmask.readUInt32BE(0))
}

function statisticsOf(wire: WireService['statistics']): IpvsStatistics {
  return {
    connections: wire?.connections ?? 0n,
    packetsIn: wire?.packetsIn ?? 0n,
    packetsOut: wire?.packetsOut ?? 0n,
    bytesIn: wire?.bytesIn ?? 0n,
    bytesOut: wire?.bytesOut ?? 0n,
  }
}
