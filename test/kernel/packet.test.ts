import { execFileSync } from 'node:child_process'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { Namespace } from '../../src/kernel/netns/namespace.ts'
import { type CapturedPacket, type CaptureOptions, CaptureRing, PacketSender } from '../../src/kernel/packet/index.ts'

const names = [`nwt-packet-${process.pid}-a`, `nwt-packet-${process.pid}-b`] as const
const opened: { close(): void }[] = []
let left: Namespace
let right: Namespace

beforeAll(() => {
  for (const name of names) execFileSync('ip', ['netns', 'add', name])
  execFileSync('ip', ['-n', names[0], 'link', 'add', 'west', 'type', 'veth', 'peer', 'name', 'east', 'netns', names[1]])
  for (const [name, link] of [
    [names[0], 'west'],
    [names[1], 'east'],
  ] as const) {
    // Without IPv6 the kernel sends nothing of its own accord.
    execFileSync('ip', ['netns', 'exec', name, 'sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1'])
    execFileSync('ip', ['-n', name, 'link', 'set', link, 'up'])
  }
  left = Namespace.open({ name: names[0] })
  right = Namespace.open({ name: names[1] })
})

afterEach(() => {
  for (const one of opened.splice(0).reverse()) one.close()
})

afterAll(() => {
  left?.close()
  right?.close()
  for (const name of names) execFileSync('ip', ['netns', 'delete', name])
})

function sender(): PacketSender {
  const made = PacketSender.open({ namespace: left, interface: 'west' })
  opened.push(made)
  return made
}

function capture(options: Partial<CaptureOptions> = {}): CaptureRing {
  const made = CaptureRing.open({ namespace: right, interface: 'east', ...options })
  opened.push(made)
  return made
}

/** An Ethernet broadcast frame with IPv4, UDP to port 9 and a number as content. */
function udpFrame(number: number): Buffer {
  const frame = Buffer.alloc(60)
  frame.fill(0xff, 0, 6)
  frame.writeUIntBE(0x020000000001, 6, 6)
  frame.writeUInt16BE(0x0800, 12)
  Buffer.from('4500002e0000000040110000', 'hex').copy(frame, 14)
  Buffer.from([192, 0, 2, 1, 192, 0, 2, 255]).copy(frame, 26)
  frame.writeUInt16BE(9, 36)
  frame.writeUInt16BE(26, 38)
  frame.writeUInt32BE(number, 42)
  return frame
}

/** Waits until `done`, at most ten seconds. */
async function until(done: () => boolean): Promise<void> {
  const end = performance.now() + 10_000
  while (!done() && performance.now() < end) await setTimeout(5)
}

/** Drains a ring until it has given a packet: the kernel hands a block over some time after the first packet in it. */
async function drained<T>(ring: CaptureRing, view: (packet: CapturedPacket) => T): Promise<T[]> {
  const seen: T[] = []
  await until(() => {
    ring.drain((packet) => seen.push(view(packet)))
    return seen.length > 0
  })
  return seen
}

test('50,000 packets: each is seen, or counted as dropped; none twice, none out of order', async () => {
  const COUNT = 50_000
  const ring = capture()
  const numbers: number[] = []
  let last = 0
  let backwards = 0
  ring.start((packet) => {
    numbers.push(packet.bytes.readUInt32BE(42))
    const time = packet.seconds * 1e9 + packet.nanoseconds
    if (time < last) backwards++
    last = time
  })
  const west = sender()
  for (let i = 0; i < COUNT; i++) {
    west.send(udpFrame(i))
    if (i % 1000 === 999) await setImmediate()
  }
  await until(() => numbers.length + ring.statistics().drops >= COUNT)
  const { packets, drops } = ring.statistics()
  expect(packets).toBe(COUNT)
  expect(numbers.length + drops).toBe(COUNT)
  expect(numbers.length).toBeGreaterThan(COUNT / 2)
  expect(numbers.every((number, i) => i === 0 || number > numbers[i - 1]!)).toBe(true)
  expect(backwards).toBe(0)
})

test('a frame arrives at the other end as it was sent, and is seen leaving at this end', async () => {
  const there = capture()
  const here = capture({ namespace: left, interface: 'west' })
  const before = Math.floor(Date.now() / 1000)
  sender().send(udpFrame(0xcafe))
  const kept = (packet: CapturedPacket) => ({ ...packet, bytes: Buffer.from(packet.bytes) })
  const arrived = await drained(there, kept)
  const departed = await drained(here, kept)
  const expected = { bytes: udpFrame(0xcafe), originalLength: 60, vlan: undefined }
  expect(arrived).toEqual([expect.objectContaining({ ...expected, direction: 'broadcast' })])
  expect(departed).toEqual([expect.objectContaining({ ...expected, direction: 'outgoing' })])
  expect(arrived[0]!.seconds).toBeGreaterThanOrEqual(before)
})

