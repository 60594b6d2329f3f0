/** br_netfilter: frames on bridges that pass the host's rules for packets (bridge-nf-call-iptables, ip-sysctl.rst). */
import { type NamespaceHandle, readSysctls } from '../../../kernel/index.ts'

/** True when frames on the host's bridges pass its rules for packets, as Docker and Kubernetes have it. */
export function bridgesAreFiltered(namespace: NamespaceHandle): boolean {
  const settings = ['net.bridge.bridge-nf-call-iptables', 'net.bridge.bridge-nf-call-ip6tables']
  return [...readSysctls(namespace, settings).values()].some((value) => value !== '0')
}
