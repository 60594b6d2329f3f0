/** The bridge itself: made or found, addressed, and taken away when it was made by us. */
import { randomBytes } from 'node:crypto'
import {
  AddressFlag,
  type AddressSpec,
  deleteAddressRequest,
  getLink,
  hasCode,
  interfaceSysctl,
  type Link,
  linkUpRequest,
  listAddresses,
  type NamespaceHandle,
  type NetlinkSocket,
  newAddressRequest,
  newLinkRequest,
  ownAddress,
  setLinkRequest,
} from '../../../kernel/index.ts'
import { EngineError } from '../../errors.ts'
import type { NetworkRecord } from '../../model.ts'
import type { BridgeSettings } from './bridge-options.ts'
import { refuse, writeSetting } from './kernel-outcome.ts'
import { aliasOf, OWN_PROTOCOL, ownerOf } from './own-mark.ts'
import { bare, canonicalPrefix, poolOf } from './pools.ts'

/** The host's namespace, and a conversation with it. */
export interface HostLinks {
  readonly namespace: NamespaceHandle
  readonly socket: NetlinkSocket
}

/** A bridge that serves a network. */
export interface BridgeDevice {
  readonly index: number
  /** False for one that was there before, which is never deleted. */
  readonly ours: boolean
}

/** The link of a name; undefined when there is none. */
export function findLink(socket: NetlinkSocket, name: string): Link | undefined {
  try {
    return getLink(socket, { name })
  } catch (error) {
    if (hasCode(error, 'ENODEV')) return undefined
    throw error
  }
}

/**
 * Brings the network's bridge into being, or to what the network says: made when it is missing, with its addresses and
 * settings, up.
 * @throws EngineError bridge-taken when the name belongs to something else
 */
export function ensureBridge(host: HostLinks, network: NetworkRecord, settings: BridgeSettings): BridgeDevice {
  const device = findBridge(host.socket, network, settings) ?? makeBridge(host.socket, network, settings)
  const { bridgeName } = settings
  setAddresses(host.socket, device.index, gatewayAddresses(network, settings))
  if (device.ours) {
    // A bridge's own addresses are ours to give: no neighbour's advertisement may add to them or become the host's way out.
    writeSetting(host.namespace, interfaceSysctl('ipv6', bridgeName, 'disable_ipv6'), network.ipv6 ? 0 : 1)
    writeSetting(host.namespace, interfaceSysctl('ipv6', bridgeName, 'accept_ra'), 0)
  }
  refuse(host.socket.batch([linkUpRequest({ index: device.index })]))
  return device
}

/** The bridge that serves the network already: ours, or one that was named and was there before. */
export function findBridge(
  socket: NetlinkSocket,
  network: NetworkRecord,
  { bridgeName, named }: BridgeSettings,
): BridgeDevice | undefined {
  const link = findLink(socket, bridgeName)
  if (link === undefined) return undefined
  const owner = ownerOf(link.alias)
  if (link.info?.kind === 'bridge') {
    if (owner === network.id) return { index: link.index, ours: true }
    if (owner === undefined && named) return { index: link.index, ours: false }
  }
  const what = owner === undefined ? `another ${link.info?.kind ?? 'interface'}` : 'another network'
  throw new EngineError('bridge-taken', `the name ${bridgeName} is taken on this host by ${what}`, {
    network: network.id,
  })
}

function makeBridge(socket: NetlinkSocket, network: NetworkRecord, { bridgeName, mtu }: BridgeSettings): BridgeDevice {
  // A bridge without an address of its own takes the lowest of its ports, and so changes it under its neighbours' feet.
  const address = `02:42:${[...randomBytes(4)].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`
  refuse(
    socket.batch([
      newLinkRequest({ name: bridgeName, address, ...(mtu === undefined ? {} : { mtu }), info: { kind: 'bridge' } }),
      setLinkRequest(
        { name: bridgeName },
        { alias: aliasOf(network.id), afSpec: { inet6: { addressGeneration: 'none' } } },
      ),
    ]),
  )
  return { index: getLink(socket, { name: bridgeName }).index, ours: true }
}

/** Addresses, with prefix lengths, that the host has on the bridge. */
function gatewayAddresses(network: NetworkRecord, settings: BridgeSettings): string[] {
  const own = ([4, 6] as const).flatMap((family) => {
    const pool = poolOf(network, family)
    if (pool?.gateway == null || settings.gatewayModes[family] === 'isolated') return []
    if (family === 4 && settings.inhibitIPv4) return []
    return [`${bare(pool.gateway)}/${pool.pool.split('/')[1]}`]
  })
  // A router needs a link-local address (RFC 4861, 2.3); this one is usual, and there without a probe for duplicates.
  return own.some((prefix) => prefix.includes(':')) ? [...own, 'fe80::1/64'] : own
}

/** Gives the bridge the addresses that it lacks and takes those of ours away that it should not have. */
function setAddresses(socket: NetlinkSocket, index: number, wanted: readonly string[]): void {
  const present = listAddresses(socket, { index }).map((address) => ({
    prefix: `${ownAddress(address)}/${address.prefixLength}`,
    ours: address.protocol === OWN_PROTOCOL,
  }))
  const spec = (prefix: string): AddressSpec => ({
    index,
    prefix,
    protocol: OWN_PROTOCOL,
    ...(prefix.includes(':') ? { flags: AddressFlag.noDad } : {}),
  })
  const missing = wanted.filter((prefix) => !present.some((one) => one.prefix === canonicalPrefix(prefix)))
  const surplus = present.filter((one) => one.ours && !wanted.some((prefix) => canonicalPrefix(prefix) === one.prefix))
  refuse(
    socket.batch([
      ...surplus.map((one) => deleteAddressRequest(spec(one.prefix))),
      ...missing.map((prefix) => newAddressRequest(spec(prefix))),
    ]),
  )
}

/** Takes back from a bridge of others what it was given: our addresses, and the setting for ports on loopback. */
export function releaseBridge(host: HostLinks, index: number, bridgeName: string): void {
  setAddresses(host.socket, index, [])
  writeSetting(host.namespace, interfaceSysctl('ipv4', bridgeName, 'route_localnet'), 0)
}
