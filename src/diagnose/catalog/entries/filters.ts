/** Codes about filters, address translation and connection tracking. */
import type { CatalogueEntry } from '../entry.ts'

/** Filters and translation. */
export const FILTER_ENTRIES: readonly CatalogueEntry[] = [
  {
    code: 'filtered',
    title: 'A rule, or a chain’s policy, takes the packet',
    severity: 'error',
    meaning:
      'Somebody’s firewall drops or rejects it. The finding names table, chain and rule, in the notation of the tool that wrote it.',
    arises: [
      'A firewall was made stricter and the container network was forgotten.',
      'A firewall was reloaded: it flushed Docker’s rules that accept, and left the policy “drop”.',
      'A rule for the bridge family or a single device sees packets that one thought no IP filter would see.',
    ],
    detected:
      'All rule sets that the packet would pass (nftables, iptables, iptables-legacy; in every family and hook) are followed for it. A trace also lets the kernel say which rule it was.',
    mended:
      'Delete the rule, or accept the packet before it. It is never done by itself. Where a reload flushed Docker’s rules, restart Docker: it writes them anew.',
  },
  {
    code: 'nat-missing',
    title: 'Address translation that ought to be there is not',
    severity: 'error',
    meaning:
      'Packets leave with a container’s private address, which nobody outside knows a way back to; or a published port no longer leads to its container.',
    arises: [
      'A firewall reload (firewalld, nft -f, iptables-restore) flushed the runtime’s rules.',
      'Two tools write to the same tables.',
      'The uplink has another name than the rule expects.',
    ],
    detected:
      'A packet of each network, and one for each published port, is put through the rules of the host as they are.',
    mended:
      'Let the runtime write its rules anew: restart Docker (“systemctl restart docker”; with “live-restore” containers keep running), or “podman network reload --all”. A masquerading rule can be added by hand.',
  },
  {
    code: 'nat-target-missing',
    title: 'A port is redirected to an address that nobody has',
    severity: 'error',
    meaning:
      'Connections to the port are translated and then lost: the address in the rule belongs to no container, or to another one than it should.',
    arises: [
      'The container was made anew with another address, and the rule is the old one’s.',
      'The runtime was killed, and its rules outlived the container.',
      'The rule was written by hand for an address that has changed.',
    ],
    detected:
      'A packet for each published port is put through the rules, and where it would go is held against the container’s address and against who is on that wire.',
    mended: 'Delete the stale rule, or restart the container so that the runtime writes a new one.',
  },
  {
    code: 'conntrack-full',
    title: 'The table of tracked connections is full',
    severity: 'error',
    meaning:
      'Packets of new connections are dropped, those of old ones pass: a host seems to work for those who are on it already. The kernel’s log says “nf_conntrack: table full, dropping packet”.',
    arises: [
      'Many short connections: their entries stay for minutes after the end.',
      'Somebody scans ports, or an attack is under way.',
      'The limit was computed from little memory when the host started.',
    ],
    detected:
      'The number of entries of each namespace is held against net.netfilter.nf_conntrack_max; from nine tenths on it is a warning.',
    mended:
      'Raise the limit (an entry costs about 320 bytes), shorten net.netfilter.nf_conntrack_tcp_timeout_time_wait, or exempt traffic that needs no tracking (notrack).',
  },
]
