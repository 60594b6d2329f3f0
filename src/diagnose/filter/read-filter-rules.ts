/** Reading the rule sets of a namespace, of all backends, so that they can be asked about packets. */
import {
  type IptablesTable,
  listAddresses,
  listLinkSummaries,
  type NamespaceHandle,
  NetlinkProtocol,
  NetlinkSocket,
  type NfTable,
  readIptables,
  readNfTables,
} from '../../kernel/index.ts'
import type { FilterRules } from './filter-rules.ts'
import { hookOrder } from './hook-order.ts'
import { KernelFilterRules, unasked } from './kernel-filter-rules.ts'
import type { Surroundings } from './passage.ts'
import { RuleTexts } from './rule-texts.ts'
import { trackedLayers } from './tracking-needs.ts'

/**
 * Reads what filters and translates packets in `namespace`. What cannot be read is missing, and `warnings` says so. Reading
 * changes nothing: tables of iptables-legacy that do not exist are not asked for, because asking would make them.
 * @param namespace stays open as long as the rules are asked: names and texts are read when they are needed
 * @param sources `legacy`: where tables of iptables-legacy are read instead, for a copy of a namespace that has but nftables
 */
export function readFilterRules(
  namespace: NamespaceHandle,
  sources: { readonly legacy?: NamespaceHandle } = {},
): FilterRules {
  const warnings: string[] = []
  const attempt = <T>(what: string, read: () => readonly T[]): readonly T[] => {
    try {
      return read()
    } catch (error) {
      warnings.push(`${what} could not be read: ${error instanceof Error ? error.message : String(error)}`)
      return []
    }
  }
  const tables = attempt<NfTable>('nftables', () => readNfTables(namespace))
  const legacy = attempt<IptablesTable>('iptables', () => readIptables(sources.legacy ?? namespace))
  for (const table of legacy) {
    if (!table.complete)
      warnings.push(`table ${table.family} ${table.name} of iptables-legacy could only be read in part`)
  }
  if (tables.length === 0 && legacy.length === 0) return { isEmpty: () => true, traverse: unasked, warnings }
  const texts = new RuleTexts(namespace)
  const order = hookOrder(tables, legacy, trackedLayers(tables, legacy), (...rule) => texts.text(...rule))
  return new KernelFilterRules(order, surroundingsOf(namespace), warnings)
}

function surroundingsOf(namespace: NamespaceHandle): Surroundings {
  const ask = <T>(read: (socket: NetlinkSocket) => T): T => {
    const socket = NetlinkSocket.open(NetlinkProtocol.route, namespace)
    try {
      return read(socket)
    } finally {
      socket.close()
    }
  }
  let addresses: ReturnType<typeof listAddresses> | undefined
  let links: ReturnType<typeof listLinkSummaries> | undefined
  return {
    firstAddress(index, family) {
      addresses ??= ask(listAddresses)
      const isFamily = ({ local, address }: { local?: string; address?: string }): boolean =>
        (local ?? address ?? '').includes(':') === (family === 'ipv6')
      const found = addresses.find((one) => one.index === index && isFamily(one))
      return found?.local ?? found?.address
    },
    linkName(index) {
      links ??= ask((socket) => listLinkSummaries(socket))
      return links.find((link) => link.index === index)?.name
    },
  }
}
