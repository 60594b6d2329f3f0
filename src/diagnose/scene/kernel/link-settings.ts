/**
 * Settings of interfaces that come with the list of links (IFLA_AF_SPEC): asking for files of /proc/sys one by one takes ten
 * times as long as all the rest of a namespace.
 */
import type { Link } from '../../../kernel/index.ts'
import type { Family } from '../place.ts'

/** Places in the kernel's arrays: IPV4_DEVCONF_x − 1 (linux/ip.h), DEVCONF_x (linux/ipv6.h). Both only ever grow. */
const PLACES: Readonly<Record<Family, Readonly<Record<string, number>>>> = {
  ipv4: {
    forwarding: 0,
    proxy_arp: 2,
    rp_filter: 7,
    arp_filter: 12,
    arp_announce: 17,
    arp_ignore: 18,
    promote_secondaries: 19,
    arp_accept: 20,
    accept_local: 22,
    src_valid_mark: 23,
    route_localnet: 25,
    ignore_routes_with_linkdown: 28,
  },
  ipv6: {
    forwarding: 0,
    accept_ra: 3,
    proxy_ndp: 22,
    disable_ipv6: 26,
    ignore_routes_with_linkdown: 39,
    keep_addr_on_down: 42,
  },
}

/** A setting of an interface; undefined when the list of links does not have it. */
export function settingOfLink(link: Link | undefined, family: Family, setting: string): string | undefined {
  const place = PLACES[family][setting]
  if (place === undefined) return undefined
  const values = family === 'ipv4' ? link?.afSpec?.inet?.conf : link?.afSpec?.inet6?.conf
  return values?.[place]?.toString()
}
