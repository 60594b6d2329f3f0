import { expect, test } from 'vitest'
import type { Rule } from '../../kernel/index.ts'
import type { InspectedRoute } from './inspection.ts'
import { type RuleFacts, routeText, ruleText } from './route-text.ts'

const route = (rest: Partial<InspectedRoute>): string =>
  routeText({
    family: 'ipv4',
    table: 'main',
    tableNumber: 254,
    type: 'unicast',
    destination: 'default',
    gateway: null,
    interface: null,
    preferredSource: null,
    metric: 0,
    protocol: 'static',
    scope: 'global',
    mtu: null,
    nextHops: [],
    state: [],
    ...rest,
  })
const rule = (rest: Partial<Rule>, facts: Partial<RuleFacts> = {}): string =>
  ruleText({
    inverted: false,
    from: 'all',
    to: null,
    table: 'main',
    action: 'lookup',
    rule: { tos: 0, ...rest } as Rule,
    ...facts,
  })

test('a default route', () => {
  expect(route({ gateway: '172.17.0.1', interface: 'eth0', metric: 100 })).toBe(
    'default via 172.17.0.1 dev eth0 proto static metric 100',
  )
})

test('a route that came with an address, and one whose link is down', () => {
  const connected = {
    destination: '10.0.0.0/24',
    interface: 'eth0',
    protocol: 'kernel',
    scope: 'link',
    preferredSource: '10.0.0.1',
  }
  expect(route(connected)).toBe('10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.1')
  expect(route({ ...connected, state: ['linkdown'] })).toBe(
    '10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.1 linkdown',
  )
})

test('a route that forbids, and one with several next hops', () => {
  expect(route({ type: 'blackhole', destination: '10.9.0.0/16' })).toBe('blackhole 10.9.0.0/16 proto static')
  const hop = { interface: 'eth0', state: [] }
  expect(
    route({
      nextHops: [
        { ...hop, gateway: '10.0.0.2', weight: 1 },
        { ...hop, gateway: '10.0.0.3', weight: 3 },
      ],
    }),
  ).toBe('default proto static nexthop via 10.0.0.2 dev eth0 weight 1 nexthop via 10.0.0.3 dev eth0 weight 3')
})

test('rules with selectors', () => {
  expect(rule({})).toBe('from all lookup main')
  expect(rule({ mark: 1, markMask: 0xff, inputName: 'eth0' }, { from: '10.0.0.0/8', table: 'blue' })).toBe(
    'from 10.0.0.0/8 fwmark 0x1/0xff iif eth0 lookup blue',
  )
  expect(
    rule({ ipProtocol: 6, destinationPorts: { start: 80, end: 90 } }, { inverted: true, action: 'prohibit' }),
  ).toBe('not from all ipproto tcp dport 80-90 prohibit')
  expect(rule({ suppressPrefixLength: 0, suppressGroup: -1 })).toBe('from all lookup main suppress_prefixlength 0')
  expect(rule({ target: 200 }, { action: 'goto', table: null })).toBe('from all goto 200')
})
