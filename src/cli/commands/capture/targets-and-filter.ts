/** Where the targets of a command line end and its filter begins. */

/** Prefixes of targets (conventions.ts). */
const TARGET_PREFIX = /^(ns|pid|inode|path|docker|podman|containerd|kubernetes|lxc|lab|sandbox|network):./

/** Words that a filter may begin with (pcap-filter(7)); a target of such a name is written with its prefix. */
const FILTER_WORDS = new Set(
  (
    'ah arp atalk broadcast carp clnp decnet dir dst esp ether fddi gateway geneve greater host icmp icmp6 igmp igrp ifname ' +
    'inbound ip ip6 ipx iso len less link llc mpls multicast net not on outbound pim port portrange ppp pppoed pppoes proto ' +
    'protochain radio rarp sctp slip src tcp tr type udp vlan vrrp vxlan wlan'
  ).split(' '),
)

/** The words of a command line, told apart. */
export interface TargetsAndFilter {
  readonly targets: readonly string[]
  readonly filter: string | undefined
}

/**
 * The first word is a target; so are those that follow as long as they have a target's prefix, or are no words of filters and
 * name a namespace. The rest is the filter.
 * @param names tells whether a bare word names a namespace
 */
export function targetsAndFilter(words: readonly string[], names: (word: string) => boolean): TargetsAndFilter {
  let count = Math.min(1, words.length)
  while (count < words.length && isTarget(words[count]!, names)) count++
  const rest = words.slice(count)
  return { targets: words.slice(0, count), filter: rest.length === 0 ? undefined : rest.join(' ') }
}

function isTarget(word: string, names: (word: string) => boolean): boolean {
  if (TARGET_PREFIX.test(word)) return true
  return /^[\w][\w./-]*$/.test(word) && !FILTER_WORDS.has(word) && names(word)
}
