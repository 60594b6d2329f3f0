import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { littleEndian } from '../netlink/byte-order.ts'
import {
  decodeTable,
  type IptablesChain,
  type IptablesCounters,
  type IptablesFamily,
  type IptablesTable,
  iptablesRuleText,
  type TableInfo,
} from './index.ts'

interface Captured extends TableInfo {
  readonly name: string
  readonly blob: Buffer
}

/** Tables that a kernel gave, and what iptables-save said of them (test/fixtures/iptables/capture.ts). */
function fixture(family: IptablesFamily): { tables: Captured[]; saved: string } {
  const file = (extension: string): string =>
    readFileSync(join(import.meta.dirname, `../../../test/fixtures/iptables/${family}.${extension}`), 'utf8')
  const tables: (TableInfo & { name: string; blob: string })[] = JSON.parse(file('json')).tables
  return { tables: tables.map((t) => ({ ...t, blob: Buffer.from(t.blob, 'hex') })), saved: file('save') }
}

/** A table as iptables-save --counters writes it. */
function save(table: IptablesTable): string {
  const count = (counters: IptablesCounters | undefined): string =>
    `[${counters?.packets ?? 0}:${counters?.bytes ?? 0}]`
  const heading = (chain: IptablesChain): string =>
    `:${chain.name} ${chain.policy ?? '-'} ${count(chain.policyCounters)}`
  const rules = table.chains.flatMap((chain) => chain.rules.map((r) => `${count(r)} ${iptablesRuleText(chain, r)}`))
  return [`*${table.name}`, ...table.chains.map(heading), ...rules, 'COMMIT', ''].join('\n')
}

/** Quotes that are not needed are dropped: iptables sets them by other rules in each extension. */
function withoutNeedlessQuotes(text: string): string {
  return text.replace(/"([^\s"'\\]+)"/g, '$1')
}

describe.runIf(littleEndian)('tables of a real kernel', () => {
  test.each(['ip', 'ip6'] as const)('read as %s tables-save prints them, rule by rule, with counters', (family) => {
    const { tables, saved } = fixture(family)
    for (const table of tables) {
      const start = saved.indexOf(`*${table.name}\n`)
      const theirs = saved.slice(start, saved.indexOf('COMMIT\n', start) + 7)
      const ours = save(decodeTable(family, table.name, table, table.blob))
      const decoded = ours.replace(/^.*not decoded\].*\n/gm, '')
      // This extension is named and kept as bytes; the fixture has it to show that.
      const known = theirs.replace(/^.* -m recent .*\n/gm, '')
      expect(withoutNeedlessQuotes(decoded)).toBe(withoutNeedlessQuotes(known))
    }
  })

  test('an extension that is not decoded keeps its name and bytes', () => {
    const filter = fixture('ip').tables.find((table) => table.name === 'filter')!
    const decoded = decodeTable('ip', 'filter', filter, filter.blob)
    const matches = decoded.chains.flatMap((chain) => chain.rules.flatMap((rule) => rule.matches))
    const recent = matches.find((match) => match.name === 'recent')
    expect(recent).toMatchObject({ options: undefined, revision: 1 })
    expect(recent?.data.includes('ssh')).toBe(true)
  })

  test('mutated tables never throw and never loop', () => {
    const captured = (['ip', 'ip6'] as const).flatMap((family) =>
      fixture(family).tables.map((table) => ({ family, table })),
    )
    const mutation = fc.tuple(fc.nat(), fc.nat(255))
    fc.assert(
      fc.property(fc.constantFrom(...captured), fc.array(mutation, { maxLength: 30 }), (original, mutations) => {
        const { family, table } = original
        const blob = Buffer.from(table.blob)
        for (const [at, value] of mutations) blob[at % blob.length] = value
        for (const chain of decodeTable(family, table.name, table, blob).chains) {
          for (const rule of chain.rules) iptablesRuleText(chain, rule)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('a table that is cut short gives what is whole and says so', () => {
    const filter = fixture('ip').tables.find((table) => table.name === 'filter')!
    const decoded = decodeTable('ip', 'filter', filter, filter.blob.subarray(0, filter.blob.length / 2))
    expect(decoded.complete).toBe(false)
    expect(decoded.chains[0]?.rules.length).toBeGreaterThan(5)
  })
})

test('any bytes decode to some table', () => {
  const info = { validHooks: 0x1f, hookEntries: [0, 0, 0, 0, 0], underflows: [0, 0, 0, 0, 0] }
  fc.assert(
    fc.property(fc.constantFrom('ip', 'ip6'), fc.uint8Array({ maxLength: 1000 }), (family, bytes) => {
      expect(decodeTable(family as IptablesFamily, 'filter', info, Buffer.from(bytes)).name).toBe('filter')
    }),
  )
})
