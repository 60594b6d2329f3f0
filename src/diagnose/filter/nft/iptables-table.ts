/** Telling the tables that iptables-nft keeps from those that people wrote with nft. */
import type { NfTable } from '../../../kernel/index.ts'

const names = new Set(['filter', 'nat', 'mangle', 'raw', 'security'])
const builtIn = new Set(['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'])

/** Whether iptables-nft (or ip6tables-nft) takes a table for its own: by its name and those of its base chains. */
export function isIptablesTable({ family, name, chains }: NfTable): boolean {
  if ((family !== 'ip' && family !== 'ip6') || !names.has(name)) return false
  const base = chains.filter((chain) => chain.base !== undefined)
  return base.length > 0 && base.every((chain) => builtIn.has(chain.name))
}
