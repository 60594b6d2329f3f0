/** Rule sets as bytes: those that the kernel sent, both ways, and what becomes of them. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { annotatedBytes, decoded, decodedValue, encoded, encodedValue } from '../netlink/annotated-bytes.ts'
import { fakeKernel, type KernelAnswer, tableAnswer } from '../netlink/fake-kernel.ts'
import { type MessageKind, readHeader } from '../netlink/message.ts'
import { NetlinkSocket } from '../netlink/socket.ts'
import { type NfExpression, nfExpression } from './expression.ts'
import { expressionTables } from './expression-tables.ts'
import { NfTablesMessage, nfChain, nfElements, nfGeneration, nfRule, nfSet, nfTable } from './nf-tables-message.ts'
import { dumpNfTables } from './rule-set.ts'
import { nfTrace, traceEventOf } from './trace-event.ts'

// table inet t { map m { type inet_service : verdict; flags interval; elements = { 22-23 : drop, 80 : jump web } }
//   chain web { counter accept }
//   chain pass { type filter hook forward priority -5; policy drop; ip saddr 10.0.0.0/8 tcp dport vmap @m } }
const table = annotatedBytes(`
  01 00 00 02                                  # NFPROTO_INET, version, generation
  06 00 01 00 74 00 00 00                      # NFTA_TABLE_NAME
  08 00 03 00 00 00 00 03                      # NFTA_TABLE_USE
  0c 00 04 00 00 00 00 00 00 00 00 01          # NFTA_TABLE_HANDLE
  08 00 02 00 00 00 00 00                      # NFTA_TABLE_FLAGS`)
const web = annotatedBytes(`
  01 00 00 02 06 00 01 00 74 00 00 00
  08 00 03 00 77 65 62 00                      # NFTA_CHAIN_NAME
  0c 00 02 00 00 00 00 00 00 00 00 01          # NFTA_CHAIN_HANDLE
  08 00 06 00 00 00 00 02`)
const pass = annotatedBytes(`
  01 00 00 02 06 00 01 00 74 00 00 00
  09 00 03 00 70 61 73 73 00 00 00 00
  0c 00 02 00 00 00 00 00 00 00 00 02
  14 00 04 00                                  # NFTA_CHAIN_HOOK
    08 00 01 00 00 00 00 02                    # NF_INET_FORWARD
    08 00 02 00 ff ff ff fb                    # priority −5
  08 00 05 00 00 00 00 00                      # NF_DROP
  0b 00 07 00 66 69 6c 74 65 72 00 00          # NFTA_CHAIN_TYPE
  08 00 0a 00 00 00 00 01`)
const countAndAccept = annotatedBytes(`
  01 00 00 02 06 00 01 00 74 00 00 00
  08 00 02 00 77 65 62 00
  0c 00 03 00 00 00 00 00 00 00 00 04
  60 00 04 00                                  # NFTA_RULE_EXPRESSIONS
    2c 00 01 00
      0c 00 01 00 63 6f 75 6e 74 65 72 00      # NFTA_EXPR_NAME
      1c 00 02 00                              # NFTA_EXPR_DATA
        0c 00 01 00 00 00 00 00 00 00 00 00
        0c 00 02 00 00 00 00 00 00 00 00 00
    30 00 01 00
      0e 00 01 00 69 6d 6d 65 64 69 61 74 65 00 00 00
      1c 00 02 00
        08 00 01 00 00 00 00 00                # the verdict register
        10 00 02 00                            # NFTA_IMMEDIATE_DATA
          0c 00 02 00                          # NFTA_DATA_VERDICT
            08 00 01 00 00 00 00 01            # NF_ACCEPT`)
const lookUp = annotatedBytes(`
  01 00 00 02 06 00 01 00 74 00 00 00
  09 00 02 00 70 61 73 73 00 00 00 00
  0c 00 03 00 00 00 00 00 00 00 00 05
  9c 00 04 00
    34 00 01 00
      0c 00 01 00 70 61 79 6c 6f 61 64 00
      24 00 02 00
        08 00 01 00 00 00 00 01
        08 00 02 00 00 00 00 02                # NFT_PAYLOAD_TRANSPORT_HEADER
        08 00 03 00 00 00 00 02
        08 00 04 00 00 00 00 02
    30 00 01 00
      0b 00 01 00 6c 6f 6f 6b 75 70 00 00
      20 00 02 00
        06 00 01 00 6d 00 00 00
        08 00 02 00 00 00 00 01
        08 00 03 00 00 00 00 00
        04 00 09 00                            # an attribute that nobody knows
    34 00 01 00
      0a 00 01 00 66 75 74 75 72 65 00 00      # an expression that nobody knows
      24 00 02 00
        20 00 01 00 ${'ab '.repeat(28)}`)
const map = annotatedBytes(`
  01 00 00 02 06 00 01 00 74 00 00 00
  06 00 02 00 6d 00 00 00
  0c 00 10 00 00 00 00 00 00 00 00 03
  08 00 03 00 00 00 00 0c                      # interval, map
  08 00 04 00 00 00 00 0d
  08 00 05 00 00 00 00 02                      # keys of two bytes
  08 00 06 00 ff ff ff 00                      # verdicts
  08 00 07 00 00 00 00 10`)
const elements = annotatedBytes(`
  01 00 00 02 06 00 01 00 74 00 00 00
  06 00 02 00 6d 00 00 00
  94 00 03 00                                  # NFTA_SET_ELEM_LIST_ELEMENTS
    18 00 01 00
      0c 00 01 00 06 00 01 00 00 51 00 00      # 81
      08 00 03 00 00 00 00 01                  # an interval ends
    28 00 01 00
      0c 00 01 00 06 00 01 00 00 50 00 00      # 80
      18 00 02 00
        14 00 02 00
          08 00 01 00 ff ff ff fd              # NFT_JUMP
          08 00 02 00 77 65 62 00
    18 00 01 00
      0c 00 01 00 06 00 01 00 00 18 00 00
      08 00 03 00 00 00 00 01
    20 00 01 00
      0c 00 01 00 06 00 01 00 00 16 00 00      # 22
      10 00 02 00
        0c 00 02 00
          08 00 01 00 00 00 00 00              # NF_DROP
    18 00 01 00
      0c 00 01 00 06 00 01 00 00 00 00 00
      08 00 03 00 00 00 00 01`)
const generation = annotatedBytes('00 00 00 02 08 00 01 00 00 00 00 07')

const messages: readonly (readonly [string, MessageKind<object>, Buffer])[] = [
  ['table', nfTable, table],
  ['chain', nfChain, web],
  ['base chain', nfChain, pass],
  ['rule', nfRule, countAndAccept],
  ['rule with parts that nobody knows', nfRule, lookUp],
  ['set', nfSet, map],
  ['list of elements', nfElements, elements],
  ['generation', nfGeneration, generation],
]

test.each(messages)('a %s is written as it was read', (_, kind, bytes) => {
  const value = decoded(kind, bytes)!
  expect(decoded(kind, encoded(kind, value))).toEqual(value)
})

/** A kernel with the rule set above. */
function kernelWith(rows: ReadonlyMap<number, readonly Buffer[]>): KernelAnswer {
  return (request) => {
    const { type } = readHeader(request, 0)
    return tableAnswer(type, rows.get(type) ?? [])(request)
  }
}

