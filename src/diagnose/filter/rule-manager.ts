/** Programs that keep rules, and write them anew when they please. */
import type { RuleReference } from './filter-rules.ts'

const byChain: readonly (readonly [pattern: RegExp, program: string])[] = [
  [/^DOCKER(?!-USER$)/, 'Docker'],
  [/^(KUBE-|cali-|CILIUM_|FLANNEL-)/, 'Kubernetes'],
  [/^(CNI-|NETAVARK|nv_)/, 'Podman'],
  [/^LIBVIRT_/, 'libvirt'],
  [/^ufw6?-/, 'ufw'],
]
const byTable = new Map([
  ['firewalld', 'firewalld'],
  ['docker-bridges', 'Docker'],
  ['netavark', 'Podman'],
  ['libvirt_network', 'libvirt'],
  ['kube-proxy', 'Kubernetes'],
])

/** The program that a rule belongs to, when its chain or table has such a program's name. */
export function managerOf({ chain, table }: RuleReference): string | undefined {
  return byTable.get(table) ?? byChain.find(([pattern]) => pattern.test(chain))?.[1]
}
