import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  assembleFilter,
  BPF_PROTOCOL,
  Bpf,
  Namespace,
  PacketWatch,
  RawSocket,
  reservePort,
  type WatchedPacket,
} from '../../src/kernel/index.ts'
import { ip, NamedNamespaces } from '../support/iproute.ts'

const names = new NamedNamespaces('watch')
let own: Namespace
const everything = assembleFilter([{ code: Bpf.accept, constant: 2000 }])

beforeAll(() => {
  const name = names.add('a')
  ip(`-n ${name} link set lo up`)
  own = Namespace.open({ name })
})
afterAll(() => {
  own.close()
  names.close()
})

/** An echo request with its checksum, which is that of no payload. */
const ECHO = Buffer.from([8, 0, 0xf7, 0xfd, 0, 1, 0, 1])

test('a watch sees packets out of and into an interface, from their network header on', async () => {
  const watch = PacketWatch.open({ namespace: own, filter: everything })
  const seen: (Omit<WatchedPacket, 'bytes'> & { readonly first: number })[] = []
  watch.start(({ bytes, ...packet }) => seen.push({ ...packet, first: bytes[0]! }))
  const socket = RawSocket.open({ namespace: own, protocol: 1, destination: '127.0.0.1' })
  socket.send(ECHO)
  await expect.poll(() => seen.length).toBe(4)
  expect(seen.map(({ direction }) => direction)).toEqual(['outgoing', 'host', 'outgoing', 'host'])
  expect(
    seen.every(({ protocol, first, interfaceIndex }) => protocol === 0x0800 && first === 0x45 && interfaceIndex === 1),
  ).toBe(true)
  expect(Math.abs(seen[0]!.microseconds / 1000 - Date.now())).toBeLessThan(60_000)
  socket.close()
  await watch.close()
  await watch.close()
})

test('a filter finds the kind of packet beside it, and the network header at its beginning', async () => {
  const onlyIPv6 = assembleFilter([
    { code: Bpf.loadWord, constant: BPF_PROTOCOL },
    { code: Bpf.jumpEqual, constant: 0x86dd, otherwise: 1 },
    { code: Bpf.accept, constant: 64 },
    { code: Bpf.accept, constant: 0 },
  ])
  const watch = PacketWatch.open({ namespace: own, filter: onlyIPv6 })
  const seen: number[] = []
  watch.start(({ bytes }) => seen.push(bytes[0]! >> 4))
  for (const [destination, protocol] of [
    ['127.0.0.1', 1],
    ['::1', 58],
  ] as const) {
    const socket = RawSocket.open({ namespace: own, protocol, destination })
    socket.send(protocol === 1 ? ECHO : Buffer.from([128, 0, 0, 0, 0, 1, 0, 1]))
    socket.close()
  }
  await expect.poll(() => seen.length).toBeGreaterThanOrEqual(2)
  expect(new Set(seen)).toEqual(new Set([6]))
  await watch.close()
})

test('a raw socket receives what its peer answers, and says which address it sends from', async () => {
  const socket = RawSocket.open({ namespace: own, protocol: 58, destination: '::1' })
  expect(socket.source).toBe('::1')
  const types: number[] = []
  socket.start((bytes) => types.push(bytes[0]!))
  socket.send(Buffer.from([128, 0, 0, 0, 0, 9, 0, 1]))
  await expect.poll(() => types).toContain(129)
  socket.close()
})

test('a raw socket says why it cannot reach its peer', () => {
  const open = (rest: { destination: string; source?: string }) => () =>
    RawSocket.open({ namespace: own, protocol: 1, ...rest })
  expect(open({ destination: '192.0.2.1' })).toThrow('ENETUNREACH')
  expect(open({ destination: '127.0.0.1', source: '192.0.2.1' })).toThrow('EADDRNOTAVAIL')
  expect(open({ destination: 'fe80::1%nothing' })).toThrow('ENODEV')
  expect(open({ destination: 'nonsense' })).toThrow(RangeError)
})

test('a reserved port is nobody else’s until it is released', () => {
  for (const family of ['ipv4', 'ipv6'] as const) {
    for (const protocol of ['tcp', 'udp'] as const) {
      const first = reservePort(own, { protocol, family, port: 0 })
      expect(first.port).toBeGreaterThan(0)
      expect(() => reservePort(own, { protocol, family, port: first.port })).toThrow('EADDRINUSE')
      first.release()
      first.release()
      reservePort(own, { protocol, family, port: first.port }).release()
    }
  }
})
