/** WireGuard devices and their peers. */
import { AF_INET, AF_INET6 } from '../constants.ts'
import type { MessageOf } from '../netlink/message.ts'
import type { NamespaceHandle } from '../netns/enter.ts'
import type { FamilyLookup } from './generic-family.ts'
import { GenericSocket } from './generic-socket.ts'
import {
  WireguardCommand,
  type WireguardEndpoint,
  wireguardDevice,
  wireguardDeviceWithSecrets,
} from './wireguard-message.ts'

/** A peer of a device. Keys are in base64, as `wg` writes them. */
export interface WireguardPeer {
  readonly publicKey: string
  /** Only when secrets were asked for, and the peer has one. */
  readonly presharedKey: string | undefined
  /** Where it was last heard, or where it was configured to be. */
  readonly endpoint: WireguardEndpoint | undefined
  /** `10.0.0.2/32`: sources that are taken from it, destinations that are sent to it. */
  readonly allowedIps: readonly string[]
  /** Seconds; 0 is off. */
  readonly keepaliveInterval: number
  /** Undefined when there never was one. */
  readonly lastHandshake: Date | undefined
  readonly receivedBytes: bigint
  readonly sentBytes: bigint
}

/** A WireGuard interface. */
export interface WireguardDevice {
  readonly index: number
  readonly name: string
  /** Undefined until a private key is set. */
  readonly publicKey: string | undefined
  /** Only when secrets were asked for, and it has one. */
  readonly privateKey: string | undefined
  readonly listenPort: number
  /** Mark of the packets that carry the tunnel; 0 is none. */
  readonly firewallMark: number
  readonly peers: readonly WireguardPeer[]
}

/** What to set of a peer. */
export interface WireguardPeerSettings {
  readonly publicKey: string
  readonly presharedKey?: string
  readonly endpoint?: WireguardEndpoint
  readonly allowedIps?: readonly string[]
  readonly keepaliveInterval?: number
  /** Take the peer away instead. */
  readonly remove?: boolean
}

/** What to set of a device; what is left out stays as it is. */
export interface WireguardSettings {
  readonly privateKey?: string
  readonly listenPort?: number
  readonly firewallMark?: number
  /** Forget every peer that is not named here. */
  readonly replacePeers?: boolean
  readonly peers?: readonly WireguardPeerSettings[]
}

/** WGDEVICE_F_REPLACE_PEERS */
const REPLACE_PEERS = 0x1
/** WGPEER_F_REMOVE_ME, WGPEER_F_REPLACE_ALLOWEDIPS */
const REMOVE_PEER = 0x1
const REPLACE_ALLOWED_IPS = 0x2
const KEY_LENGTH = 32

type Wire = MessageOf<typeof wireguardDeviceWithSecrets>
type WirePeer = NonNullable<Wire['peers']>[number]

/** WireGuard in one namespace. Close it when done. Every method throws NetlinkError when the kernel refuses. */
export class Wireguard {
  readonly #socket: GenericSocket

  constructor(socket: GenericSocket) {
    this.#socket = socket
  }

  /** @throws FamilyMissingError when this kernel has no WireGuard, or has not loaded it (`lookup.load` loads it) */
  static open(namespace?: NamespaceHandle, lookup?: FamilyLookup): Wireguard {
    return new Wireguard(GenericSocket.open('wireguard', namespace, lookup))
  }

  /**
   * One device with all its peers. Private and preshared keys are decoded only on request.
   * @throws NetlinkError ENODEV when there is no such interface, EOPNOTSUPP when it is of another kind, EPERM
   */
  device(name: string, { secrets = false }: { secrets?: boolean } = {}): WireguardDevice {
    const query = {
      operation: 'WG_CMD_GET_DEVICE',
      command: WireguardCommand.getDevice,
      kind: wireguardDevice,
      body: { name },
    }
    const parts: Wire[] = this.#socket.dump({
      ...query,
      reply: secrets ? wireguardDeviceWithSecrets : wireguardDevice,
    })
    return deviceOf(parts, name)
  }

  /** Changes a device and its peers. @throws RangeError when a key is not 32 bytes in base64 */
  configure(name: string, settings: WireguardSettings): void {
    this.#socket.request({
      operation: 'WG_CMD_SET_DEVICE',
      command: WireguardCommand.setDevice,
      kind: wireguardDeviceWithSecrets,
      body: wireDevice(name, settings),
    })
  }

  close(): void {
    this.#socket.close()
  }
}