const whole = new Map<number, readonly Buffer[]>([
  [NfTablesMessage.getTable, [table]],
  [NfTablesMessage.getChain, [web, pass]],
  [NfTablesMessage.getRule, [countAndAccept, lookUp]],
  [NfTablesMessage.getSet, [map]],
  [NfTablesMessage.getSetElements, [elements]],
  [NfTablesMessage.getGeneration, [generation]],
])

test('a rule set is put together from its parts', () => {
  const [found, ...others] = dumpNfTables(new NetlinkSocket(fakeKernel(kernelWith(whole))))
  expect(others).toEqual([])
  expect(found).toMatchObject({ family: 'inet', name: 't', handle: 1, dormant: false, objects: [], flowtables: [] })
  expect(found?.chains).toMatchObject([
    { name: 'web', base: undefined, rules: [{ handle: 4 }] },
    { name: 'pass', base: { hook: 'forward', priority: -5, type: 'filter', policy: 'drop', devices: [] } },
  ])
  expect(found?.chains[0]?.rules[0]?.expressions).toEqual([
    { kind: 'counter', packets: 0n, bytes: 0n },
    { kind: 'immediate', dreg: 0, data: { verdict: { kind: 'accept' } } },
  ])
  expect(found?.chains[1]?.rules[0]?.expressions).toMatchObject([
    { kind: 'payload', base: 'transport', offset: 2, length: 2, dreg: 1 },
    { kind: 'lookup', set: 'm', sreg: 1, dreg: 0 },
    { kind: 'unknown', name: 'future' },
  ])
  expect(found?.sets).toMatchObject([{ name: 'm', interval: true, isMap: true, anonymous: false, keyLength: 2 }])
  expect(
    found?.sets[0]?.elements.map(({ key, intervalEnd, data }) => [key?.readUInt16BE(0), intervalEnd, data]),
  ).toEqual([
    [81, true, undefined],
    [80, false, { verdict: { kind: 'jump', chain: 'web' } }],
    [24, true, undefined],
    [22, false, { verdict: { kind: 'drop' } }],
    [0, true, undefined],
  ])
})