test('what a full ring cannot take is counted as dropped', async () => {
  const ring = capture({ blockSize: 4096, blocks: 2 })
  const west = sender()
  for (let i = 0; i < 500; i++) west.send(udpFrame(i))
  let seen = 0
  await until(() => {
    seen += ring.drain(() => undefined)
    return seen + ring.statistics().drops === 500
  })
  expect(ring.statistics()).toEqual({ packets: 500, drops: 500 - seen })
  expect(seen).toBeGreaterThan(0)
  expect(seen).toBeLessThan(200)
})

test('the kernel filters and cuts', async () => {
  // ldh [12]; jeq #0x0806 ? return all : return 0 — ARP only.
  const filter = Buffer.alloc(32)
  const program: [number, number, number, number][] = [
    [0x28, 0, 0, 12],
    [0x15, 0, 1, 0x0806],
    [0x06, 0, 0, 0x40000],
    [0x06, 0, 0, 0],
  ]
  program.forEach(([code, yes, no, constant], i) => {
    new Uint16Array(filter.buffer, filter.byteOffset + 8 * i, 1)[0] = code
    filter[8 * i + 2] = yes
    filter[8 * i + 3] = no
    new Uint32Array(filter.buffer, filter.byteOffset + 8 * i + 4, 1)[0] = constant
  })
  const ring = capture({ filter, snapLength: 20 })
  const west = sender()
  west.send(udpFrame(1))
  const arp = udpFrame(2)
  arp.writeUInt16BE(0x0806, 12)
  west.send(arp)
  const lengths = await drained(ring, ({ bytes, originalLength }) => [
    bytes.readUInt16BE(12),
    bytes.length,
    originalLength,
  ])
  expect(lengths).toEqual([[0x0806, 20, 60]])
})

test('closing from within the visitor ends the capture, and its counts stay', async () => {
  const ring = capture()
  const seen: number[] = []
  const west = sender()
  for (let i = 0; i < 5; i++) west.send(udpFrame(i))
  await until(() => ring.statistics().packets === 5)
  ring.start((packet) => {
    seen.push(packet.bytes.readUInt32BE(42))
    ring.close()
  })
  await until(() => seen.length > 0)
  await setTimeout(20)
  expect(seen).toEqual([0])
  expect(ring.statistics().packets).toBe(5)
  expect(ring.drain(() => undefined)).toBe(0)
})

test('a visitor that throws loses its packet only', async () => {
  const ring = capture()
  const west = sender()
  west.send(udpFrame(1))
  await expect(
    drained(ring, () => {
      throw new Error('visitor')
    }),
  ).rejects.toThrow('visitor')
  west.send(udpFrame(2))
  expect(await drained(ring, (packet) => packet.bytes.readUInt32BE(42))).toEqual([2])
})

test('an interface that is not there, or a ring that cannot be, is an error and leaves nothing open', () => {
  expect(() => capture({ interface: 'west' })).toThrow(expect.objectContaining({ code: 'ENODEV' }))
  expect(() => capture({ interface: 'a-name-of-sixteen' })).toThrow(expect.objectContaining({ code: 'ENODEV' }))
  expect(() => capture({ blockSize: 5000 })).toThrow(RangeError)
  expect(() => PacketSender.open({ namespace: left, interface: 'east' })).toThrow(
    expect.objectContaining({ code: 'ENODEV' }),
  )
})

test('a capture goes on after its interface went down and came up again', async () => {
  const ring = capture()
  const seen: number[] = []
  ring.start((packet) => seen.push(packet.bytes.readUInt32BE(42)))
  execFileSync('ip', ['-n', names[1], 'link', 'set', 'east', 'down'])
  await setTimeout(30)
  execFileSync('ip', ['-n', names[1], 'link', 'set', 'east', 'up'])
  const west = sender()
  // The kernel lets frames through some time after the link is up (linkwatch_event, net/core/link_watch.c).
  await until(() => {
    west.send(udpFrame(7))
    return seen.length > 0
  })
  expect(new Set(seen)).toEqual(new Set([7]))
})
