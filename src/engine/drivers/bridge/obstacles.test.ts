import { expect, test } from 'vitest'
import type { IptablesTable, NftObject, NftStatement } from '../../../kernel/index.ts'
import type { NetworkRecord, PoolLease } from '../../model.ts'
import { bridgeSettings } from './bridge-options.ts'
import { legacyObjects } from './legacy-filter.ts'
import { filterObstacles } from './obstacles.ts'

const pool = { family: 4, pool: '10.60.0.0/24', gateway: '10.60.0.1/24', auxiliary: {} } as PoolLease
const network = { id: 'a', name: 'lan', internal: false, options: {}, pools: [pool] } as unknown as NetworkRecord
const judged = {
  network,
  settings: { ...bridgeSettings(network), bridgeName: 'br0' },
  uplinks: { 4: 'eth0', 6: undefined },
  bridgeFiltered: false,
}

type Chains = Record<string, readonly (readonly NftStatement[])[]>

/** A table whose first chain is the base chain of forwarding. */
function table(family: 'ip' | 'inet', name: string, policy: 'accept' | 'drop', chains: Chains): NftObject[] {
  return Object.entries(chains).flatMap(([chain, rules], i): NftObject[] => [
    {
      chain: {
        ...{ family, table: name, name: chain },
        ...(i === 0 ? ({ type: 'filter', hook: 'forward', prio: 0, policy } as const) : {}),
      },
    },
    ...rules.map((expr, n) => ({ rule: { family, table: name, chain, handle: 10 * i + n + 1, expr } })),
  ])
}

const iif = (name: string, op: '==' | '!=' = '=='): NftStatement => ({
  match: { op, left: { meta: { key: 'iifname' } }, right: name },
})
const states = (...set: string[]): NftStatement => ({
  match: { op: '==', left: { ct: { key: 'state' } }, right: { set } },
})
const accept: NftStatement = { accept: null }
const jump = (target: string): NftStatement => ({ jump: { target } })

test('a policy of drop loses everything that no rule accepts for certain, and DOCKER-USER is where to say so', () => {
  const docker = table('ip', 'filter', 'drop', {
    FORWARD: [[jump('DOCKER-USER')], [iif('docker0'), accept]],
    'DOCKER-USER': [[{ return: null }]],
  })
  expect(filterObstacles(docker, judged)).toEqual([
    {
      summary: expect.stringContaining(
        'the policy (drop) of chain FORWARD of table ip filter drops what its containers send out, the answers to them and connections to its published ports',
      ),
      commands: ['iptables -I DOCKER-USER -i br0 -j ACCEPT', 'iptables -I DOCKER-USER -o br0 -j ACCEPT'],
    },
  ])
})

test('firewalld rejects what its zones leave over: the bridge belongs into a zone', () => {
  const dnat: NftStatement = { match: { op: 'in', left: { ct: { key: 'status' } }, right: 'dnat' } }
  const firewalld = table('inet', 'firewalld', 'accept', {
    filter_FORWARD: [
      [states('established', 'related'), accept],
      [dnat, accept],
      [iif('lo'), accept],
      [jump('zones')],
      [{ reject: null }],
    ],
    zones: [[iif('eth0'), { goto: { target: 'public' } }], [{ goto: { target: 'public' } }]],
    public: [[{ match: { op: '==', left: { meta: { key: 'l4proto' } }, right: 'icmp' } }, { log: null }]],
  })
  const [obstacle, ...more] = filterObstacles(firewalld, judged)
  expect(more).toEqual([])
  expect(obstacle?.summary).toContain(
    'a rule (handle 5) in chain filter_FORWARD of table inet firewalld drops what its containers send out (',
  )
  expect(obstacle?.commands[0]).toBe('firewall-cmd --permanent --zone=trusted --add-interface=br0')
})

test('what might be accepted is not called an obstacle', () => {
  const unclear: NftStatement = { xt: { type: 'match', name: 'set' } }
  expect(filterObstacles(table('ip', 'filter', 'drop', { FORWARD: [[unclear, accept]] }), judged)).toEqual([])
})

test('interfaces may be told by the beginning of their names, in sets and in verdict maps', () => {
  const wildcard = table('inet', 'guard', 'drop', {
    transit: [
      [iif('br*'), accept],
      [iif('eth0'), accept],
    ],
  })
  expect(filterObstacles(wildcard, judged)).toEqual([])
  const vmap: NftStatement = {
    vmap: {
      key: { meta: { key: 'iifname' } },
      data: {
        set: [
          ['br0', { drop: null }],
          ['eth1', accept],
        ],
      },
    },
  }
  const [obstacle] = filterObstacles(table('inet', 'guard', 'accept', { transit: [[vmap]] }), judged)
  expect(obstacle?.commands).toEqual([
    'nft insert rule inet guard transit iifname br0 accept',
    'nft insert rule inet guard transit oifname br0 accept',
  ])
})

test('traffic between containers counts where bridges filter packets', () => {
  const rules = table('ip', 'guard', 'accept', {
    transit: [[iif('br0'), { match: { op: '==', left: { meta: { key: 'oifname' } }, right: 'br0' } }, { drop: null }]],
  })
  expect(filterObstacles(rules, judged)).toEqual([])
  expect(filterObstacles(rules, { ...judged, bridgeFiltered: true })[0]?.summary).toContain(
    'what its containers send each other',
  )
})

test('names of tables are quoted for the shell', () => {
  const rules = table('inet', "it's; reboot", 'drop', { transit: [] })
  expect(filterObstacles(rules, judged)[0]?.commands[0]).toBe(
    `nft insert rule inet 'it'\\''s; reboot' transit iifname br0 accept`,
  )
})

test('iptables-legacy is walked too, and mended with its own program', () => {
  const legacy = {
    family: 'ip',
    name: 'filter',
    complete: true,
    chains: [{ name: 'FORWARD', hook: 'FORWARD', policy: 'DROP', policyCounters: undefined, rules: [] }],
  } satisfies IptablesTable
  const [obstacle] = filterObstacles(legacyObjects([legacy]), judged)
  expect(obstacle?.summary).toContain('(iptables-legacy)')
  expect(obstacle?.commands[0]).toBe('iptables-legacy -I FORWARD -i br0 -j ACCEPT')
})
