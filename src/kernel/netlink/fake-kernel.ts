/** A kernel for tests: a function from a request's bytes to the datagrams that answer it. */
import type { NetlinkChannel } from './channel.ts'
import { NLMSG_DONE, NLMSG_ERROR, readHeader, writeMessage } from './message.ts'
import { Writer } from './writer.ts'

/** Answers one sent datagram with any number of datagrams, which may lie as a broken kernel would. */
export type KernelAnswer = (request: Buffer) => Buffer[]

/** A channel whose far end is `answer`. */
export function fakeKernel(answer: KernelAnswer): NetlinkChannel {
  const queue: Buffer[] = []
  return {
    send(bytes) {
      queue.push(...answer(Buffer.from(bytes)))
    },
    receive: () => queue.shift(),
    close() {},
  }
}

/** An acknowledgement of `request`, or with a positive `errno` its refusal. */
export function acknowledge(request: Buffer, errno = 0): Buffer {
  const writer = new Writer()
  const { sequence } = readHeader(request, 0)
  writeMessage(writer, { type: NLMSG_ERROR, flags: 0x100, sequence }, (into) => {
    const start = into.reserve(4)
    into.bytes.writeInt32LE(-errno, start)
    into.append(request.subarray(0, 16))
  })
  return Buffer.from(writer.written())
}

/** The end of a dump that answers `request`. */
export function dumpDone(request: Buffer, flags = 0): Buffer {
  const writer = new Writer()
  const { sequence } = readHeader(request, 0)
  writeMessage(writer, { type: NLMSG_DONE, flags: 2 | flags, sequence }, (into) => {
    into.reserve(4)
  })
  return Buffer.from(writer.written())
}

/** A kernel that answers every request with these messages of one type, then the end of a dump. */
export function tableAnswer(type: number, rows: readonly Buffer[]): KernelAnswer {
  return (request) => {
    const writer = new Writer()
    const { sequence } = readHeader(request, 0)
    for (const row of rows) writeMessage(writer, { type, flags: 2, sequence }, (into) => into.append(row))
    return [Buffer.from(writer.written()), dumpDone(request)]
  }
}
