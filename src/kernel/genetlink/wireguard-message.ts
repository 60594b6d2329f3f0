/** WireGuard on the wire (linux/wireguard.h, generic netlink family `wireguard`). */
import { AF_INET, AF_INET6 } from '../constants.ts'
import { formatIPv4, formatIPv6, ip, parseIp } from '../netlink/address-value.ts'
import { type Attribute, attribute, attributes, listOf } from '../netlink/attributes.ts'
import { readU16, readU32, writeU16, writeU32 } from '../netlink/byte-order.ts'
import { fixedBytes, string, struct, u8, u16, u32, u64, type Value } from '../netlink/value.ts'
import { genericKind } from './generic-message.ts'

/** WG_CMD_* */
export const WireguardCommand = { getDevice: 0, setDevice: 1 } as const

/** An address and a port. */
export interface WireguardEndpoint {
  readonly address: string
  readonly port: number
}

const SOCKADDR_IN = 16
const SOCKADDR_IN6 = 28

/** `struct sockaddr_in` or `sockaddr_in6`; undefined for another family. */
const socketAddress: Value<WireguardEndpoint | undefined> = {
  minimum: SOCKADDR_IN,
  read(bytes, offset, length) {
    const family = readU16(bytes, offset)
    const port = bytes.readUInt16BE(offset + 2)
    if (family === AF_INET) return { address: formatIPv4(bytes, offset + 4), port }
    if (family !== AF_INET6 || length < SOCKADDR_IN6) return undefined
    // Link-local endpoints need their interface; it follows the address as RFC 4007 writes it.
    const scope = readU32(bytes, offset + 24)
    return { address: `${formatIPv6(bytes, offset + 8)}${scope === 0 ? '' : `%${scope}`}`, port }
  },
  write(writer, endpoint) {
    if (endpoint === undefined) return
    const [address = '', scope = '0'] = endpoint.address.split('%')
    const bytes = parseIp(address)
    const v6 = bytes.length === 16
    const start = writer.reserve(v6 ? SOCKADDR_IN6 : SOCKADDR_IN)
    writeU16(writer.bytes, v6 ? AF_INET6 : AF_INET, start)
    writer.bytes.writeUInt16BE(endpoint.port, start + 2)
    writer.bytes.set(bytes, start + (v6 ? 8 : 4))
    if (v6) writeU32(writer.bytes, Number(scope), start + 24)
  },
}

const key = fixedBytes(32)

const allowedIp = attributes({ family: attribute(1, u16), address: attribute(2, ip), prefix: attribute(3, u8) })

const openPeerFields = {
  publicKey: attribute(1, key),
  flags: attribute(3, u32),
  endpoint: attribute(4, socketAddress),
  keepaliveInterval: attribute(5, u16),
  lastHandshake: attribute(6, struct({ seconds: u64, nanoseconds: u64 })),
  receivedBytes: attribute(7, u64),
  sentBytes: attribute(8, u64),
  allowedIps: attribute(9, listOf(allowedIp)),
  protocolVersion: attribute(10, u32),
} as const

function openDeviceFields<P>(peers: Attribute<P>) {
  return {
    index: attribute(1, u32),
    name: attribute(2, string),
    publicKey: attribute(4, key),
    flags: attribute(5, u32),
    listenPort: attribute(6, u16),
    firewallMark: attribute(7, u32),
    peers,
  }
}

/**
 * A device without its secrets. The kernel sends them to whoever may ask; this kind leaves them in the receive buffer, and
 * keeps no unknown attributes either, so that they cannot reach any output.
 */
export const wireguardDevice = genericKind(
  attributes(openDeviceFields(attribute(8, listOf(attributes(openPeerFields, false)))), false),
)

/** A device with its private key and its peers' preshared keys, for those who ask and for setting them. */
export const wireguardDeviceWithSecrets = genericKind(
  attributes({
    privateKey: attribute(3, key),
    ...openDeviceFields(attribute(8, listOf(attributes({ presharedKey: attribute(2, key), ...openPeerFields })))),
  }),
)
