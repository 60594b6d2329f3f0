import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PacketSender } from '../../src/kernel/index.ts'
import {
  CaptureFileReader,
  type CapturePointOptions,
  type CaptureSummary,
  capture,
  FileSink,
  type FileSinkOptions,
  LineSink,
} from '../../src/probe/capture/index.ts'
import { runProgram } from '../support/program.ts'
import { schemaFaults } from '../support/schema.ts'
import { ProbeWorld } from './probe-world.ts'

let world: ProbeWorld
let folder: string
let left: ReturnType<ProbeWorld['add']>
let right: ReturnType<ProbeWorld['add']>

beforeAll(() => {
  world = new ProbeWorld('capture')
  folder = mkdtempSync(join(tmpdir(), 'nwt-capture-'))
  left = world.add('left')
  right = world.add('right')
  // Without IPv6 the kernel sends nothing of its own accord.
  for (const { name } of [left, right])
    execFileSync('ip', ['netns', 'exec', name, 'sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1'])
  world.join(left.name, ['west', '192.0.2.1/24'], right.name, ['east', '192.0.2.2/24'])
})

afterAll(async () => {
  await world?.close()
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
})

/** An Ethernet frame with a UDP datagram of a number, to port 9 unless said otherwise. */
function frame(number: number, { length = 60, port = 9 } = {}): Buffer {
  const bytes = Buffer.alloc(length)
  bytes.write('020000000002020000000001080045000000000000004011', 0, 'hex')
  bytes.writeUInt16BE(length - 14, 16)
  Buffer.from([192, 0, 2, 1, 192, 0, 2, 2]).copy(bytes, 26)
  bytes.writeUInt16BE(5000, 34)
  bytes.writeUInt16BE(port, 36)
  bytes.writeUInt16BE(length - 34, 38)
  bytes.writeUInt32BE(number, 42)
  return bytes
}

function send(frames: readonly Buffer[]): void {
  using sender = PacketSender.open({ namespace: left.namespace, interface: 'west' })
  for (const bytes of frames) sender.send(bytes)
}

function at(side: typeof left, more: Partial<CapturePointOptions> = {}): CapturePointOptions {
  return { namespace: side.namespace, label: `ns:${side.name}`, ...more }
}

/** Captures into a file while `work` sends, until `count` packets have come. */
async function record(
  points: readonly CapturePointOptions[],
  count: number,
  work: () => void,
  more: Partial<FileSinkOptions> = {},
): Promise<{ path: string; summary: CaptureSummary; files: readonly string[] }> {
  const path = join(folder, `${Math.random().toString(36).slice(2)}.pcapng`)
  const sink = new FileSink({ to: path, sources: points.length, application: 'test', comment: 'a test', ...more })
  const opened = (): void => {
    sink.open()
    work()
  }
  try {
    const { signal } = new AbortController()
    const summary = await capture({ points, count, milliseconds: 10_000, signal, opened }, sink)
    sink.finish(summary.places)
    return { path, summary, files: sink.files }
  } finally {
    sink.close()
  }
}

interface Seen {
  readonly frame: Buffer
  readonly where: string | undefined
  readonly flags: number
  readonly time: number
  readonly originalLength: number
}

function read(path: string): Seen[] {
  const reader = new CaptureFileReader()
  const seen: Seen[] = []
  reader.push(readFileSync(path), (packet) =>
    seen.push({
      frame: Buffer.from(packet.bytes),
      where: packet.interface.name,
      flags: packet.flags,
      time: packet.seconds * 1e6 + packet.nanoseconds / 1e3,
      originalLength: packet.originalLength,
    }),
  )
  expect(reader.unread).toBe(0)
  return seen
}

test('a file has every frame as it was, from whichever place in the ring', async () => {
  const lengths = [60, 61, 62, 63, 64, 1514, 333]
  const frames = Array.from({ length: 20_000 }, (_, i) => frame(i, { length: lengths[i % lengths.length]! }))
  const { path, summary } = await record([at(right, { interface: 'east' })], frames.length, () => send(frames))
  expect(summary).toMatchObject({ packets: frames.length, places: [{ dropped: 0 }] })
  const seen = read(path)
  expect(seen).toHaveLength(frames.length)
  expect(seen.every((it, i) => it.frame.equals(frames[i]!))).toBe(true)
  expect(new Set(seen.map(({ where }) => where))).toEqual(new Set([`ns:${right.name}/east`]))
})

test('both ends in one file: in the order of time, each packet with its interface and direction', async () => {
  const frames = Array.from({ length: 200 }, (_, i) => frame(i))
  const { path } = await record([at(left), at(right)], 400, () => send(frames))
  const seen = read(path)
  expect(seen).toHaveLength(400)
  expect(seen.every((it, i) => i === 0 || it.time >= seen[i - 1]!.time)).toBe(true)
  const out = seen.filter(({ where }) => where?.endsWith('/west'))
  expect(out).toHaveLength(200)
  expect(new Set(out.map(({ flags }) => flags & 3))).toEqual(new Set([2]))
  expect(new Set(seen.filter(({ where }) => where?.endsWith('/east')).map(({ flags }) => flags & 3))).toEqual(
    new Set([1]),
  )
})

test('VLAN tags are where they were on the wire', async () => {
  const plain = frame(1)
  const tagged = Buffer.concat([plain.subarray(0, 12), Buffer.from('81002064', 'hex'), plain.subarray(12)])
  const one = await record([at(right, { interface: 'east' })], 2, () => send([tagged, plain]))
  expect(read(one.path).map(({ frame: it }) => it.toString('hex'))).toEqual([
    tagged.toString('hex'),
    plain.toString('hex'),
  ])
  const both = await record([at(left, { interface: 'west' }), at(right, { interface: 'east' })], 2, () =>
    send([tagged]),
  )
  expect(read(both.path).every(({ frame: it }) => it.equals(tagged))).toBe(true)
})

