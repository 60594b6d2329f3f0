/** What a forwarding information base stands on. */
import type { Link } from '../../../kernel/index.ts'
import type { Place } from '../place.ts'

/** The parts of a namespace that decide where a packet is sent. */
export type FibView = Pick<
  Place,
  'links' | 'link' | 'linkNamed' | 'addresses' | 'routes' | 'rules' | 'nexthops' | 'neighbours' | 'settings'
>

/** Index of the loopback, which every namespace has (net/core/net_namespace.c). */
export const LOOPBACK_INDEX = 1

/** Name of the interface with an index. */
export function interfaceName(view: Pick<FibView, 'link'>, index: number): string {
  return view.link(index)?.name ?? `if${index}`
}

/** Index of the VRF that an interface is, or is enslaved to; 0 when there is none (l3mdev_master_ifindex_rcu). */
export function vrfOf(view: Pick<FibView, 'link'>, index: number): number {
  const link = view.link(index)
  if (link === undefined) return 0
  if (isVrf(link)) return index
  const master = link.master === undefined ? undefined : view.link(link.master)
  return master !== undefined && isVrf(master) ? master.index : 0
}

/** Whether the interface is a VRF, which has a routing table of its own. */
export function isVrf(link: Link): boolean {
  return link.info?.kind === 'vrf'
}
