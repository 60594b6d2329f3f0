import { describe, expect, test } from 'vitest'
import { attribute, attributes } from './attributes.ts'
import { littleEndian } from './byte-order.ts'
import { acknowledge, dumpDone, fakeKernel } from './fake-kernel.ts'
import {
  eachMessage,
  type MessageHeader,
  messageKind,
  NLM_F_DUMP_INTR,
  NLMSG_ERROR,
  readHeader,
  writeMessage,
} from './message.ts'
import { DumpInterruptedError, NetlinkError } from './refusal.ts'
import { NetlinkSocket, type Query } from './socket.ts'
import { string, struct, u32 } from './value.ts'
import { Writer } from './writer.ts'

const thing = messageKind(struct({ number: u32 }), attributes({ name: attribute(1, string) }))
const query: Query<{ number: number }, { number: number }> = {
  operation: 'GET_THING',
  type: 20,
  kind: thing,
  body: { number: 7 },
  reply: thing,
}

/** A row that answers `request`. */
function row(request: Buffer, number: number, flags = 2, sequence = readHeader(request, 0).sequence): Buffer {
  const writer = new Writer()
  writeMessage(writer, { type: 20, flags, sequence }, (into) => thing.write(into, { number }))
  return Buffer.from(writer.written())
}

/** A refusal with the kernel's sentence and the place it objects to. */
function refuse(request: Buffer, errno: number, message: string, offset: number): Buffer {
  const writer = new Writer()
  const NLM_F_CAPPED = 0x100
  const NLM_F_ACK_TLVS = 0x200
  const header = { type: NLMSG_ERROR, flags: NLM_F_CAPPED | NLM_F_ACK_TLVS, sequence: readHeader(request, 0).sequence }
  writeMessage(writer, header, (into) => {
    const at = into.reserve(4)
    into.bytes.writeInt32LE(-errno, at)
    into.append(request.subarray(0, 16))
    into.attribute(1, () => string.write(into, message))
    into.attribute(2, () => u32.write(into, offset))
  })
  return Buffer.from(writer.written())
}

