/** The other end of a pair, described inside the request that makes the first end: a link message within an attribute. */
import { attributes } from '../../netlink/attributes.ts'
import { type MessageOf, messageKind } from '../../netlink/message.ts'
import type { Value } from '../../netlink/value.ts'
import { linkFields } from '../link-attributes.ts'
import { linkHeader } from '../link-header.ts'

const peerLink = messageKind(linkHeader, attributes(linkFields))

/** What can be said of a peer: its name, its namespace (`netNsFd`, `netNsPid`), address, MTU, index. */
export type Peer = Partial<MessageOf<typeof peerLink>>

/** struct ifinfomsg and link attributes (VETH_INFO_PEER, IFLA_NETKIT_PEER_INFO). */
export const peer: Value<Peer> = {
  minimum: linkHeader.minimum,
  read: (bytes, offset, length) => peerLink.read(bytes, offset, length) ?? {},
  write: (writer, value) => peerLink.write(writer, value),
}
