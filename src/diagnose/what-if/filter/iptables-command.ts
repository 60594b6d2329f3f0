/** A command of iptables(8), with its rule in the notation of nft(8). */

import { WhatIfError } from '../what-if-error.ts'
import type { WordReader } from '../words.ts'
import { readIptablesRule } from './iptables-rule.ts'

interface InTable {
  readonly table: string
}

/** What it does. Rules are in the notation of nft(8); positions count from 1. */
export type IptablesCommand = InTable &
  (
    | { readonly kind: 'append'; readonly chain: string; readonly rule: string }
    | { readonly kind: 'insert'; readonly chain: string; readonly position: number; readonly rule: string }
    | { readonly kind: 'delete'; readonly chain: string; readonly position: number }
    | { readonly kind: 'policy'; readonly chain: string; readonly policy: 'accept' | 'drop' }
    | { readonly kind: 'flush'; readonly chain: string | undefined }
    | { readonly kind: 'new'; readonly chain: string }
  )

const VERBS: Readonly<Record<string, IptablesCommand['kind']>> = {
  '-A': 'append',
  '--append': 'append',
  '-I': 'insert',
  '--insert': 'insert',
  '-D': 'delete',
  '--delete': 'delete',
  '-P': 'policy',
  '--policy': 'policy',
  '-F': 'flush',
  '--flush': 'flush',
  '-N': 'new',
  '--new-chain': 'new',
}
const CHAIN_NAME = /^[A-Za-z][A-Za-z0-9_./-]{0,28}$/

/** Reads it. @throws WhatIfError */
export function readIptablesCommand(words: WordReader, family: 'ip' | 'ip6'): IptablesCommand {
  let table = tableOf(words) ?? 'filter'
  const verb = words.next('-A, -I, -D, -P or -F')
  const kind = Object.hasOwn(VERBS, verb) ? VERBS[verb]! : words.refuse(verb)
  if (kind === 'flush') {
    table = tableOf(words) ?? table
    const chain = words.done ? undefined : chainOf(words)
    table = tableOf(words) ?? table
    words.end()
    return { kind, table, chain }
  }
  const chain = chainOf(words)
  if (kind === 'policy') {
    const policy = words.next('the policy').toLowerCase()
    table = tableOf(words) ?? table
    words.end()
    return policy === 'accept' || policy === 'drop' ? { kind, table, chain, policy } : words.refuse(policy)
  }
  const position = /^\d+$/.test(words.peek() ?? '') ? words.number('the position') : undefined
  if (kind === 'delete') {
    if (position === undefined) throw new WhatIfError('iptables -D: name the rule by its number in the chain')
    table = tableOf(words) ?? table
    words.end()
    return { kind, table, chain, position }
  }
  if (kind === 'new') {
    words.end()
    return { kind, table, chain }
  }
  const { rule, table: named } = readIptablesRule(words, family)
  table = named ?? table
  return kind === 'insert'
    ? { kind, table, chain, position: position ?? 1, rule }
    : { kind: 'append', table, chain, rule }
}

function tableOf(words: WordReader): string | undefined {
  let table: string | undefined
  for (;;) {
    if (words.take('-w', '--wait') !== undefined) {
      if (/^\d+$/.test(words.peek() ?? '')) words.next('seconds')
    } else if (words.take('-t', '--table') !== undefined) table = words.next('the table behind -t')
    else return table
  }
}

function chainOf(words: WordReader): string {
  const chain = words.next('the chain')
  return CHAIN_NAME.test(chain) ? chain : words.refuse(chain)
}