test('the kernel filters, on one interface and on all of a namespace', async () => {
  const frames = Array.from({ length: 100 }, (_, i) => frame(i, { port: i % 2 === 0 ? 9 : 10 }))
  for (const place of [{ interface: 'east' }, {}]) {
    const { summary } = await record([at(right, { ...place, filter: 'udp port 10' })], 50, () => send(frames))
    expect(summary).toMatchObject({ packets: 50, places: [{ received: 50 }] })
  }
})

test('a packet is cut to what is wanted, and its length told', async () => {
  const { path } = await record(
    [at(right, { interface: 'east', snapLength: 50 })],
    1,
    () => send([frame(1, { length: 900 })]),
    {
      snapLength: 50,
    },
  )
  expect(read(path)).toMatchObject([{ originalLength: 900 }])
  expect(read(path)[0]!.frame).toHaveLength(50)
})

test('files go on in the next one, and only the last are kept', async () => {
  const frames = Array.from({ length: 3000 }, (_, i) => frame(i))
  const { files, path } = await record([at(right, { interface: 'east' })], 3000, () => send(frames), {
    maxSize: 50_000,
    maxFiles: 2,
  })
  expect(files).toHaveLength(2)
  const stem = path.slice(folder.length + 1, -'.pcapng'.length)
  expect(readdirSync(folder).filter((name) => name.startsWith(stem))).toHaveLength(2)
  for (const file of files) expect(statSync(file).size).toBeLessThanOrEqual(50_000)
  const numbers = files.flatMap((file) => read(file).map(({ frame: it }) => it.readUInt32BE(42)))
  expect(numbers.at(-1)).toBe(2999)
  expect(numbers.every((number, i) => i === 0 || number === numbers[i - 1]! + 1)).toBe(true)
})

test('a file that has its size ends the capture', async () => {
  const frames = Array.from({ length: 1000 }, (_, i) => frame(i))
  const { path, summary } = await record([at(right, { interface: 'east' })], 1000, () => send(frames), {
    maxSize: 10_000,
  })
  expect(statSync(path).size).toBeLessThanOrEqual(10_000)
  expect(read(path)).toHaveLength(summary.packets)
  expect(summary.packets).toBeGreaterThan(50)
})

test('what there was no room for is counted', async () => {
  const frames = Array.from({ length: 20_000 }, (_, i) => frame(i, { length: 1000 }))
  // While this thread sends, nobody empties the ring.
  const { summary } = await record([at(right, { interface: 'east', ringBytes: 512 * 1024 })], 400, () => send(frames))
  expect(summary.places[0]!.dropped).toBeGreaterThan(10_000)
  expect(summary.places[0]!.received).toBe(20_000)
})

test('Wireshark’s tools read the file', async () => {
  const { path } = await record([at(left), at(right)], 20, () => send(Array.from({ length: 10 }, (_, i) => frame(i))))
  const fields = ['frame.interface_name', 'frame.packet_flags_direction', 'udp.dstport']
  const words = ['-r', path, '-T', 'fields', ...fields.flatMap((field) => ['-e', field])]
  const { status, stdout, stderr } = spawnSync('tshark', words, { encoding: 'utf8' })
  expect(status, stderr).toBe(0)
  const rows = stdout.trim().split('\n')
  expect(rows).toHaveLength(20)
  expect(new Set(rows.map((row) => row.split('\t')[0]))).toEqual(
    new Set([`ns:${left.name}/west`, `ns:${right.name}/east`]),
  )
  const about = execFileSync('capinfos', [path], { encoding: 'utf8' })
  expect(about).toContain('Number of packets:   20')
  expect(about).toContain('Strict time order:   True')
  expect(about).toContain('nanoseconds (9)')
})

test('lines tell what passes', async () => {
  const lines: string[] = []
  const sink = new LineSink({
    sources: 1,
    json: false,
    places: true,
    print: async (text) => {
      lines.push(...text.trimEnd().split('\n'))
    },
  })
  const { signal } = new AbortController()
  const opened = (): void => send([frame(1), frame(2, { port: 53 })])
  await capture({ points: [at(right)], count: 2, milliseconds: 10_000, signal, opened }, sink)
  expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{6} ns:\S+\/east in {2}192\.0\.2\.1:5000 > 192\.0\.2\.2:9 UDP len 18$/)
  expect(lines[1]).toContain('192.0.2.2:53 DNS')
})

test('the program: a filter that cannot be understood, an interface that is not there, documents', async () => {
  const wrong = runProgram(['capture', `ns:${right.name}`, 'tcp', 'prt', '80'])
  expect(wrong).toMatchObject({ code: 2, answer: '' })
  expect(wrong.remarks).toContain('cannot be understood')
  const path = join(folder, 'never.pcapng')
  const missing = runProgram(['capture', `ns:${right.name}`, '-i', 'eth9', '-w', path])
  expect(missing.code).toBe(3)
  expect(() => statSync(path)).toThrow()
  const { path: recorded } = await record([at(left)], 3, () => send([frame(1), frame(2), frame(3)]))
  const shown = runProgram(['capture', '-r', recorded, '--json'])
  const documents = shown.answer
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(documents).toHaveLength(3)
  for (const document of documents) expect(schemaFaults('packet', document)).toEqual([])
  expect(documents[0]).toMatchObject({ namespace: `ns:${left.name}`, interface: 'west', direction: 'out', length: 60 })
})
