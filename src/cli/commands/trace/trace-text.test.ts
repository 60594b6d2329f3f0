import { describe, expect, test } from 'vitest'
import type { TraceDocument, TraceHop } from '../../../diagnose/index.ts'
import { traceText } from './trace-text.ts'

const style = { columns: 80, ascii: false, paint: (_: unknown, text: string) => text }

function hop(rest: Partial<TraceHop>): TraceHop {
  return {
    direction: 'request',
    namespace: '1',
    label: 'docker:web',
    interface: 'eth0',
    passes: 'out',
    action: 'send',
    detail: 'out of eth0',
    seen: true,
    microseconds: 0,
    ...rest,
  }
}

function document(rest: Partial<TraceDocument> = {}): TraceDocument {
  return {
    schema: 'netwright/trace/v1',
    from: { word: 'web', namespace: '1', label: 'docker:web', names: ['web'] },
    to: { word: 'db', namespace: '2', label: 'docker:db', names: ['db'] },
    resolution: [],
    flow: {
      protocol: 'tcp',
      family: 'ipv4',
      source: '172.17.0.2',
      destination: '172.17.0.3',
      port: 5432,
      sourcePort: 40_000,
      size: 0,
    },
    verdict: 'dropped',
    direction: 'request',
    hops: [
      hop({}),
      hop({
        namespace: '3',
        label: 'host',
        action: 'cross',
        detail: 'from eth0 in docker:web to veth1 in host',
        microseconds: 3,
      }),
      hop({
        namespace: '3',
        label: 'host',
        action: 'route',
        detail: '172.17.0.0/16 dev docker0',
        seen: null,
        microseconds: null,
      }),
      hop({
        namespace: '3',
        label: 'host',
        action: 'drop',
        detail: 'A rule drops it.',
        seen: null,
        microseconds: null,
      }),
    ],
    cause: {
      code: 'filtered',
      where: { namespace: '3', names: ['host'] },
      summary: 'A rule drops it.',
      evidence: [{ fact: 'tcp dport 5432 drop', source: 'nftables' }],
    },
    fix: { safe: false, summary: 'Delete the rule.', commands: ['nft delete rule inet guard forward handle 4'] },
    leaves: null,
    predicted: { verdict: 'dropped', direction: 'request', cause: 'filtered', doubts: [] },
    observed: { outcome: 'silent', sent: 2, answered: 0, roundTripMicroseconds: null, lastSeen: null },
    differences: [],
    warnings: [],
    supposed: [],
    milliseconds: 400,
    ...rest,
  }
}

describe('a trace as text', () => {
  test('groups hops by namespace, marks where it dies, and ends with what mends it', () => {
    expect(traceText(document(), style)).toBe(
      `docker:web → docker:db  dropped
tcp 5432 from 172.17.0.2 to 172.17.0.3

  docker:web
    ● send        out of eth0                                               0 µs
  host
    ● cross       from eth0 in docker:web to veth1 in host                  3 µs
    · route       172.17.0.0/16 dev docker0
    ✗ drop        filtered

filtered A rule drops it.
  - tcp dport 5432 drop (nftables)

Delete the rule. Think first: this could hurt.
  nft delete rule inet guard forward handle 4
`,
    )
  })

  test('tells the way back in one line while all is well', () => {
    const reply = { direction: 'reply' as const, microseconds: 9 }
    const text = traceText(
      document({
        verdict: 'delivered',
        direction: 'reply',
        cause: null,
        fix: null,
        hops: [
          hop({}),
          hop({ ...reply, namespace: '2', label: 'docker:db' }),
          hop({ ...reply, namespace: '3', label: 'host' }),
          hop(reply),
        ],
        observed: { outcome: 'answered', sent: 1, answered: 1, roundTripMicroseconds: 1234, lastSeen: null },
      }),
      style,
    )
    expect(text).toContain('delivered\ntcp 5432 from 172.17.0.2 to 172.17.0.3, 1.2 ms there and back\n')
    expect(text).toContain('  and back: docker:db → host → docker:web\n')
  })

  test('shows nothing that could harm a terminal, and keeps to its columns', () => {
    const evil = `\x1b[2J\u202eweb\n${'long '.repeat(40)}`
    const text = traceText(
      document({
        from: { word: evil, namespace: '1', label: evil, names: [evil] },
        hops: [hop({ label: evil, detail: evil })],
        differences: [evil],
      }),
      { ...style, columns: 60 },
    )
    expect(text).not.toMatch(/\x1b|\u202e/)
    const lines = text.split('\n').slice(1)
    expect(lines.filter((line) => line.length > 70)).toEqual([])
  })

  test('is ASCII where nothing else can be shown', () => {
    expect(traceText(document(), { ...style, ascii: true })).toMatch(/^[\n -~]*$/)
  })
})
