/** Pings from a namespace: answers, silence, objections, duplicates and overtaking, sizes. */
import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Namespace } from '../../src/kernel/index.ts'
import { type PingEvent, type PingInit, type PingReport, ping } from '../../src/probe/index.ts'
import { ProbeWorld } from './probe-world.ts'

const world = new ProbeWorld('probeping')
let client: Namespace

beforeAll(async () => {
  const [here, there] = [world.add('client'), world.add('server')]
  client = here.namespace
  world.join(here.name, ['e0', '10.82.0.1/24', 'fd82::1/64'], there.name, ['e0', '10.82.0.2/24', 'fd82::2/64'])
  world.inside(here.name, [
    'route add 10.83.0.0/16 via 10.82.0.2',
    'neigh add 10.82.0.8 lladdr 02:00:00:00:00:08 dev e0',
  ])
  world.inside(there.name, [
    'route add prohibit 10.83.1.0/24',
    'route add 10.83.2.0/24 via 10.82.0.1',
    'addr add 10.82.0.3/24 dev e0',
    'addr add 10.82.0.4/24 dev e0',
  ])
  const enter = ['netns', 'exec', there.name]
  execFileSync('ip', [...enter, 'sysctl', '-qw', 'net.ipv4.ip_forward=1'])
  // Every answer from .3 comes twice: once more through a copy that is sent to the client.
  const rules =
    'table ip twice { chain out { type filter hook output priority 0; ip saddr 10.82.0.3 icmp type echo-reply dup to 10.82.0.1 device e0; }\n}\n'
  execFileSync('ip', [...enter, 'nft', '-f', '-'], { input: rules })
  await world.settle()
})

afterAll(() => world.close())

async function run(
  addresses: readonly string[],
  more: Partial<PingInit> = {},
): Promise<{ report: PingReport; events: PingEvent[] }> {
  const events: PingEvent[] = []
  const report = await ping({
    ...{ namespace: client, targets: addresses.map((address) => ({ label: address, address })) },
    ...{ count: 3, interval: 20, timeout: 1500, size: 56, onEvent: (event) => events.push(event) },
    ...more,
  })
  return { report, events }
}

test('several targets of both families, timed', async () => {
  const { report, events } = await run(['10.82.0.2', 'fd82:0::2'])
  expect(report.targets.map(({ address }) => address)).toEqual(['10.82.0.2', 'fd82::2'])
  for (const target of report.targets) {
    expect(target).toMatchObject({ sent: 3, received: 3, lost: 0, errors: 0, unsent: 0, duplicates: 0, late: 0 })
    const { minimum, average, p50, maximum } = target.roundTrip!
    expect(minimum).toBeGreaterThan(0)
    expect(minimum).toBeLessThanOrEqual(p50)
    expect(average).toBeLessThanOrEqual(maximum)
  }
  const replies = events.filter((event) => event.kind === 'reply')
  expect(replies).toHaveLength(6)
  expect(replies.every((event) => event.hops === 64 && event.size === 56)).toBe(true)
})

test('silence is told when its time is over, and does not hold up the others', async () => {
  const { report, events } = await run(['10.82.0.2', '10.82.0.8'], { timeout: 200 })
  expect(report.targets[0]).toMatchObject({ received: 3 })
  expect(report.targets[1]).toMatchObject({ sent: 3, received: 0, lost: 3, roundTrip: null })
  expect(events.filter(({ kind }) => kind === 'lost')).toHaveLength(3)
})

test('who objects is named, and what cannot be sent is told', async () => {
  const { report, events } = await run(['10.83.1.1', '198.18.0.1'], { count: 1 })
  expect(events).toContainEqual({
    ...{ kind: 'error', sequence: 1, target: { label: '10.83.1.1', address: '10.83.1.1' } },
    objection: { from: '10.82.0.2', reason: 'prohibited', mtu: null },
  })
  expect(events).toContainEqual(expect.objectContaining({ kind: 'unsent', reason: 'ENETUNREACH' }))
  expect(report.targets.map(({ errors, unsent }) => [errors, unsent])).toEqual([
    [1, 0],
    [0, 1],
  ])
})

test('duplicates are counted apart', async () => {
  const { report } = await run(['10.82.0.3'], { count: 4, interval: 40 })
  expect(report.targets[0]).toMatchObject({ sent: 4, received: 4, lost: 0 })
  expect(report.targets[0]!.duplicates).toBeGreaterThanOrEqual(3)
})

test('size, hop limit and fragments', async () => {
  expect((await run(['10.82.0.2', 'fd82::2'], { size: 1400, count: 1 })).report.targets[0]).toMatchObject({
    received: 1,
  })
  expect((await run(['10.82.0.2'], { size: 0, count: 1 })).report.targets[0]).toMatchObject({ received: 1 })
  const split = await run(['10.82.0.2', 'fd82::2'], { size: 4000, count: 1 })
  expect(split.report.targets.map(({ received }) => received)).toEqual([1, 1])
  const whole = await run(['10.82.0.2', 'fd82::2'], { size: 4000, count: 1, dontFragment: true })
  expect(whole.events.filter((event) => event.kind === 'unsent' && event.reason === 'EMSGSIZE')).toHaveLength(2)
  const near = await run(['10.83.2.1'], { hops: 1, count: 1 })
  expect(near.events[0]).toMatchObject({ kind: 'error', objection: { from: '10.82.0.2', reason: 'time-exceeded' } })
})

test('a source and an interface can be chosen, and must exist', async () => {
  expect(
    (await run(['10.82.0.2'], { source: '10.82.0.1', interface: 'e0', count: 1 })).report.targets[0],
  ).toMatchObject({ received: 1 })
  await expect(run(['10.82.0.2'], { source: '10.9.9.9' })).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' })
  await expect(run(['10.82.0.2'], { interface: 'nosuch' })).rejects.toMatchObject({ code: 'ENODEV' })
})

test('without a count it goes on until it is interrupted, and what was under way is not lost', async () => {
  const { report } = await run(['10.82.0.8'], {
    count: 0,
    interval: 50,
    timeout: 60_000,
    signal: AbortSignal.timeout(230),
  })
  expect(report).toMatchObject({ interrupted: true, targets: [{ sent: 0, lost: 0 }] })
  const answered = await run(['10.82.0.2'], { count: 0, interval: 30, signal: AbortSignal.timeout(300) })
  expect(answered.report.targets[0]!.received).toBeGreaterThan(2)
})
