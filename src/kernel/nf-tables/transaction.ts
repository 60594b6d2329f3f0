/** A transaction of nf_tables: all of its requests, or none (NFNL_MSG_BATCH_BEGIN and _END, linux/netfilter/nfnetlink.h). */
import { KernelError } from '../errors.ts'
import type { NetlinkChannel } from '../netlink/channel.ts'
import { eachMessage, NLM_F_ACK, NLM_F_REQUEST, NLMSG_ERROR, writeMessage } from '../netlink/message.ts'
import { NetlinkError, readRefusal } from '../netlink/refusal.ts'
import type { AnyRequest } from '../netlink/socket.ts'
import { Writer } from '../netlink/writer.ts'
import { BatchMessage, nfnetlinkHeader } from './nf-tables-message.ts'

const SUBSYSTEM_NFTABLES = 10
const ETIMEDOUT = 110

/**
 * Carries out requests as one transaction. The kernel acknowledges those in between alone (before Linux 6.9), and answers all
 * of them, so that the first refusal says what was wrong.
 * @throws NetlinkError when the kernel refuses one of them; then nothing was done
 */
export function carryOut(channel: NetlinkChannel, requests: readonly AnyRequest[], label?: string): void {
  const writer = new Writer(2048)
  const begin = 1
  writeEdge(writer, BatchMessage.begin, begin)
  requests.forEach((request, i) => {
    const header = {
      type: request.type,
      flags: NLM_F_REQUEST | NLM_F_ACK | (request.flags ?? 0),
      sequence: begin + 1 + i,
    }
    writeMessage(writer, header, (into) => request.kind.write(into, request.body))
  })
  writeEdge(writer, BatchMessage.end, begin + 1 + requests.length)
  const sent = writer.written()
  channel.send(sent)
  const answered = new Set<number>()
  let failure: NetlinkError | undefined
  while (answered.size < requests.length && !answered.has(begin)) {
    const bytes = channel.receive()
    if (bytes === undefined) throw new KernelError({ operation: 'nf_tables transaction', errno: ETIMEDOUT })
    eachMessage(bytes, bytes.length, ({ type, flags, sequence }, offset, length) => {
      if (type !== NLMSG_ERROR) return
      answered.add(sequence)
      const refusal = readRefusal(bytes, offset, length, flags, 'error')
      if (refusal.errno === 0 || failure !== undefined) return
      failure = new NetlinkError(requests[sequence - begin - 1]?.operation ?? 'NFNL_MSG_BATCH', refusal, sent, label)
    })
  }
  if (failure !== undefined) throw failure
}

function writeEdge(writer: Writer, type: number, sequence: number): void {
  writeMessage(writer, { type, flags: NLM_F_REQUEST, sequence }, (into) =>
    nfnetlinkHeader.writePartial(into, { resource: SUBSYSTEM_NFTABLES }),
  )
}