test('a rule set that changes while it is read is read again, but not for ever', () => {
  let id = 0
  const restless = fakeKernel((request) => {
    const { type } = readHeader(request, 0)
    if (type !== NfTablesMessage.getGeneration) return kernelWith(whole)(request)
    return tableAnswer(type, [annotatedBytes(`00 00 00 02 08 00 01 00 00 00 00 0${id++ < 3 ? id : 9}`)])(request)
  })
  expect(dumpNfTables(new NetlinkSocket(restless))).toHaveLength(1)
  expect(id).toBeGreaterThan(3)
  let count = 0
  const mad = fakeKernel((request) => {
    const { type } = readHeader(request, 0)
    if (type !== NfTablesMessage.getGeneration) return kernelWith(whole)(request)
    return tableAnswer(type, [encoded(nfGeneration, { id: count++ })])(request)
  })
  expect(() => dumpNfTables(new NetlinkSocket(mad))).toThrow(/changed during each/)
})

test('without tables one question is all', () => {
  const asked: number[] = []
  const empty = fakeKernel((request) => {
    asked.push(readHeader(request, 0).type)
    return tableAnswer(NfTablesMessage.newTable, [])(request)
  })
  expect(dumpNfTables(new NetlinkSocket(empty))).toEqual([])
  expect(asked).toEqual([NfTablesMessage.getTable])
})

test('every kind of expression is written as it was read', () => {
  const u32 = fc.integer({ min: 0, max: 0xffffffff })
  const bytes = fc.uint8Array({ maxLength: 16 }).map((value) => Buffer.from(value))
  const kinds = fc.constantFrom(...(Object.keys(expressionTables) as (keyof typeof expressionTables)[]))
  fc.assert(
    fc.property(kinds, u32, bytes, (kind, number, value) => {
      const samples: Record<string, unknown> = {
        sreg: number,
        dreg: number,
        length: number,
        flags: number & 0xffff,
        offset: number,
        modulus: number,
        data: { value },
        mask: { value },
        info: value,
        revision: number,
      }
      const fields = Object.keys(expressionTables[kind].fields).filter((name) => name in samples)
      const meant = Object.fromEntries(fields.map((name) => [name, samples[name]]))
      const expression = { kind, ...meant } as unknown as NfExpression
      expect(decodedValue(nfExpression, encodedValue(nfExpression, expression))).toEqual(expression)
    }),
  )
})

test('expressions within expressions', () => {
  const expression: NfExpression = {
    kind: 'dynset',
    set: 's',
    op: 'update',
    sregKey: 1,
    expressions: [{ kind: 'limit', rate: 10n, unit: 1n, burst: 5, type: 'packets', flags: 0 }],
  }
  expect(decodedValue(nfExpression, encodedValue(nfExpression, expression))).toEqual(expression)
})

test('a step of a traced packet', () => {
  const message = annotatedBytes(`
    02 00 00 00
    08 00 0f 00 00 00 00 02                    # NFTA_TRACE_NFPROTO
    08 00 06 00 78 29 0f 41                    # NFTA_TRACE_ID
    06 00 01 00 74 00 00 00
    09 00 02 00 70 61 73 73 00 00 00 00
    0c 00 03 00 00 00 00 00 00 00 00 05        # NFTA_TRACE_RULE_HANDLE
    08 00 04 00 00 00 00 03                    # a rule
    14 00 05 00                                # NFTA_TRACE_VERDICT
      08 00 01 00 ff ff ff fd
      08 00 02 00 77 65 62 00
    08 00 0a 00 00 00 00 02                    # NFTA_TRACE_IIF
    08 00 07 00 01 02 03 04
    08 00 0e 00 00 00 00 11                    # NFTA_TRACE_MARK`)
  const read = decoded(nfTrace, message)!
  expect(decoded(nfTrace, encoded(nfTrace, read))).toEqual(read)
  expect(traceEventOf(read)).toEqual({
    id: 0x78290f41,
    family: 'ip',
    table: 't',
    chain: 'pass',
    kind: 'rule',
    ruleHandle: 5,
    verdict: { kind: 'jump', chain: 'web' },
    headers: { link: Buffer.from([1, 2, 3, 4]), network: undefined, transport: undefined },
    iif: 2,
    oif: undefined,
    mark: 17,
  })
  const { ruleHandle: _, ...withoutRule } = read
  expect(traceEventOf(withoutRule)).toBeUndefined()
})

test('garbage never throws', () => {
  const parts = messages.map(([, , bytes]) => bytes)
  const row = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.tuple(fc.constantFrom(...parts), fc.nat(300), fc.nat(255)).map(([part, at, byte]) => {
      const bytes = Buffer.from(part)
      bytes[at % bytes.length] = byte
      return bytes
    }),
  )
  const rows = fc.array(row, { maxLength: 3 })
  fc.assert(
    fc.property(rows, rows, rows, rows, (chains, rules, sets, lists) => {
      const kernel = new Map([
        ...whole,
        [NfTablesMessage.getChain, [pass, ...chains]],
        [NfTablesMessage.getRule, rules],
        [NfTablesMessage.getSet, sets],
        [NfTablesMessage.getSetElements, lists],
      ] as const)
      dumpNfTables(new NetlinkSocket(fakeKernel(kernelWith(kernel))))
      for (const bytes of rules) {
        const message = decoded(nfTrace, bytes)
        if (message !== undefined) traceEventOf(message)
      }
    }),
  )
})