/**
 * Joins the messages of one dump. A device with many peers comes in several; one whose last peer did not fit goes on in the
 * next with the same public key and the rest of its allowed addresses (drivers/net/wireguard/netlink.c, wg_get_device_dump).
 */
function deviceOf(parts: readonly Wire[], name: string): WireguardDevice {
  const first = parts[0]
  return {
    index: first?.index ?? 0,
    name: first?.name ?? name,
    publicKey: base64(first?.publicKey),
    privateKey: base64(first?.privateKey),
    listenPort: first?.listenPort ?? 0,
    firewallMark: first?.firewallMark ?? 0,
    peers: joinPeers(parts.flatMap((part) => part.peers ?? [])),
  }
}

function joinPeers(wires: readonly WirePeer[]): WireguardPeer[] {
  const peers: WireguardPeer[] = []
  for (const wire of wires) {
    const peer = peerOf(wire)
    const before = peers.at(-1)
    if (before?.publicKey !== peer.publicKey) peers.push(peer)
    else peers[peers.length - 1] = { ...before, allowedIps: [...before.allowedIps, ...peer.allowedIps] }
  }
  return peers
}

function peerOf(wire: WirePeer): WireguardPeer {
  const { seconds = 0n, nanoseconds = 0n } = wire.lastHandshake ?? {}
  return {
    publicKey: base64(wire.publicKey) ?? '',
    presharedKey: base64(wire.presharedKey),
    endpoint: wire.endpoint,
    allowedIps: (wire.allowedIps ?? []).map((allowed) => `${allowed.address ?? ''}/${allowed.prefix ?? 0}`),
    keepaliveInterval: wire.keepaliveInterval ?? 0,
    lastHandshake: seconds === 0n ? undefined : new Date(Number(seconds) * 1000 + Number(nanoseconds / 1_000_000n)),
    receivedBytes: wire.receivedBytes ?? 0n,
    sentBytes: wire.sentBytes ?? 0n,
  }
}

/** A key of zeros is how the kernel says that there is none. */
function base64(key: Buffer | undefined): string | undefined {
  return key?.some((byte) => byte !== 0) === true ? key.toString('base64') : undefined
}

function wireDevice(name: string, settings: WireguardSettings): Partial<Wire> {
  return {
    name,
    ...(settings.privateKey === undefined ? {} : { privateKey: keyBytes(settings.privateKey) }),
    ...(settings.listenPort === undefined ? {} : { listenPort: settings.listenPort }),
    ...(settings.firewallMark === undefined ? {} : { firewallMark: settings.firewallMark }),
    ...(settings.replacePeers === true ? { flags: REPLACE_PEERS } : {}),
    ...(settings.peers === undefined ? {} : { peers: settings.peers.map(wirePeer) }),
  }
}

function wirePeer(peer: WireguardPeerSettings): WirePeer {
  if (peer.remove === true) return { publicKey: keyBytes(peer.publicKey), flags: REMOVE_PEER }
  return {
    publicKey: keyBytes(peer.publicKey),
    ...(peer.presharedKey === undefined ? {} : { presharedKey: keyBytes(peer.presharedKey) }),
    ...(peer.endpoint === undefined ? {} : { endpoint: peer.endpoint }),
    ...(peer.keepaliveInterval === undefined ? {} : { keepaliveInterval: peer.keepaliveInterval }),
    ...(peer.allowedIps === undefined
      ? {}
      : { flags: REPLACE_ALLOWED_IPS, allowedIps: peer.allowedIps.map(wireAllowedIp) }),
  }
}

function wireAllowedIp(text: string): NonNullable<WirePeer['allowedIps']>[number] {
  const [address = '', prefix] = text.split('/')
  const v6 = address.includes(':')
  return { family: v6 ? AF_INET6 : AF_INET, address, prefix: prefix === undefined ? (v6 ? 128 : 32) : Number(prefix) }
}

function keyBytes(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64')
  // The text is not repeated: it may be a secret.
  if (bytes.length !== KEY_LENGTH) throw new RangeError(`a WireGuard key is ${KEY_LENGTH} bytes in base64`)
  return bytes
}
