/** Kernel settings that decide whether and how packets travel. */
import { readInterfaceSysctls, readSysctls, type SysctlFamily } from '../../kernel/index.ts'
import type { PartContext } from './part-context.ts'

/** Settings of the whole namespace; one that this kernel lacks is left out. */
const NAMESPACE_SETTINGS = [
  'net.ipv4.ip_forward',
  'net.ipv6.conf.all.forwarding',
  'net.ipv6.conf.all.disable_ipv6',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ip_nonlocal_bind',
  'net.ipv4.icmp_echo_ignore_all',
  'net.ipv4.ping_group_range',
  'net.ipv4.fib_multipath_hash_policy',
  'net.ipv4.tcp_ecn',
  'net.ipv4.vs.conntrack',
  'net.core.somaxconn',
  'net.bridge.bridge-nf-call-iptables',
  'net.bridge.bridge-nf-call-ip6tables',
  'net.bridge.bridge-nf-call-arptables',
  'net.netfilter.nf_conntrack_max',
  'net.netfilter.nf_conntrack_count',
  'net.netfilter.nf_conntrack_tcp_be_liberal',
]

/** Settings of single interfaces, by family. */
const INTERFACE_SETTINGS: Readonly<Record<SysctlFamily, readonly string[]>> = {
  ipv4: [
    'forwarding',
    'rp_filter',
    'accept_local',
    'route_localnet',
    'proxy_arp',
    'arp_ignore',
    'arp_announce',
    'src_valid_mark',
  ],
  ipv6: ['forwarding', 'disable_ipv6', 'accept_ra', 'proxy_ndp'],
}

/** The settings by name; of an interface as `net.ipv4.conf.eth0.rp_filter`, a dot in its name as a slash. */
export function readSettings({ namespace }: PartContext): Record<string, string> {
  const settings: Record<string, string> = Object.fromEntries(readSysctls(namespace, NAMESPACE_SETTINGS))
  for (const family of ['ipv4', 'ipv6'] as const) {
    for (const [name, values] of readInterfaceSysctls(namespace, family, INTERFACE_SETTINGS[family])) {
      const place = `net.${family}.conf.${name.replaceAll('.', '/')}`
      for (const [setting, value] of values) settings[`${place}.${setting}`] = value
    }
  }
  return settings
}
