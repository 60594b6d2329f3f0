/** Lists of links and addresses on a host where namespaces come and go all the time: no dump of them ever stands still. */
import { describe, expect, test } from 'vitest'
import { dumpDone, fakeKernel, tableAnswer } from '../netlink/fake-kernel.ts'
import { NLM_F_DUMP_INTR } from '../netlink/message.ts'
import { DumpInterruptedError } from '../netlink/refusal.ts'
import { NetlinkSocket } from '../netlink/socket.ts'
import { listAddresses, listAddressSummaries } from './address.ts'
import { listLinkSummaries, listLinks } from './link.ts'

/** `struct ifinfomsg`, linux/rtnetlink.h: loopback (772) with this index. */
function linkRow(index: number): Buffer {
  const row = Buffer.alloc(16)
  row.writeUInt16LE(772, 2)
  row.writeInt32LE(index, 4)
  return row
}

/** `struct ifaddrmsg`, linux/if_addr.h: AF_INET, of the interface with this index. */
function addressRow(index: number): Buffer {
  const row = Buffer.alloc(8)
  row.writeUInt8(2, 0)
  row.writeUInt32LE(index, 4)
  return row
}

/** A kernel whose dumps are interrupted this often before one stands still, and how many were asked for. */
function restless(type: number, rows: readonly Buffer[], times: number): { socket: NetlinkSocket; dumps(): number } {
  const table = tableAnswer(type, rows)
  let dumps = 0
  const socket = new NetlinkSocket(
    fakeKernel((request) => {
      const [messages] = table(request)
      return [messages!, dumpDone(request, dumps++ < times ? NLM_F_DUMP_INTR : 0)]
    }),
  )
  return { socket, dumps: () => dumps }
}

describe.each([
  { what: 'links', type: 16, row: linkRow, whole: listLinks, summaries: listLinkSummaries },
  { what: 'addresses', type: 20, row: addressRow, whole: listAddresses, summaries: listAddressSummaries },
])('$what', ({ type, row, whole, summaries }) => {
  const rows = [row(1), row(2)]
  const indices = (list: readonly { readonly index: number }[]) => list.map(({ index }) => index)

  test('a survey takes what the last attempt gave, each row once', () => {
    const kernel = restless(type, rows, Number.POSITIVE_INFINITY)
    expect(indices(summaries(kernel.socket))).toEqual([1, 2])
    expect(kernel.dumps(), 'it asks several times before it is content').toBeGreaterThan(1)
  })

  test('a survey asks again until a dump stands still', () => {
    const kernel = restless(type, rows, 2)
    expect(indices(summaries(kernel.socket))).toEqual([1, 2])
    expect(kernel.dumps()).toBe(3)
  })

  test('who needs the whole table is told that it never stood still', () => {
    const { socket } = restless(type, rows, Number.POSITIVE_INFINITY)
    expect(() => whole(socket)).toThrow(DumpInterruptedError)
  })
})
