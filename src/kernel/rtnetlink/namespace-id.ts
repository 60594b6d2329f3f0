/**
 * Ids of namespaces: RTM_NEWNSID, RTM_GETNSID (linux/net_namespace.h, ip-netns(8)). Each namespace numbers the others that it
 * has to mention, privately and for good; another namespace numbers the same ones differently.
 */
import { attribute, attributes } from '../netlink/attributes.ts'
import { type MessageOf, messageKind } from '../netlink/message.ts'
import type { NetlinkSocket, Request } from '../netlink/socket.ts'
import { pad, s32, struct, u8, u32 } from '../netlink/value.ts'
import { RouteMessage } from './message-type.ts'

/** A namespace id message: struct rtgenmsg, padded to four bytes. */
export const namespaceIdKind = messageKind(
  struct({ family: u8, padding: pad(3) }),
  attributes({
    nsid: attribute(1, s32),
    pid: attribute(2, u32),
    fd: attribute(3, u32),
    targetNsid: attribute(4, s32),
    currentNsid: attribute(5, s32),
  }),
)
/** An id that a namespace has for another. */
export type NamespaceId = MessageOf<typeof namespaceIdKind>

/** An id in some namespace, and the id that the socket's namespace has for the same one. */
export interface NamespaceIdPair {
  readonly nsid: number
  /** Missing unless the ids of another namespace were asked for; −1 when the socket's namespace has no id for it. */
  readonly currentNsid: number | undefined
}

/** No id (NETNSA_NSID_NOT_ASSIGNED); in a request: let the kernel choose. */
export const NSID_NOT_ASSIGNED = -1

/** How to name a namespace in a request. */
export type NamespaceReference = { readonly fd: number } | { readonly pid: number }

/** A request that gives a namespace an id in the socket's namespace; EEXIST when it has one. The id stays for good. */
export function assignNsidRequest(which: NamespaceReference, nsid = NSID_NOT_ASSIGNED): Request<NamespaceId> {
  return {
    operation: `RTM_NEWNSID ${describe(which)}`,
    type: RouteMessage.newNamespaceId,
    kind: namespaceIdKind,
    body: { nsid, ...which },
  }
}

/** Gives a namespace an id in the socket's namespace. @throws NetlinkError EEXIST when it has one */
export function assignNsid(socket: NetlinkSocket, fd: number, nsid = NSID_NOT_ASSIGNED): void {
  socket.request(assignNsidRequest({ fd }, nsid))
}

/** The id that the socket's namespace has for another; undefined when it has none. @throws NetlinkError EINVAL, ESRCH */
export function nsidOf(socket: NetlinkSocket, which: NamespaceReference): number | undefined {
  const { nsid } = socket.get({
    operation: `RTM_GETNSID ${describe(which)}`,
    type: RouteMessage.getNamespaceId,
    kind: namespaceIdKind,
    body: { ...which },
    reply: namespaceIdKind,
  })
  return nsid === undefined || nsid < 0 ? undefined : nsid
}

/**
 * All ids that a namespace has: the socket's own, or with `target` the one that has this id there. Each row of a target has
 * the id in the target and the id in the socket's namespace, so that one dump joins both numberings (Linux 4.20).
 * @throws NetlinkError EINVAL when no namespace has the id `target`
 */
export function listNsids(socket: NetlinkSocket, options: { target?: number } = {}): NamespaceIdPair[] {
  const rows = socket.dump({
    operation: 'RTM_GETNSID',
    type: RouteMessage.getNamespaceId,
    kind: namespaceIdKind,
    body: options.target === undefined ? {} : { targetNsid: options.target },
    reply: namespaceIdKind,
  })
  return rows.map(({ nsid = NSID_NOT_ASSIGNED, currentNsid }) => ({ nsid, currentNsid }))
}

/**
 * The id by which the namespace `target` knows the one that is `nsid` here; both ids are those of the socket's namespace.
 * Undefined when `target` has no id for it. @throws NetlinkError ENOENT, EINVAL when one of the ids means nothing here
 */
export function translateNsid(socket: NetlinkSocket, nsid: number, target: number): number | undefined {
  const answer = socket.get({
    operation: `RTM_GETNSID ${nsid} in ${target}`,
    type: RouteMessage.getNamespaceId,
    kind: namespaceIdKind,
    body: { nsid, targetNsid: target },
    reply: namespaceIdKind,
  })
  return answer.nsid === undefined || answer.nsid < 0 ? undefined : answer.nsid
}

function describe(which: NamespaceReference): string {
  return 'fd' in which ? `descriptor ${which.fd}` : `pid ${which.pid}`
}
