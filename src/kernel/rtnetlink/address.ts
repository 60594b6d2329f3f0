/** IP addresses of interfaces: RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR (rtnetlink(7), linux/if_addr.h). */
import { ip } from '../netlink/address-value.ts'
import { attribute, attributes } from '../netlink/attributes.ts'
import { type MessageOf, messageKind, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE, project } from '../netlink/message.ts'
import type { NetlinkSocket, Query, Request } from '../netlink/socket.ts'
import { s32, string, struct, u8, u32 } from '../netlink/value.ts'
import { wholeTable } from '../netlink/whole-table.ts'
import { RouteMessage } from './message-type.ts'
import { AddressFamily, parsePrefix } from './prefix.ts'

/** struct ifaddrmsg. `flags` holds the lower eight bits only; the attribute `allFlags` has them all. */
const addressHeader = struct({ family: u8, prefixLength: u8, flags: u8, scope: u8, index: u32 })

/** struct ifa_cacheinfo. Lifetimes are seconds, 4294967295 for ever; time stamps hundredths of a second since boot. */
const cacheInfo = struct({ preferred: u32, valid: u32, created: u32, updated: u32 })

/** An address message. On a point-to-point link `local` is ours and `address` the peer's; elsewhere they are equal. */
export const addressKind = messageKind(
  addressHeader,
  attributes({
    address: attribute(1, ip),
    local: attribute(2, ip),
    label: attribute(3, string),
    broadcast: attribute(4, ip),
    anycast: attribute(5, ip),
    cacheInfo: attribute(6, cacheInfo),
    multicast: attribute(7, ip),
    allFlags: attribute(8, u32),
    routePriority: attribute(9, u32),
    targetNetnsid: attribute(10, s32),
    protocol: attribute(11, u8),
  }),
)
/** An address of an interface. IPv6 addresses without a peer have no `local`; see `ownAddress`. */
export type Address = MessageOf<typeof addressKind>

/** What a survey of many namespaces reads of each address. */
export const addressSummaryKind = project(addressKind, ['address', 'local', 'allFlags'])
/** An address as a survey sees it. */
export type AddressSummary = MessageOf<typeof addressSummaryKind>

/** Flags of an address (IFA_F_*). */
export const AddressFlag = {
  secondary: 0x1,
  noDad: 0x2,
  optimistic: 0x4,
  dadFailed: 0x8,
  homeAddress: 0x10,
  deprecated: 0x20,
  tentative: 0x40,
  permanent: 0x80,
  manageTemporary: 0x100,
  noPrefixRoute: 0x200,
  multicastAutoJoin: 0x400,
  stablePrivacy: 0x800,
} as const

/** Which addresses to list. */
export interface ListAddressesOptions {
  /** Id, in the socket's namespace, of the namespace to list; its own when left out. */
  readonly targetNetnsid?: number
  /** AF_INET (2) or AF_INET6 (10); both when left out. */
  readonly family?: number
  /** Only of the interface with this index. */
  readonly index?: number
}

/** All addresses of a namespace. @throws NetlinkError EINVAL when no namespace has the id `targetNetnsid` */
export function listAddresses(socket: NetlinkSocket, options: ListAddressesOptions = {}): Address[] {
  return socket.dump(
    Object.keys(options).length === 0 ? allAddresses(undefined) : { ...listRequest(options), reply: addressKind },
  )
}

const allAddresses = wholeTable((_: undefined): Query<Address, Address> => ({ ...listRequest({}), reply: addressKind }))

/** All addresses of a namespace as a survey sees them. @throws NetlinkError EINVAL when no namespace has that id */
export function listAddressSummaries(socket: NetlinkSocket, options: ListAddressesOptions = {}): AddressSummary[] {
  return socket.dump({ ...listRequest(options), reply: addressSummaryKind, tolerateInterruption: true })
}

function listRequest(options: ListAddressesOptions): Request<Address> {
  return {
    operation: 'RTM_GETADDR',
    type: RouteMessage.getAddress,
    kind: addressKind,
    body: {
      family: options.family ?? AddressFamily.unspecified,
      index: options.index ?? 0,
      ...(options.targetNetnsid === undefined ? {} : { targetNetnsid: options.targetNetnsid }),
    },
  }
}

/** The interface's own address: `local` where there is one, else `address`. */
export function ownAddress(address: AddressSummary): string | undefined {
  return address.local ?? address.address
}

/** An address to add or delete. */
export interface AddressSpec {
  /** Index of the interface. */
  readonly index: number
  /** `10.1.2.3/24` or `fd00::1/64`. */
  readonly prefix: string
  /** Address of the far end, on a point-to-point link. */
  readonly peer?: string
  readonly broadcast?: string
  readonly scope?: number
  /** IFA_F_* bits, for example `AddressFlag.noDad`. */
  readonly flags?: number
  readonly label?: string
  readonly protocol?: number
}

/** A request that adds an address; EEXIST when it is there, unless `replace`. @throws RangeError on a malformed prefix */
export function newAddressRequest(spec: AddressSpec, options: { replace?: boolean } = {}): Request<Address> {
  return {
    operation: `RTM_NEWADDR ${spec.prefix}`,
    type: RouteMessage.newAddress,
    flags: NLM_F_CREATE | (options.replace === true ? NLM_F_REPLACE : NLM_F_EXCL),
    kind: addressKind,
    body: addressBody(spec),
  }
}

/** A request that deletes an address. @throws RangeError on a malformed prefix */
export function deleteAddressRequest(spec: AddressSpec): Request<Address> {
  return {
    operation: `RTM_DELADDR ${spec.prefix}`,
    type: RouteMessage.deleteAddress,
    kind: addressKind,
    body: addressBody(spec),
  }
}

/** Adds an address. @throws NetlinkError EEXIST, ENODEV; RangeError on a malformed prefix */
export function addAddress(socket: NetlinkSocket, spec: AddressSpec): void {
  socket.request(newAddressRequest(spec))
}

/** Deletes an address. @throws NetlinkError EADDRNOTAVAIL, ENODEV; RangeError on a malformed prefix */
export function deleteAddress(socket: NetlinkSocket, spec: AddressSpec): void {
  socket.request(deleteAddressRequest(spec))
}

function addressBody(spec: AddressSpec): Partial<Address> {
  const { address, length, family } = parsePrefix(spec.prefix)
  return {
    family,
    prefixLength: length,
    index: spec.index,
    scope: spec.scope ?? 0,
    local: address,
    address: spec.peer ?? address,
    ...(spec.broadcast === undefined ? {} : { broadcast: spec.broadcast }),
    ...(spec.label === undefined ? {} : { label: spec.label }),
    ...(spec.flags === undefined ? {} : { allFlags: spec.flags }),
    ...(spec.protocol === undefined ? {} : { protocol: spec.protocol }),
  }
}
