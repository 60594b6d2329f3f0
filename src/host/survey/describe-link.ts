/** Turns a link and its addresses, as the kernel sends them, into what a survey keeps of an interface. */
import { type AddressSummary, LinkFlag, type LinkSummary, ownAddress } from '../../kernel/index.ts'
import { kindDetails } from './kind-details.ts'
import type { FarEnd, NamespaceKey, ObservedLink } from './observed.ts'

/** ARPHRD_LOOPBACK, linux/if_arp.h */
const HARDWARE_LOOPBACK = 772

/** Kinds whose outer packets may travel in another namespace than the interface's own. */
const TUNNELS = new Set([
  'vxlan',
  'geneve',
  'gre',
  'gretap',
  'ip6gre',
  'ip6gretap',
  'erspan',
  'ip6erspan',
  'ipip',
  'sit',
  'ip6tnl',
  'vti',
  'vti6',
  'xfrm',
])

/** Where a link's `linkNetnsid` leads: the namespace, or undefined when it cannot be told. */
export type ResolveNamespace = (nsid: number) => NamespaceKey | undefined

/**
 * Describes one interface.
 * @param own the namespace that it is in
 * @param addresses its addresses, `192.0.2.1/24`
 */
export function describeLink(
  link: LinkSummary,
  own: NamespaceKey,
  addresses: readonly string[],
  resolve: ResolveNamespace,
): ObservedLink {
  const kind = link.info?.kind ?? (link.type === HARDWARE_LOOPBACK ? 'loopback' : 'device')
  const elsewhere = link.linkNetnsid === undefined ? own : resolve(link.linkNetnsid)
  return {
    index: link.index,
    name: link.name ?? '',
    kind,
    mac: hasMac(link, kind) ? link.address! : null,
    mtu: link.mtu ?? 0,
    up: (link.flags & LinkFlag.up) !== 0,
    carrier: (link.flags & LinkFlag.lowerUp) !== 0,
    master: link.master ?? 0,
    farEnd: farEnd(link, elsewhere),
    underlay: TUNNELS.has(kind) ? elsewhere : undefined,
    attributes: (link.info as Record<string, Record<string, unknown>> | undefined)?.[kind] ?? {},
    details: linkDetails(link, kind),
    addresses,
  }
}

/** Tunnels have an IP address, or nothing, where Ethernet has a MAC. */
function hasMac(link: LinkSummary, kind: string): boolean {
  return kind !== 'loopback' && link.address?.length === 17
}

function farEnd(link: LinkSummary, namespace: NamespaceKey | undefined): FarEnd | undefined {
  if (link.link !== undefined) return { index: link.link, namespace }
  // Kernels that leave the index out when both ends have the same one.
  return link.linkNetnsid === undefined ? undefined : { index: link.index, namespace }
}

function linkDetails(link: LinkSummary, kind: string): Record<string, unknown> {
  return {
    ...(link.alias === undefined ? {} : { alias: link.alias }),
    ...(link.propList?.altNames === undefined ? {} : { altNames: link.propList.altNames }),
    ...(link.operstate === undefined ? {} : { operstate: link.operstate }),
    ...kindDetails(link.info, kind),
  }
}

/** Addresses by interface index, IPv4 before IPv6, each in the kernel's order. */
export function addressesByIndex(rows: readonly AddressSummary[]): Map<number, string[]> {
  const byIndex = new Map<number, string[]>()
  // The kernel dumps family by family, IPv4 first (rtnl_dump_all walks the families by number).
  for (const row of rows) {
    const address = ownAddress(row)
    if (address === undefined) continue
    const text = `${address}/${row.prefixLength}`
    const known = byIndex.get(row.index)
    if (known === undefined) byIndex.set(row.index, [text])
    else known.push(text)
  }
  return byIndex
}
