/** Network interfaces: RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK, RTM_SETLINK (rtnetlink(7)). */
import { attributes, unmarked } from '../netlink/attributes.ts'
import { type MessageOf, messageKind, NLM_F_CREATE, NLM_F_ECHO, NLM_F_EXCL, project } from '../netlink/message.ts'
import type { NetlinkSocket, Query, Request } from '../netlink/socket.ts'
import { wholeTable } from '../netlink/whole-table.ts'
import { linkFields } from './link-attributes.ts'
import { LinkFlag, linkHeader } from './link-header.ts'
import { linkInfo } from './link-info.ts'
import { RouteMessage } from './message-type.ts'

/** A link message of the families AF_UNSPEC and AF_INET; bridge ports told by the bridge are `bridgeLink`. */
export const linkKind = messageKind(linkHeader, attributes({ ...linkFields, info: unmarked(18, linkInfo) }))
/** An interface. Hardware and loopback have no `info`. */
export type Link = MessageOf<typeof linkKind>

/** What a survey of many namespaces reads of each link, and nothing else. */
export const linkSummaryKind = project(linkKind, [
  'name',
  'address',
  'mtu',
  'link',
  'linkNetnsid',
  'master',
  'info',
  'operstate',
  'carrier',
  'alias',
  'propList',
  'newNetnsid',
  'targetNetnsid',
])
/** What of a link decides where packets go. */
const forwardingLinkKind = project(linkKind, [
  'name',
  'address',
  'broadcast',
  'permAddress',
  'mtu',
  'minMtu',
  'maxMtu',
  'link',
  'linkNetnsid',
  'master',
  'info',
  'operstate',
  'linkMode',
  'carrier',
  'protoDown',
  'alias',
  'propList',
  'group',
  'qdisc',
  'promiscuity',
  'allMulticast',
  'afSpec',
  'newNetnsid',
  'targetNetnsid',
])

/** An interface as a survey sees it. */
export type LinkSummary = MessageOf<typeof linkSummaryKind>

/**
 * Leave out IPv6's counters, a third of the answer (RTEXT_FILTER_SKIP_STATS). The link's own counters always come
 * (rtnl_fill_ifinfo, net/core/rtnetlink.c).
 */
const RTEXT_FILTER_SKIP_STATS = 8
/** Longest name that IFLA_IFNAME takes (IFNAMSIZ − 1); longer ones are alternative names. */
const IFNAME_MAX = 15

/** Which link: its index, or its name or one of its alternative names. */
export type LinkReference = { readonly index: number } | { readonly name: string }

/** What of a namespace's links to list. */
export interface ListLinksOptions {
  /** Id, in the socket's namespace, of the namespace to list; its own when left out. */
  readonly targetNetnsid?: number
  /** Only links of this kind. */
  readonly kind?: string
  /** Only ports of the master with this index. */
  readonly master?: number
  /** False leaves out IPv6's counters, the only ones that the kernel can leave out: a third of the answer's bytes. */
  readonly statistics?: boolean
}

/** All links of a namespace. @throws NetlinkError EINVAL when no namespace has the id `targetNetnsid` */
export function listLinks(socket: NetlinkSocket, options: ListLinksOptions = {}): Link[] {
  const { statistics = true, ...restrictions } = options
  const query = isEmpty(restrictions) ? allLinks(statistics) : linksQuery(options, statistics)
  const links = socket.dump(query)
  // A kernel that has never heard of the kind does not filter by it.
  return options.kind === undefined ? links : links.filter((link) => link.info?.kind === options.kind)
}

/**
 * All links of a namespace with what decides where packets go, and nothing else: decoding counters and queue lengths takes
 * more time than all the rest.
 */
export function listForwardingLinks(socket: NetlinkSocket): Link[] {
  return socket.dump(allForwardingLinks('all'))
}

const allForwardingLinks = wholeTable(
  (_: 'all'): Query<Link, Link> => ({ ...listRequest({}, false), reply: forwardingLinkKind }),
)

/** All links of a namespace as a survey sees them. @throws NetlinkError EINVAL when no namespace has that id */
export function listLinkSummaries(socket: NetlinkSocket, options: { targetNetnsid?: number } = {}): LinkSummary[] {
  return socket.dump({ ...listRequest(options, false), reply: linkSummaryKind, tolerateInterruption: true })
}

const allLinks = wholeTable((statistics: boolean) => linksQuery({}, statistics))

function linksQuery(options: ListLinksOptions, statistics: boolean): Query<Link, Link> {
  return { ...listRequest(options, statistics), reply: linkKind }
}

function isEmpty(options: object): boolean {
  return Object.keys(options).length === 0
}