describe.runIf(littleEndian)('a conversation', () => {
  test('a request is sent with a header of its own and waits for the acknowledgement', () => {
    const sent: Buffer[] = []
    const socket = new NetlinkSocket(
      fakeKernel((request) => {
        sent.push(request)
        return [acknowledge(request)]
      }),
    )
    socket.request(query)
    socket.request(query)
    expect(readHeader(sent[0]!, 0)).toMatchObject({ length: 20, type: 20, flags: 5, sequence: 1 })
    expect(readHeader(sent[1]!, 0).sequence).toBe(2)
  })

  test('a refusal keeps the errno, the sentence and the attribute that the kernel objects to', () => {
    const socket = new NetlinkSocket(
      fakeKernel((request) => [refuse(request, 22, 'name is too long', 20)]),
      'ns:blue',
    )
    const refused = () => socket.request({ ...query, body: { number: 7, name: 'x' } as { number: number } })
    expect(refused).toThrow(NetlinkError)
    expect(refused).toThrow(
      expect.objectContaining({ code: 'EINVAL', attribute: 1, kernelMessage: 'name is too long' }),
    )
    expect(refused).toThrow('GET_THING in ns:blue: invalid argument (EINVAL): name is too long (attribute 1)')
  })

  test('a warning that comes with a success is returned', () => {
    const socket = new NetlinkSocket(fakeKernel((request) => [refuse(request, 0, 'deprecated', 0)]))
    expect(socket.request(query)).toBe('deprecated')
  })

  test('a dump gathers rows over several datagrams', () => {
    const socket = new NetlinkSocket(
      fakeKernel((request) => [
        Buffer.concat([row(request, 1), row(request, 2)]),
        Buffer.concat([row(request, 3), dumpDone(request)]),
      ]),
    )
    expect(socket.dump(query).map(({ number }) => number)).toEqual([1, 2, 3])
  })

  test('a dump that was interrupted is repeated until one stands still', () => {
    let dumps = 0
    const socket = new NetlinkSocket(
      fakeKernel((request) => {
        dumps++
        return dumps < 3
          ? [row(request, dumps, 2 | NLM_F_DUMP_INTR), dumpDone(request)]
          : [row(request, dumps), dumpDone(request)]
      }),
    )
    expect(socket.dump(query)).toEqual([{ number: 3 }])
    expect(dumps).toBe(3)
  })

  test('the end of a dump can tell of the interruption too', () => {
    let dumps = 0
    const socket = new NetlinkSocket(
      fakeKernel((request) => [row(request, ++dumps), dumpDone(request, dumps === 1 ? NLM_F_DUMP_INTR : 0)]),
    )
    expect(socket.dump(query)).toEqual([{ number: 2 }])
  })

  test('a table that never stands still is an error, unless that is tolerated', () => {
    const socket = new NetlinkSocket(fakeKernel((request) => [row(request, 1, 2 | NLM_F_DUMP_INTR), dumpDone(request)]))
    expect(() => socket.dump(query)).toThrow(DumpInterruptedError)
    expect(() => socket.dump(query)).toThrow('changed during each of 10 dumps')
    expect(socket.dump({ ...query, tolerateInterruption: true })).toEqual([{ number: 1 }])
  })

  test('late answers to an earlier request are not taken for answers to this one', () => {
    const socket = new NetlinkSocket(
      fakeKernel((request) => [row(request, 99, 2, 12345), row(request, 1), dumpDone(request)]),
    )
    expect(socket.dump(query)).toEqual([{ number: 1 }])
  })

  test('a look-up without an answer is ENODATA', () => {
    const socket = new NetlinkSocket(fakeKernel((request) => [acknowledge(request)]))
    expect(() => socket.get(query)).toThrow(expect.objectContaining({ code: 'ENODATA' }))
  })

  test('no answer at all is a time-out', () => {
    const socket = new NetlinkSocket(fakeKernel(() => []))
    expect(() => socket.request(query)).toThrow(expect.objectContaining({ code: 'ETIMEDOUT', operation: 'GET_THING' }))
  })

  test('each request of a batch has its own outcome, in order', () => {
    let datagrams = 0
    const socket = new NetlinkSocket(
      fakeKernel((datagram) => {
        datagrams++
        return messagesOf(datagram).map((message, i) => acknowledge(message, i % 3 === 1 ? 17 : 0))
      }),
    )
    const outcomes = socket.batch(Array.from({ length: 6 }, () => query))
    expect(outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.error.code))).toEqual([
      'ok',
      'EEXIST',
      'ok',
      'ok',
      'EEXIST',
      'ok',
    ])
    expect(datagrams).toBe(1)
  })

  test('in a batch, an offset counts from the request that was refused', () => {
    const socket = new NetlinkSocket(
      fakeKernel((datagram) => {
        const [first, second] = messagesOf(datagram)
        return [acknowledge(first!), refuse(second!, 22, 'no', 20)]
      }),
    )
    const [, second] = socket.batch([query, { ...query, body: { number: 1, name: 'x' } }])
    expect(second).toMatchObject({ ok: false, error: { attribute: 1 } })
  })

  test('a large batch goes in several datagrams', () => {
    const sizes: number[] = []
    const socket = new NetlinkSocket(
      fakeKernel((datagram) => {
        sizes.push(datagram.length)
        return messagesOf(datagram).map((message) => acknowledge(message))
      }),
    )
    expect(socket.batch(Array.from({ length: 10_000 }, () => query)).every(({ ok }) => ok)).toBe(true)
    expect(sizes.length).toBeGreaterThan(1)
    expect(Math.max(...sizes)).toBeLessThan(128 * 1024)
  })

  test('garbage between answers is skipped', () => {
    const socket = new NetlinkSocket(
      fakeKernel((request) => [Buffer.from([1, 2, 3]), Buffer.alloc(16), row(request, 1), dumpDone(request)]),
    )
    expect(socket.dump(query)).toEqual([{ number: 1 }])
  })
})

function messagesOf(datagram: Buffer): Buffer[] {
  const out: Buffer[] = []
  eachMessage(datagram, datagram.length, (header: MessageHeader, offset) => {
    out.push(datagram.subarray(offset - 16, offset - 16 + header.length))
  })
  return out
}
