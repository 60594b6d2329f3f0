/** Which addresses are on the links of a namespace, so that they can be asked by ARP. */
import {
  AddressFamily,
  formatIPv4,
  LinkFlag,
  listAddresses,
  listLinks,
  type NamespaceHandle,
  NetlinkProtocol,
  NetlinkSocket,
  ownAddress,
  parseIp,
} from '../../kernel/index.ts'

/** An interface on whose link addresses of IPv4 can be asked for. */
export interface Attachment {
  readonly index: number
  readonly name: string
  readonly mac: Buffer
  /** Ours. */
  readonly address: string
  readonly network: number
  readonly mask: number
}

/** What a namespace is attached to. */
export interface Neighbourhood {
  /** Addresses of the namespace itself. */
  readonly own: ReadonlySet<string>
  /** The attachment on whose link an IPv4 address is, by the longest prefix; undefined when it is on none. */
  onLink(address: string): Attachment | undefined
}

/** Reads it. @throws KernelError EPERM when the namespace may not be entered */
export function readNeighbourhood(namespace: NamespaceHandle): Neighbourhood {
  const socket = NetlinkSocket.open(NetlinkProtocol.route, namespace)
  try {
    const links = new Map(listLinks(socket, { statistics: false }).map((link) => [link.index, link]))
    const addresses = listAddresses(socket)
    const attachments = addresses.flatMap((address): Attachment[] => {
      const link = links.get(address.index)
      const text = ownAddress(address)
      if (address.family !== AddressFamily.inet || link?.name === undefined || text === undefined) return []
      const silent = (link.flags & (LinkFlag.loopback | LinkFlag.noArp | LinkFlag.pointToPoint)) !== 0
      const up = (link.flags & LinkFlag.up) !== 0
      if (silent || !up || address.prefixLength >= 31 || link.address === undefined) return []
      const mask = address.prefixLength === 0 ? 0 : (-1 << (32 - address.prefixLength)) >>> 0
      const network = (parseIp(text).readUInt32BE(0) & mask) >>> 0
      const mac = Buffer.from(link.address.replaceAll(':', ''), 'hex')
      return mac.length === 6 ? [{ index: link.index, name: link.name, mac, address: text, network, mask }] : []
    })
    const byLength = attachments.toSorted((a, b) => b.mask - a.mask)
    return {
      own: new Set(addresses.flatMap((address) => ownAddress(address) ?? [])),
      onLink(address) {
        if (address.includes(':')) return undefined
        const number = parseIp(address).readUInt32BE(0)
        return byLength.find(({ network, mask }) => (number & mask) >>> 0 === network)
      },
    }
  } finally {
    socket.close()
  }
}

/** An ARP request, from its Ethernet header on (RFC 826): who has `address`? */
export function encodeArpRequest({ mac, address: own }: Attachment, address: string): Buffer {
  const bytes = Buffer.alloc(42)
  bytes.fill(0xff, 0, 6)
  bytes.set(mac, 6)
  bytes.writeUInt16BE(0x0806, 12)
  // Ethernet, IPv4, address lengths 6 and 4, request.
  bytes.set([0, 1, 8, 0, 6, 4, 0, 1], 14)
  bytes.set(mac, 22)
  bytes.set(parseIp(own), 28)
  bytes.set(parseIp(address), 38)
  return bytes
}

/** Who an ARP reply is from, given from its own header on; undefined when it is none. */
export function readArpReply(bytes: Buffer): { readonly address: string; readonly mac: string } | undefined {
  if (bytes.length < 28 || bytes.readUInt32BE(0) !== 0x00010800 || bytes.readUInt32BE(4) !== 0x06040002)
    return undefined
  return { address: formatIPv4(bytes, 14), mac: bytes.toString('hex', 8, 14).replace(/..(?=.)/g, '$&:') }
}
