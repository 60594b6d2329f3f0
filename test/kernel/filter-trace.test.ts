/** Tracing packets through rules: what the kernel tells, and that nothing stays behind. */
import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FilterTraceEvent, Namespace, openFilterTrace } from '../../src/kernel/index.ts'
import { ip, NamedNamespaces } from '../support/iproute.ts'

const namespaces = new NamedNamespaces('filter-trace')
let name: string
let namespace: Namespace

beforeAll(() => {
  name = namespaces.add('a')
  namespace = Namespace.open({ name })
  ip(`-n ${name} link set lo up`)
  const rules = `table inet guard { chain incoming {
    type filter hook input priority 0; policy accept;
    icmp type echo-request meta mark set 7 counter drop
  }\n}\n`
  execFileSync('ip', ['netns', 'exec', name, 'nft', '-f', '-'], { input: rules })
})

afterAll(() => {
  namespace?.close()
  namespaces.close()
})

function tables(): string {
  return execFileSync('ip', ['netns', 'exec', name, 'nft', 'list', 'tables'], { encoding: 'utf8' })
}

function ping(address: string): void {
  try {
    execFileSync('ip', ['netns', 'exec', name, 'ping', '-c', '1', '-W', '0.1', address], { stdio: 'ignore' })
  } catch {
    // No answer, which is what the rule is for.
  }
}

test('packets that match are told step by step, others are not; closing removes the table', async () => {
  const matches = [{ family: 'ipv4', protocol: 1, source: '127.0.0.1', destination: '127.0.0.2' }] as const
  const trace = openFilterTrace(namespace, matches, { bridge: true })
  expect(tables()).toContain(`table inet ${trace.table}`)
  expect(tables()).toContain(`table bridge ${trace.table}`)
  ping('127.0.0.2')
  ping('::1')
  const events: FilterTraceEvent[] = []
  for await (const item of trace) {
    if (item.kind === 'gap') throw new Error('events were lost')
    events.push(item.event)
    if (item.event.verdict.kind === 'drop') break
  }
  trace.close()
  expect(tables()).toBe('table inet guard\n')
  const drop = events.at(-1)!
  expect(drop).toMatchObject({ family: 'inet', table: 'guard', chain: 'incoming', kind: 'rule', mark: 7, iif: 1 })
  expect(drop.ruleHandle).toBeTypeOf('number')
  const first = events.find(({ id, headers }) => id === drop.id && headers.network !== undefined)
  expect(first?.headers.network?.subarray(12, 20)).toEqual(Buffer.from([127, 0, 0, 1, 127, 0, 0, 2]))
  expect(events.filter(({ headers }) => (headers.network?.[0] ?? 0) >> 4 === 6)).toEqual([])
})

test('the table belongs to its socket: nobody else may take it away, and the rules of others stay', () => {
  const trace = openFilterTrace(namespace, [{ family: 'ipv6', protocol: 58, icmpId: 5 }])
  expect(() =>
    execFileSync('ip', ['netns', 'exec', name, 'nft', 'delete', 'table', 'inet', trace.table], { stdio: 'pipe' }),
  ).toThrow()
  const { stdout } = {
    stdout: execFileSync('ip', ['netns', 'exec', name, 'nft', 'list', 'table', 'inet', trace.table], {
      encoding: 'utf8',
    }),
  }
  expect(stdout).toContain('flags owner')
  trace.close()
  expect(tables()).toBe('table inet guard\n')
})

test('what the kernel refuses is told, and leaves nothing', () => {
  const wrong = [{ family: 'ipv4', protocol: 6, source: 'fd00::1' }] as const
  expect(() =>
    openFilterTrace(namespace, [...wrong, { family: 'ipv4', protocol: 6, destination: 'no address' }]),
  ).toThrow()
  expect(tables()).toBe('table inet guard\n')
})
