/** Rules of nf_tables as they are evaluated, without a kernel: what no packet shows, and what nobody should write. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { NfBase, NfChain, NfElement, NfExpression, NfSet, NfTable, NfVerdict } from '../../kernel/index.ts'
import type { Packet, TrackedFlow } from '../path/packet.ts'
import type { HookVisit } from './filter-rules.ts'
import { headerBytes, packetOfBytes } from './header-bytes.ts'
import { hookOrder } from './hook-order.ts'
import { KernelFilterRules } from './kernel-filter-rules.ts'
import { elementIndex } from './nft/element-index.ts'
import { trackedLayers } from './tracking-needs.ts'

const forward: NfBase = { hook: 'forward', priority: 0, type: 'filter', policy: 'accept', devices: [] }

const accept: NfExpression = { kind: 'immediate', dreg: 0, data: { verdict: { kind: 'accept' } } }
const drop: NfExpression = { kind: 'immediate', dreg: 0, data: { verdict: { kind: 'drop' } } }
const to = (verdict: NfVerdict): NfExpression => ({ kind: 'immediate', dreg: 0, data: { verdict } })
const port = (number: number): NfExpression[] => [
  { kind: 'payload', base: 'transport', offset: 2, length: 2, dreg: 1 },
  { kind: 'cmp', sreg: 1, op: '==', data: { value: Buffer.from([number >>> 8, number & 0xff]) } },
]

function chain(name: string, base: NfBase | undefined, ...rules: readonly (readonly NfExpression[])[]): NfChain {
  return {
    name,
    handle: 1,
    base,
    rules: rules.map((expressions, i) => ({
      handle: i + 10,
      expressions,
      compatProtocol: undefined,
      userData: undefined,
    })),
  }
}

function table(chains: readonly NfChain[], more: Partial<NfTable> = {}): NfTable {
  return {
    family: 'inet',
    name: 't',
    handle: 1,
    dormant: false,
    chains,
    sets: [],
    objects: [],
    flowtables: [],
    ...more,
  }
}

function rulesOf(...tables: readonly NfTable[]): KernelFilterRules {
  const order = hookOrder(tables, [], trackedLayers(tables, []), (_, __, rule) => `rule ${rule.handle}`)
  return new KernelFilterRules(order, { firstAddress: () => '10.0.0.1', linkName: () => 'br0' }, [])
}

const syn: Packet = {
  family: 'ipv4',
  source: '10.0.0.2',
  destination: '10.0.1.2',
  protocol: 6,
  sourcePort: 40000,
  destinationPort: 80,
  tcpFlags: 2,
  ttl: 64,
  length: 60,
  dontFragment: true,
  mark: 0,
  frame: { source: '02:00:00:00:00:01', destination: '02:00:00:00:00:02' },
}

function visit(more: Partial<HookVisit> = {}): HookVisit {
  return {
    layer: 'ip',
    hook: 'forward',
    packet: syn,
    input: undefined,
    output: undefined,
    flow: undefined,
    reply: false,
    addressType: () => 'unicast',
    outputFor: () => 1,
    masqueradeAddress: () => '10.0.1.1',
    ...more,
  }
}

test('a jump comes back, a goto does not, and a return at a base chain leads to its policy', () => {
  const chains = (first: NfVerdict, inner: NfVerdict): NfTable =>
    table([chain('base', { ...forward, policy: 'drop' }, [to(first)], [accept]), chain('user', undefined, [to(inner)])])
  const verdict = (first: NfVerdict, inner: NfVerdict): string =>
    rulesOf(chains(first, inner)).traverse(visit()).verdict
  expect(verdict({ kind: 'jump', chain: 'user' }, { kind: 'return' })).toBe('accept')
  expect(verdict({ kind: 'jump', chain: 'user' }, { kind: 'drop' })).toBe('drop')
  expect(verdict({ kind: 'goto', chain: 'user' }, { kind: 'return' })).toBe('drop')
  expect(verdict({ kind: 'goto', chain: 'user' }, { kind: 'accept' })).toBe('accept')
  expect(verdict({ kind: 'return' }, { kind: 'accept' })).toBe('drop')
  expect(verdict({ kind: 'continue' }, { kind: 'accept' })).toBe('accept')
})

test('chains are asked by priority; to be accepted by one says nothing to the next', () => {
  const early = table([chain('early', { ...forward, priority: -5 }, [accept])], { name: 'early' })
  const late = table([chain('late', { ...forward, priority: 5 }, [...port(80), drop])], { name: 'late', handle: 2 })
  const { verdict, rule } = rulesOf(late, early).traverse(visit())
  expect(verdict).toBe('drop')
  expect(rule).toEqual({
    backend: 'nftables',
    family: 'inet',
    table: 'late',
    chain: 'late',
    handle: 10,
    position: 1,
    text: 'rule 10',
  })
})

test('a policy is named as such; a table that sleeps is not asked', () => {
  const dropping = table([chain('base', { ...forward, policy: 'drop' })])
  expect(rulesOf(dropping).traverse(visit()).rule).toMatchObject({ handle: null, position: null, text: 'policy drop' })
  const asleep = rulesOf({ ...dropping, dormant: true })
  expect(asleep.traverse(visit()).verdict).toBe('accept')
  expect(asleep.isEmpty('ip')).toBe(true)
  expect(rulesOf(dropping).isEmpty('bridge')).toBe(true)
})

test('what cannot be known is told where it matters, and nowhere else', () => {
  const socket: NfExpression = { kind: 'socket', key: 'transparent', dreg: 1 }
  const compare: NfExpression = { kind: 'cmp', sreg: 1, op: '==', data: { value: Buffer.from([1]) } }
  const count: NfExpression = { kind: 'counter', packets: 0n, bytes: 0n }
  const doubts = (...rule: NfExpression[]): readonly string[] =>
    rulesOf(table([chain('base', forward, rule)])).traverse(visit()).doubts
  expect(doubts(socket, drop)).toEqual([expect.stringContaining('rule 1 of chain base in table inet t')])
  expect(doubts(socket, count)).toEqual([])
  expect(doubts(socket, ...port(443), drop)).toEqual([])
  const content: NfExpression = { kind: 'payload', base: 'transport', offset: 24, length: 1, dreg: 1 }
  expect(doubts(content, compare, drop)).toEqual([expect.stringContaining('bytes of the packet')])
  const choice: NfExpression = { kind: 'numgen', dreg: 1, modulus: 2, type: 'random', offset: 0 }
  const first: NfExpression = { kind: 'cmp', sreg: 1, op: '==', data: { value: Buffer.alloc(4) } }
  const chosen = rulesOf(table([chain('base', forward, [choice, first, drop])])).traverse(visit())
  expect(chosen).toMatchObject({ verdict: 'drop', doubts: [expect.stringContaining('random number among 2')] })
})

test('refusers are found one behind the other', () => {
  const rules = rulesOf(
    table([chain('one', forward, [...port(80), drop], [drop])], { name: 'one' }),
    table([chain('two', { ...forward, priority: 1, policy: 'drop' })], { name: 'two' }),
  )
  const chains = (lifting: 'without-rule' | 'accepted-by-chain'): unknown[] =>
    rules.refusers(visit(), () => lifting).map(({ rule: { chain: name, position }, scope }) => [name, position, scope])
  expect(chains('without-rule')).toEqual([
    ['one', 1, 'some'],
    ['one', 2, 'all'],
    ['two', null, 'all'],
  ])
  expect(chains('accepted-by-chain')).toEqual([
    ['one', 1, 'some'],
    ['two', null, 'all'],
  ])
})

test('a bridge sees frames: their addresses, their ports, and ARP', () => {
  const arpFromPort: NfExpression[] = [
    { kind: 'meta', key: 'protocol', dreg: 1 },
    { kind: 'cmp', sreg: 1, op: '==', data: { value: Buffer.from([8, 6]) } },
    { kind: 'payload', base: 'network', offset: 6, length: 2, dreg: 1 },
    { kind: 'cmp', sreg: 1, op: '==', data: { value: Buffer.from([0, 1]) } },
    { kind: 'payload', base: 'network', offset: 24, length: 4, dreg: 1 },
    { kind: 'cmp', sreg: 1, op: '==', data: { value: Buffer.from([10, 0, 1, 2]) } },
    drop,
  ]
  const rules = rulesOf(table([chain('frames', forward, arpFromPort)], { family: 'bridge' }))
  const arp: Packet = {
    ...syn,
    protocol: 0,
    sourcePort: 0,
    destinationPort: 0,
    arp: { operation: 'request', senderMac: '02:00:00:00:00:01', targetMac: '00:00:00:00:00:00' },
  }
  const ask = (packet: Packet): string => rules.traverse(visit({ layer: 'bridge', packet })).verdict
  expect(ask(arp)).toBe('drop')
  expect(ask({ ...arp, arp: { ...arp.arp!, operation: 'reply' } })).toBe('accept')
  expect(ask(syn)).toBe('accept')
  expect(rules.traverse(visit()).verdict).toBe('accept')
})

test('devices have chains of their own', () => {
  const rules = rulesOf(
    table([chain('ingress', { ...forward, hook: 'ingress', devices: ['eth0'] }, [drop])], { family: 'netdev' }),
  )
  const ask = (name: string): string =>
    rules.traverse(visit({ layer: 'netdev', hook: 'ingress', input: { name } as HookVisit['input'] })).verdict
  expect([ask('eth0'), ask('eth1')]).toEqual(['drop', 'accept'])
})

test('errors about a flow are related to it, and go back to where it came from', () => {
  const related: NfExpression[] = [
    { kind: 'ct', key: 'state', dreg: 1 },
    { kind: 'cmp', sreg: 1, op: '!=', data: { value: Buffer.from(Uint32Array.of(4).buffer) } },
    drop,
  ]
  const nat = chain('nat', { ...forward, hook: 'prerouting', type: 'nat' })
  const rules = rulesOf(table([chain('base', forward, related), nat]))
  const flow: TrackedFlow = {
    original: { source: '10.0.0.2', destination: '10.0.1.2', sourcePort: 40000, destinationPort: 80 },
    reply: { source: '10.0.1.2', destination: '10.0.1.1', sourcePort: 80, destinationPort: 40000 },
    mark: 0,
    zone: 0,
    answered: false,
    untracked: false,
    sourceTranslated: true,
    destinationTranslated: false,
  }
  const error: Packet = { ...syn, source: '10.0.1.9', destination: '10.0.1.1', protocol: 1, icmp: { type: 3, code: 4 } }
  const came = rules.traverse(visit({ hook: 'prerouting', packet: error, flow, reply: true }))
  expect(came.packet.destination).toBe('10.0.0.2')
  expect(rules.traverse(visit({ packet: came.packet, flow: came.flow, reply: true })).verdict).toBe('accept')
})

test('an interval holds its first key and not the one at which it ends; neighbours may touch', () => {
  const element = (key: number, intervalEnd: boolean): NfElement => ({
    key: Buffer.from([key]),
    keyEnd: undefined,
    intervalEnd,
    data: undefined,
    object: undefined,
    expressions: [],
  })
  const edges = fc.uniqueArray(fc.nat(255), { maxLength: 20 }).map((keys) => keys.sort((a, b) => a - b))
  fc.assert(
    fc.property(edges, fc.nat(255), (keys, key) => {
      const set: NfSet = {
        name: 's',
        handle: 1,
        anonymous: true,
        interval: true,
        isMap: false,
        fields: [],
        keyLength: 1,
        elements: keys.map((edge, i) => element(edge, i % 2 === 1)).reverse(),
      }
      const inside = keys.filter((edge) => edge <= key).length % 2 === 1
      expect(elementIndex(set).find(Buffer.from([key])) !== undefined).toBe(inside)
    }),
  )
})

test('a packet survives the way to bytes and back', () => {
  const { mark: _, ...rest } = syn
  expect(packetOfBytes(syn, headerBytes(syn))).toEqual({ ...rest, mark: 0 })
  const v6: Packet = { ...syn, family: 'ipv6', source: 'fd00::1', destination: 'fd00::2', protocol: 17 }
  expect(packetOfBytes(v6, headerBytes(v6))).toEqual(v6)
})

test('whatever the rules say, an answer is given', () => {
  const number = fc.oneof(fc.nat(30), fc.integer({ min: 0, max: 0xffffffff }))
  const bytes = fc.uint8Array({ maxLength: 20 }).map((value) => Buffer.from(value))
  const data = fc.record({ value: bytes }, { requiredKeys: [] })
  const word = fc.constantFrom('==', '<', 'mask-xor', '<<', '>>', 'and', 'hton', 'ntoh', 'original', 'reply')
  const key = fc.constantFrom(
    'mark',
    'state',
    'iifname',
    'saddr',
    'proto-src',
    'protocol',
    'time',
    'ibrname',
    'hour',
    77,
  )
  const kind = fc.constantFrom(
    ...([
      'immediate',
      'cmp',
      'range',
      'bitwise',
      'byteorder',
      'payload',
      'meta',
      'ct',
      'rt',
      'fib',
      'numgen',
      'hash',
    ] as const),
    ...([
      'lookup',
      'dynset',
      'limit',
      'quota',
      'connlimit',
      'reject',
      'nat',
      'masq',
      'redir',
      'tproxy',
      'notrack',
    ] as const),
    ...(['objref', 'exthdr', 'match', 'target', 'queue', 'unknown'] as const),
  )
  const base = fc.constantFrom('link', 'network', 'transport', 'inner')
  const name = fc.constantFrom('tcp', 'conntrack', 'DNAT', 'MARK', 'REJECT', 'limit', 'multiport', 'hashlimit', 'x')
  const step = fc.record(
    {
      kind,
      sreg: number,
      dreg: number,
      op: word,
      data,
      from: data,
      to: data,
      mask: data,
      xor: data,
      length: number,
      offset: number,
      size: fc.constantFrom(2, 4, 8),
      key,
      base,
      set: fc.constantFrom('s', 'none'),
      name,
      revision: fc.nat(3),
      info: bytes,
      flags: fc.nat(63),
      direction: word,
      result: fc.constantFrom('oif', 'type', 'oifname'),
      sregAddressMin: number,
      sregPortMin: number,
      modulus: fc.nat(3),
    },
    { requiredKeys: ['kind'] },
  )
  const tail = fc.constantFrom(accept, drop, to({ kind: 'jump', chain: 'base' }))
  const rule = fc.tuple(fc.array(step, { maxLength: 6 }), tail).map(([steps, end]) => [...steps, end] as NfExpression[])
  const set: NfSet = {
    name: 's',
    handle: 1,
    anonymous: false,
    interval: false,
    isMap: true,
    fields: [],
    keyLength: 64,
    elements: [],
  }
  fc.assert(
    fc.property(
      fc.array(rule, { maxLength: 5 }),
      fc.constantFrom('prerouting', 'forward', 'postrouting'),
      (rules, hook) => {
        const translation = chain('nat', { ...forward, hook, type: 'nat' }, ...rules)
        const asked = rulesOf(table([chain('base', { ...forward, hook }, ...rules), translation], { sets: [set] }))
        expect(['accept', 'drop', 'reject', 'taken']).toContain(asked.traverse(visit({ hook })).verdict)
      },
    ),
    { numRuns: 400 },
  )
})
