/** `iptables -A|-I|-D|-P|-F|-N …` (iptables(8)), tried as rules of nftables on a copy of the rule set. */
import { readIptables, readNfTables } from '../../../kernel/index.ts'
import type { Place } from '../../scene/place.ts'
import type { Scene } from '../../scene/scene.ts'
import type { SceneChange } from '../supposed-scene.ts'
import { WhatIfError } from '../what-if-error.ts'
import { WordReader } from '../words.ts'
import { type IptablesCommand, readIptablesCommand } from './iptables-command.ts'
import type { RuleSetCopy } from './rule-set-copy.ts'
import { supposeOnCopy } from './suppose-nft.ts'

/** Base chains as iptables-nft makes them (iptables/nft.c, xtables_ipv4). */
const BASES: Readonly<
  Record<string, Readonly<Record<string, readonly [type: string, hook: string, priority: number]>>>
> = {
  raw: { PREROUTING: ['filter', 'prerouting', -300], OUTPUT: ['filter', 'output', -300] },
  mangle: {
    PREROUTING: ['filter', 'prerouting', -150],
    INPUT: ['filter', 'input', -150],
    FORWARD: ['filter', 'forward', -150],
    OUTPUT: ['route', 'output', -150],
    POSTROUTING: ['filter', 'postrouting', -150],
  },
  filter: {
    INPUT: ['filter', 'input', 0],
    FORWARD: ['filter', 'forward', 0],
    OUTPUT: ['filter', 'output', 0],
  },
  nat: {
    PREROUTING: ['nat', 'prerouting', -100],
    INPUT: ['nat', 'input', 100],
    OUTPUT: ['nat', 'output', -100],
    POSTROUTING: ['nat', 'postrouting', 100],
  },
}

/** Supposes a command of iptables(8) or ip6tables(8). @throws WhatIfError */
export function supposeIptables(
  _scene: Scene,
  place: Place,
  family: 'ip' | 'ip6',
  words: readonly string[],
): SceneChange {
  const program = family === 'ip' ? 'iptables' : 'ip6tables'
  const command = readIptablesCommand(new WordReader(program, words), family)
  refuseLegacy(place, family, program)
  return supposeOnCopy(place, (_, copy) => linesOf(command, family, copy, program))
}

/** The rules of iptables-legacy are elsewhere in the kernel, and cannot be copied. */
function refuseLegacy(place: Place, family: 'ip' | 'ip6', program: string): void {
  const legacy = readIptables(place.namespace).some(
    (table) => table.family === family && table.chains.some(({ rules }) => rules.length > 0),
  )
  const nft = readNfTables(place.namespace).some((table) => table.family === family && Object.hasOwn(BASES, table.name))
  if (legacy && !nft) {
    throw new WhatIfError(
      `${place.label} uses ${program}-legacy, whose changes cannot be supposed; say the same as a line of nft`,
    )
  }
}

function linesOf(
  command: IptablesCommand,
  family: 'ip' | 'ip6',
  copy: RuleSetCopy,
  program: string,
): readonly string[] {
  const { table, chain } = command
  const where = `${family} ${table} ${chain ?? ''}`.trim()
  const made = prepare(command, family, program)
  const handleAt = (position: number): number => {
    const rules = rulesOf(copy, family, table, chain)
    const rule = rules[position - 1]
    if (rule === undefined)
      throw new WhatIfError(`${program}: chain ${chain} of table ${table} has no rule ${position}`)
    return rule.handle
  }
  switch (command.kind) {
    case 'append':
      return [...made, `add rule ${where} ${command.rule}`]
    case 'insert': {
      const { position } = command
      const rules = rulesOf(copy, family, table, chain)
      if (position === 1 || rules.length === 0) return [...made, `insert rule ${where} ${command.rule}`]
      if (position === rules.length + 1) return [...made, `add rule ${where} ${command.rule}`]
      return [...made, `insert rule ${where} position ${handleAt(position)} ${command.rule}`]
    }
    case 'delete':
      return [`delete rule ${where} handle ${handleAt(command.position)}`]
    case 'policy':
      return [...made, `add chain ${where} { policy ${command.policy} ; }`]
    case 'flush':
      return chain === undefined ? [`flush table ${where}`] : [`flush chain ${where}`]
    case 'new':
      return [...made, `add chain ${where}`]
  }
}

function rulesOf(copy: RuleSetCopy, family: string, table: string, chain: string | undefined) {
  const found = readNfTables(copy.namespace).find((one) => one.family === family && one.name === table)
  return found?.chains.find(({ name }) => name === chain)?.rules ?? []
}

/** The table and the built-in chain, which iptables makes as soon as it is used; adding what is there changes nothing. */
function prepare({ kind, table, chain }: IptablesCommand, family: string, program: string): readonly string[] {
  const bases = Object.hasOwn(BASES, table) ? BASES[table] : undefined
  if (bases === undefined) throw new WhatIfError(`${program}: there is no table "${table}"`)
  if (kind === 'flush') return []
  const base = chain === undefined ? undefined : bases[chain]
  const line = `add table ${family} ${table}`
  if (base === undefined) return [line]
  const [type, hook, priority] = base
  return [line, `add chain ${family} ${table} ${chain} { type ${type} hook ${hook} priority ${priority} ; }`]
}
