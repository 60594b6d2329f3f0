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
import type { FilterRules, HookOutcome, HookVisit } from './filter-rules.ts'
import { type HookOrder, hookKey, hookOrder } from './hook-order.ts'
import { Passage, type Refusal, type Surroundings } from './passage.ts'
import { RuleTexts } from './rule-texts.ts'
import { trackedLayers } from './tracking-needs.ts'

/**
 * Reads what filters and translates packets in `namespace`. What cannot be read is missing, and `warnings` says so. Reading
 * changes nothing: tables of iptables-legacy that do not exist are not asked for, because asking would make them.
 * @param namespace stays open as long as the rules are asked: names and texts are read when they are needed
 */
export function readFilterRules(namespace: NamespaceHandle): FilterRules {
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
  const legacy = attempt<IptablesTable>('iptables', () => readIptables(namespace))
  for (const table of legacy) {
    if (!table.complete)
      warnings.push(`table ${table.family} ${table.name} of iptables-legacy could only be read in part`)
  }
  if (tables.length === 0 && legacy.length === 0) return { ...noRules, warnings }
  const texts = new RuleTexts(namespace)
  const order = hookOrder(tables, legacy, trackedLayers(tables, legacy), (...rule) => texts.text(...rule))
  return filterRules(order, surroundingsOf(namespace), warnings)
}

const noRules: Omit<FilterRules, 'warnings'> = { isEmpty: () => true, traverse: unasked }

function filterRules(order: HookOrder, surroundings: Surroundings, warnings: readonly string[]): FilterRules {
  const filled = new Set([...order].flatMap(([key, listeners]) => (listeners.length > 0 ? [key.split(' ')[0]!] : [])))
  return {
    warnings,
    isEmpty: (layer) => (layer === 'ip' ? !filled.has('ipv4') && !filled.has('ipv6') : !filled.has(layer)),
    traverse(visit) {
      const listeners = order.get(hookKey(visit.layer, visit.hook, visit.packet.family))
      if (listeners === undefined) return unasked(visit)
      const passage = new Passage(visit, surroundings)
      const device = (visit.hook === 'egress' ? visit.output : visit.input)?.name
      for (const { devices, ask } of listeners) {
        if (devices !== undefined && (device === undefined || !devices.includes(device))) continue
        const end = ask(passage)
        if (end !== undefined && end.decision.kind !== 'accept')
          return ended(passage, end.decision, end.rule.reference())
      }
      return { ...outcomeOf(passage), verdict: 'accept', rule: undefined, rejectWith: undefined }
    },
  }
}

/** What becomes of a packet that nobody asks about. */
function unasked({ packet, flow }: HookVisit): HookOutcome {
  return { verdict: 'accept', packet, flow, translations: [], rule: undefined, rejectWith: undefined, doubts: [] }
}

function ended(passage: Passage, decision: Refusal, rule: HookOutcome['rule']): HookOutcome {
  const rejectWith = decision.kind === 'reject' ? decision.answer : undefined
  const outcome = outcomeOf(passage)
  if (decision.kind !== 'taken') return { ...outcome, verdict: decision.kind, rule, rejectWith }
  const doubt = `a rule of chain ${rule?.chain} hands the packet to a program or elsewhere; what becomes of it there is not known`
  return { ...outcome, verdict: 'taken', rule, rejectWith, doubts: [...outcome.doubts, doubt] }
}

function outcomeOf({
  packet,
  flow,
  translations,
  doubts,
}: Passage): Pick<HookOutcome, 'packet' | 'flow' | 'translations' | 'doubts'> {
  return { packet, flow, translations, doubts }
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
