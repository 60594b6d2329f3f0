import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { iptablesRuleText, readIptables } from '../../src/kernel/iptables/index.ts'
import { Namespace } from '../../src/kernel/netns/namespace.ts'

const names = [`nwt-ipt-${process.pid}-a`, `nwt-ipt-${process.pid}-b`] as const

beforeAll(() => {
  for (const name of names) execFileSync('ip', ['netns', 'add', name])
})

afterAll(() => {
  for (const name of names) execFileSync('ip', ['netns', 'delete', name])
})

function inside(name: string, ...command: string[]): string {
  return execFileSync('ip', ['netns', 'exec', name, ...command], { encoding: 'utf8' })
}

/** The rules of a namespace as lines. */
function lines(name: string): string[] {
  const namespace = Namespace.open({ name })
  try {
    return readIptables(namespace).flatMap((table) =>
      table.chains.flatMap((chain) => chain.rules.map((rule) => iptablesRuleText(chain, rule))),
    )
  } finally {
    namespace.close()
  }
}

const rules = [
  ['-A', 'INPUT', '-s', '10.1.0.0/16', '-p', 'tcp', '-m', 'tcp', '--dport', '22', '-j', 'GUARD'],
  ['-A', 'GUARD', '-m', 'conntrack', '--ctstate', 'RELATED,ESTABLISHED', '-j', 'ACCEPT'],
  ['-A', 'GUARD', '-j', 'REJECT', '--reject-with', 'icmp-port-unreachable'],
]

test('reading finds the rules of a namespace, and creates no table anywhere', () => {
  inside(names[0], 'iptables-legacy', '-N', 'GUARD')
  for (const rule of rules) inside(names[0], 'iptables-legacy', ...rule)
  expect(lines(names[0])).toEqual(rules.map((rule) => rule.join(' ')))
  expect(lines(names[1])).toEqual([])
  expect(inside(names[0], 'cat', '/proc/net/ip_tables_names')).toBe('filter\n')
  expect(inside(names[1], 'cat', '/proc/net/ip_tables_names')).toBe('')
})

test('what packets a rule and a policy counted', () => {
  inside(names[1], 'ip', 'link', 'set', 'lo', 'up')
  inside(names[1], 'iptables-legacy', '-A', 'INPUT', '-p', 'icmp', '-j', 'ACCEPT')
  inside(names[1], 'iptables-legacy', '-P', 'FORWARD', 'DROP')
  inside(names[1], 'busybox', 'ping', '-c', '1', '127.0.0.1')
  const namespace = Namespace.open({ name: names[1] })
  const chains = readIptables(namespace)[0]!.chains
  namespace.close()
  // A request and its reply: two packets of 84 bytes.
  expect(chains.find((chain) => chain.name === 'INPUT')?.rules[0]).toMatchObject({ packets: 2n, bytes: 168n })
  expect(chains.find((chain) => chain.name === 'OUTPUT')?.policyCounters).toEqual({ packets: 2n, bytes: 168n })
  expect(chains.find((chain) => chain.name === 'FORWARD')?.policy).toBe('DROP')
})
