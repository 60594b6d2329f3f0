import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Namespace } from '../../src/kernel/index.ts'
import { listSockets } from '../../src/probe/sockets/index.ts'
import { measureThroughput, type ThroughputInit } from '../../src/probe/throughput/index.ts'
import { TopSampler } from '../../src/probe/top/index.ts'
import { makeTraffic, type TrafficInit, type TrafficReport } from '../../src/probe/traffic/index.ts'
import { ip } from '../support/iproute.ts'
import { runProgram } from '../support/program.ts'
import { schemaFaults } from '../support/schema.ts'
import { ProbeWorld } from './probe-world.ts'

let world: ProbeWorld
let left: ReturnType<ProbeWorld['add']>
let right: ReturnType<ProbeWorld['add']>
const { signal } = new AbortController()

beforeAll(() => {
  world = new ProbeWorld('traffic')
  left = world.add('left')
  right = world.add('right')
  world.join(left.name, ['west', '192.0.2.1/24', '2001:db8::1/64'], right.name, [
    'east',
    '192.0.2.2/24',
    '2001:db8::2/64',
  ])
})

afterAll(() => world?.close())

const ends = () => ({
  from: { namespace: left.namespace, label: 'left' },
  to: { namespace: right.namespace, label: 'right' },
})

describe('throughput', () => {
  const measure = (more: Partial<ThroughputInit>) =>
    measureThroughput({
      ...ends(),
      address: '192.0.2.2',
      protocol: 'tcp',
      directions: ['forward'],
      streams: 1,
      milliseconds: 600,
      interval: 300,
      datagramBytes: 1400,
      signal,
      ...more,
    })

  test('of TCP, in both directions at once, over several streams', async () => {
    const before = linkBytes()
    const report = await measure({ directions: ['forward', 'reverse'], streams: 2 })
    expect(schemaFaults('throughput', report)).toEqual([])
    expect(report.directions.map(({ direction }) => direction)).toEqual(['forward', 'reverse'])
    // What is told has passed the link, where headers come on top.
    const after = linkBytes()
    const [forward, reverse] = report.directions
    expect(forward!.bytes).toBeGreaterThan(10_000_000)
    expect(reverse!.bytes).toBeGreaterThan(10_000_000)
    expect(after.sent - before.sent).toBeGreaterThan(forward!.bytes)
    expect(after.received - before.received).toBeGreaterThan(reverse!.bytes)
    expect(report.intervals.length).toBeGreaterThanOrEqual(4)
  })

  test('of UDP at a rate: all of it arrives, at that rate', async () => {
    const report = await measure({
      protocol: 'udp',
      bitsPerSecond: 8_000_000,
      directions: ['reverse'],
      milliseconds: 1000,
    })
    const [only] = report.directions
    expect(only!.datagrams).toMatchObject({ lost: 0, outOfOrder: 0 })
    expect(only!.datagrams!.sent).toBe(only!.datagrams!.received)
    expect(only!.bitsPerSecond).toBeGreaterThan(5_000_000)
    expect(only!.bitsPerSecond).toBeLessThan(10_000_000)
    expect(schemaFaults('throughput', report)).toEqual([])
  })

  test('over IPv6', async () => {
    const report = await measure({ address: '2001:db8::2', milliseconds: 300 })
    expect(report.directions[0]!.bytes).toBeGreaterThan(1_000_000)
  })

  test('where there is no way, and nothing stays open', async () => {
    await expect(measure({ address: '198.51.100.1' })).rejects.toMatchObject({ code: 'ENETUNREACH' })
    expect(listSockets(right.namespace, 'right', { process: String(process.pid) }).sockets).toEqual([])
  })

  function linkBytes(): { readonly sent: number; readonly received: number } {
    const [link] = JSON.parse(ip(`-n ${left.name} -s -j link show west`))
    return { sent: link.stats64.tx.bytes, received: link.stats64.rx.bytes }
  }
})

describe('steady traffic', () => {
  const make = (more: Partial<TrafficInit>) =>
    makeTraffic({
      ...ends(),
      address: '192.0.2.2',
      protocol: 'udp',
      port: 0,
      rate: 200,
      size: 100,
      label: 'check',
      milliseconds: 700,
      interval: 300,
      signal,
      observe: () => {},
      ...more,
    })

  test.each(['udp', 'tcp'] as const)('over %s arrives whole', async (protocol) => {
    const told: TrafficReport[] = []
    const total = await make({ protocol, observe: (report) => told.push(report) })
    expect(total).toMatchObject({ part: 'total', lost: 0, outOfOrder: 0, label: 'check' })
    expect(total.received).toBe(total.sent)
    expect(total.sent).toBeGreaterThan(50)
    expect(total.sent).toBeLessThanOrEqual(200)
    expect(told.length).toBeGreaterThan(0)
    for (const report of [...told, total]) expect(schemaFaults('traffic', report)).toEqual([])
  })

  test('that is dropped on its way is told lost', async () => {
    world.inside(right.name, ['link set east down'])
    try {
      const total = await make({ milliseconds: 400 })
      expect(total).toMatchObject({ received: 0, latencyMicroseconds: null })
      expect(total.lost).toBe(total.sent)
    } finally {
      world.inside(right.name, ['link set east up', 'addr add 2001:db8::2/64 dev east nodad'])
    }
  })

  test('the program tells of both ends', () => {
    const words = [
      'probe',
      'traffic',
      `ns:${left.name}`,
      `ns:${right.name}`,
      '--time',
      '300ms',
      '--json',
      '--label',
      'x',
    ]
    const { code, answer, remarks } = runProgram(words)
    expect(remarks).toBe('')
    expect(code).toBe(0)
    const last = JSON.parse(answer.trim().split('\n').at(-1)!)
    expect(last).toMatchObject({ part: 'total', label: 'x', from: `ns:${left.name}`, to: `ns:${right.name}`, lost: 0 })
  })
})

