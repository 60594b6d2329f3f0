/** What lets packets pass, drops them or translates their addresses: nftables, and iptables-legacy beside it. */
import {
  type IptablesChain,
  type IptablesTable,
  iptablesRuleText,
  Nftables,
  type NftChain,
  type NftObject,
  type NftRule,
  type NftTable,
  readIptables,
} from '../../kernel/index.ts'
import type { InspectedChain, InspectedRuleset, InspectedTable } from './inspection.ts'
import type { PartContext } from './part-context.ts'

/** nftables' tables in the order of `nft list ruleset`; rules made by iptables-nft are among them. */
export function readNftables({ namespace }: PartContext): InspectedRuleset {
  using nftables = Nftables.open(namespace)
  const objects = nftables.list()
  const tables = objects.flatMap((object) => ('table' in object ? [object.table] : []))
  return { tables: tables.map((table) => inspectedTable(table, objects, nftables.ruleTexts(table))), objects }
}

/** Tables of iptables-legacy of both families; none when it is not in use there. */
export function readLegacyTables({ namespace }: PartContext): InspectedTable[] {
  return readIptables(namespace).map(inspectedLegacyTable)
}

function inspectedTable(
  table: NftTable,
  objects: readonly NftObject[],
  texts: ReadonlyMap<number, string>,
): InspectedTable {
  const inTable = (object: { readonly family: string; readonly table: string }): boolean =>
    object.family === table.family && object.table === table.name
  const chains = objects.flatMap((object) => ('chain' in object && inTable(object.chain) ? [object.chain] : []))
  const rules = new Map<string, NftRule[]>(chains.map((chain) => [chain.name, []]))
  for (const object of objects) {
    if ('rule' in object && inTable(object.rule)) rules.get(object.rule.chain)?.push(object.rule)
  }
  return {
    family: table.family,
    name: table.name,
    chains: chains.map((chain) => inspectedChain(chain, rules.get(chain.name) ?? [], texts)),
    sets: objects.flatMap((object) => {
      if ('set' in object && inTable(object.set)) return [setSummary('set', object.set)]
      return 'map' in object && inTable(object.map) ? [setSummary('map', object.map)] : []
    }),
  }
}

function inspectedChain(
  chain: NftChain,
  rules: readonly NftRule[],
  texts: ReadonlyMap<number, string>,
): InspectedChain {
  return {
    name: chain.name,
    type: chain.type ?? null,
    hook: chain.hook ?? null,
    priority: chain.prio ?? null,
    policy: chain.policy ?? null,
    rules: rules.map((rule) => ({
      handle: rule.handle ?? null,
      text: texts.get(rule.handle ?? 0) ?? JSON.stringify(rule.expr),
      packets: countedPackets(rule),
    })),
  }
}

/** Packets that a rule's counter has seen; null without a counter of its own. */
function countedPackets(rule: NftRule): number | null {
  for (const statement of rule.expr) {
    if (!('counter' in statement)) continue
    const { counter } = statement
    return typeof counter === 'object' && counter !== null && 'packets' in counter ? Number(counter.packets) : null
  }
  return null
}

function setSummary(kind: 'set' | 'map', set: { readonly name: string; readonly elem?: readonly unknown[] }) {
  return { name: set.name, kind, elements: set.elem?.length ?? 0 }
}

function inspectedLegacyTable(table: IptablesTable): InspectedTable {
  return { family: table.family, name: table.name, chains: table.chains.map(inspectedLegacyChain), sets: [] }
}

function inspectedLegacyChain(chain: IptablesChain): InspectedChain {
  return {
    name: chain.name,
    type: null,
    hook: chain.hook?.toLowerCase() ?? null,
    priority: null,
    policy: chain.policy?.toLowerCase() ?? null,
    rules: chain.rules.map((rule) => ({
      handle: null,
      text: iptablesRuleText(chain, rule),
      packets: Number(rule.packets),
    })),
  }
}