function listRequest(options: ListLinksOptions, statistics: boolean): Request<Link> {
  return {
    operation: 'RTM_GETLINK',
    type: RouteMessage.getLink,
    kind: linkKind,
    body: {
      ...(statistics ? {} : { extMask: RTEXT_FILTER_SKIP_STATS }),
      ...(options.targetNetnsid === undefined ? {} : { targetNetnsid: options.targetNetnsid }),
      ...(options.master === undefined ? {} : { master: options.master }),
      ...(options.kind === undefined ? {} : { info: { kind: options.kind } }),
    },
  }
}

/** One link. @throws NetlinkError ENODEV when there is none */
export function getLink(socket: NetlinkSocket, which: LinkReference & { readonly targetNetnsid?: number }): Link {
  const target = which.targetNetnsid === undefined ? {} : { targetNetnsid: which.targetNetnsid }
  const query: Query<Link, Link> = {
    operation: `RTM_GETLINK ${describe(which)}`,
    type: RouteMessage.getLink,
    kind: linkKind,
    body: { ...reference(which), ...target },
    reply: linkKind,
  }
  return socket.get(query)
}

/** One link as a survey sees it. @throws NetlinkError ENODEV when there is none, EINVAL when no namespace has that id */
export function getLinkSummary(
  socket: NetlinkSocket,
  which: LinkReference & { readonly targetNetnsid?: number },
): LinkSummary {
  const { targetNetnsid } = which
  return socket.get({
    operation: `RTM_GETLINK ${describe(which)}`,
    type: RouteMessage.getLink,
    kind: linkKind,
    body: {
      ...reference(which),
      ...(targetNetnsid === undefined ? {} : { targetNetnsid }),
      extMask: RTEXT_FILTER_SKIP_STATS,
    },
    reply: linkSummaryKind,
  })
}

/**
 * A request that makes a link; fails with EEXIST when the name is taken. `index` chooses its number. The kernel ignores
 * `alias` here (rtnl_create_link): set it afterwards.
 */
export function newLinkRequest(link: Partial<Link>): Request<Link> {
  return {
    operation: `RTM_NEWLINK ${link.name ?? ''}`.trimEnd(),
    type: RouteMessage.newLink,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    kind: linkKind,
    body: link,
  }
}

/**
 * A request that changes a link: of `change` every attribute that is given, of its flags those in `change.change`. To rename
 * it, refer to it by index and give the new name. `netNsFd` or `netNsPid` moves it to that namespace.
 */
export function setLinkRequest(which: LinkReference, change: Partial<Link>): Request<Link> {
  return {
    operation: `RTM_NEWLINK ${describe(which)}`,
    type: RouteMessage.newLink,
    kind: linkKind,
    body: {
      ...change,
      ...reference(which),
      ...('index' in which && change.name !== undefined ? { name: change.name } : {}),
    },
  }
}

/** A request that brings a link up or down. */
export function linkUpRequest(which: LinkReference, up = true): Request<Link> {
  return setLinkRequest(which, { flags: up ? LinkFlag.up : 0, change: LinkFlag.up })
}

/** A request that deletes a link; with `group` all links of that group, in one go. */
export function deleteLinkRequest(which: LinkReference | { readonly group: number }): Request<Link> {
  return {
    operation: `RTM_DELLINK ${describe(which)}`,
    type: RouteMessage.deleteLink,
    kind: linkKind,
    body: 'group' in which ? { group: which.group } : reference(which),
  }
}

/** Makes a link. @throws NetlinkError EEXIST, EOPNOTSUPP when this kernel lacks the kind */
export function addLink(socket: NetlinkSocket, link: Partial<Link>): void {
  socket.request(newLinkRequest(link))
}

/**
 * Makes a link and tells what came of it, its number and that of its peer (`link`), without a second request. Kernels before
 * 6.2 do not tell: undefined.
 * @throws NetlinkError EEXIST, EOPNOTSUPP when this kernel lacks the kind
 */
export function addLinkEchoed(socket: NetlinkSocket, link: Partial<Link>): LinkSummary | undefined {
  const request = newLinkRequest(link)
  const [made] = socket.query({ ...request, flags: (request.flags ?? 0) | NLM_F_ECHO, reply: linkSummaryKind })
  return made
}

/** Changes a link; see `setLinkRequest`. @throws NetlinkError ENODEV */
export function setLink(socket: NetlinkSocket, which: LinkReference, change: Partial<Link>): void {
  socket.request(setLinkRequest(which, change))
}

/** Deletes a link. @throws NetlinkError ENODEV */
export function deleteLink(socket: NetlinkSocket, which: LinkReference | { readonly group: number }): void {
  socket.request(deleteLinkRequest(which))
}

function reference(which: LinkReference): Partial<Link> {
  if ('index' in which) return { index: which.index }
  return which.name.length > IFNAME_MAX ? { altName: which.name } : { name: which.name }
}

function describe(which: LinkReference | { readonly group: number }): string {
  if ('group' in which) return `group ${which.group}`
  return 'index' in which ? `index ${which.index}` : which.name
}