describe('sockets', () => {
  test('are listed with their processes, and chosen by filters', async () => {
    const script = `
      import { createServer } from 'node:net'
      import { createSocket } from 'node:dgram'
      createServer(() => {}).listen(8080, '192.0.2.2', () => createSocket('udp4').bind(5353, () => console.log('ready')))`
    const child = await world.node(right.name, script)
    const all = listSockets(right.namespace, 'right')
    expect(schemaFaults('sockets', all)).toEqual([])
    // Connections of the tests before may still be in TIME-WAIT.
    const own = all.sockets.filter(({ processes }) => processes.length > 0)
    expect(own.map(({ protocol, state, local }) => `${protocol} ${state} ${local.port}`)).toEqual([
      'tcp LISTEN 8080',
      'udp UNCONN 5353',
    ])
    expect(all.sockets[0]!.processes).toMatchObject([{ pid: child.pid }])
    const count = (filter: Parameters<typeof listSockets>[2]): number =>
      listSockets(right.namespace, 'right', filter).sockets.length
    expect(count({ protocols: ['udp'] })).toBe(1)
    expect(count({ port: 8080 })).toBe(1)
    expect(count({ address: '192.0.2.2', listening: true })).toBe(1)
    expect(count({ connected: true, process: String(child.pid) })).toBe(0)
    expect(count({ process: String(child.pid) })).toBe(2)
    const { code, answer } = runProgram(['probe', 'sockets', `ns:${right.name}`, '--listening', '--tcp'])
    expect(code).toBe(0)
    expect(answer).toMatch(/tcp +LISTEN +192\.0\.2\.2:8080/)
  })
})

describe('top', () => {
  test('tells what passed between two readings', async () => {
    const sampler = new TopSampler()
    try {
      for (const { name } of [left, right]) {
        const namespace = Namespace.open({ name })
        sampler.add({ namespace, label: name, inode: namespace.identity.inode, pid: undefined })
      }
      expect(sampler.sample().namespaces).toEqual([])
      const running = measureThroughput({
        ...ends(),
        address: '192.0.2.2',
        protocol: 'tcp',
        directions: ['forward'],
        streams: 1,
        milliseconds: 500,
        interval: 400,
        datagramBytes: 1400,
        signal,
        observe: () => reports.push(sampler.sample()),
      })
      const reports: ReturnType<TopSampler['sample']>[] = []
      await running
      const [report] = reports
      expect(schemaFaults('top', report)).toEqual([])
      const sent = report!.namespaces.find(({ namespace }) => namespace === left.name)
      const received = report!.namespaces.find(({ namespace }) => namespace === right.name)
      expect(sent!.sentBitsPerSecond).toBeGreaterThan(10_000_000)
      expect(received!.receivedBitsPerSecond).toBeGreaterThan(10_000_000)
      const [busiest] = report!.connections
      expect(busiest).toMatchObject({ protocol: 'tcp' })
      expect(busiest!.process).toContain(`(${process.pid})`)
    } finally {
      sampler.close()
    }
  })

  test('the program prints one interval', () => {
    const { code, answer } = runProgram(['top', `ns:${left.name}`, '--once', '--interval', '100ms', '--by', 'links'])
    expect(code).toBe(0)
    expect(answer).toContain(`ns:${left.name} west`)
    const document = JSON.parse(
      runProgram(['top', `ns:${left.name}`, '--once', '--interval', '100ms', '--json']).answer,
    )
    expect(schemaFaults('top', document)).toEqual([])
  })
})

test('tools: a document, a page, and a tool that is not known', () => {
  expect(schemaFaults('tools', JSON.parse(runProgram(['tools', '--json']).answer))).toEqual([])
  const page = runProgram(['tools', 'ip', '--target', 'docker:web'])
  expect(page).toMatchObject({ code: 0 })
  expect(page.answer).toContain('netwright ns exec docker:web -- ip address')
  expect(runProgram(['tools', 'tcpdunp'])).toMatchObject({ code: 2 })
})
