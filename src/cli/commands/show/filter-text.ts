/** Rule sets, tracked connections and settings as people read them. */
import type { InspectedChain, InspectedConntrack, InspectedTable } from '../../../host/index.ts'
import { printable } from '../../frame/escape.ts'
import { table } from '../../frame/table.ts'
import type { Paint } from '../../frame/terminal.ts'

/** Characters of a rule; longer ones are in the JSON document. */
const LONGEST_RULE = 400
/** Share of the table of tracked connections from which on it is worth a warning. */
const NEARLY_FULL = 0.9

/** Tables with their chains and rules. Chains of iptables that are as they always were are left out. */
export function tablesText(tables: readonly InspectedTable[], paint: Paint): string {
  return tables
    .map((table) => ({ table, chains: table.chains.filter((chain) => !isUntouched(table, chain)) }))
    .filter(({ table, chains }) => chains.length > 0 || table.sets.length > 0)
    .map(({ table, chains }) => {
      const sets = table.sets.map((set) => `    ${set.kind} ${printable(set.name)}: ${set.elements} elements\n`)
      return `  table ${table.family} ${printable(table.name)}\n${sets.join('')}${chains.map((chain) => chainText(chain, paint)).join('')}`
    })
    .join('')
}

/** A built-in chain of iptables exists as soon as its table does. */
function isUntouched(table: InspectedTable, chain: InspectedChain): boolean {
  const builtIn = ['ip', 'ip6'].includes(table.family) && chain.type === null && chain.hook !== null
  return builtIn && chain.rules.length === 0 && chain.policy === 'accept'
}

function chainText(chain: InspectedChain, paint: Paint): string {
  const facts = [
    ...(chain.type === null ? [] : [`type ${chain.type}`]),
    ...(chain.hook === null ? [] : [`hook ${chain.hook}`]),
    ...(chain.priority === null ? [] : [`priority ${chain.priority}`]),
    ...(chain.policy === null ? [] : [`policy ${chain.policy === 'drop' ? paint('yellow', 'drop') : chain.policy}`]),
  ]
  const head = `    chain ${printable(chain.name)}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}\n`
  return head + chain.rules.map((rule) => `      ${printable(rule.text, LONGEST_RULE)}\n`).join('')
}

/** How full the table is, and what was lost. */
export function conntrackText(conntrack: InspectedConntrack, paint: Paint): string {
  const { entries, maximum, dropped, insertFailed, invalid } = conntrack
  if (entries === 0 && dropped === 0 && insertFailed === 0) return ''
  const full = maximum > 0 && entries >= maximum * NEARLY_FULL
  const used = `${entries} of ${maximum}`
  const words = [
    full ? paint('red', `${used}, nearly full`) : used,
    ...(dropped === 0 ? [] : [paint('red', `${dropped} packets dropped`)]),
    ...(insertFailed === 0 ? [] : [`${insertFailed} insertions failed`]),
    ...(invalid === 0 ? [] : [`${invalid} packets invalid`]),
  ]
  return `  ${words.join(', ')}\n`
}

/** Settings of the namespace, and those of interfaces that differ from what a new interface gets. */
export function settingsText(settings: Readonly<Record<string, string>>): string {
  const rows = Object.entries(settings).flatMap(([name, value]) => {
    const ofInterface = /^net\.(ipv[46])\.conf\.([^.]+)\.(.+)$/.exec(name)
    if (ofInterface !== null && !isTelling(settings, ofInterface, value)) return []
    return [[printable(name), printable(value.replaceAll('\t', ' '))]]
  })
  return table(rows, { indent: 2 })
}

function isTelling(
  settings: Readonly<Record<string, string>>,
  [, family, place, setting]: RegExpExecArray,
  value: string,
): boolean {
  if (place === 'all' || place === 'default') return value !== '0' && !(setting === 'accept_ra' && value === '1')
  return settings[`net.${family}.conf.default.${setting}`] !== value
}
