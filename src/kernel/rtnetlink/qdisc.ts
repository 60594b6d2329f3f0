/** Queueing disciplines: RTM_NEWQDISC, RTM_DELQDISC, RTM_GETQDISC (tc(8), linux/rtnetlink.h). */
import { attribute, attributes, unmarked } from '../netlink/attributes.ts'
import { type MessageKind, type MessageOf, messageKind, NLM_F_CREATE, NLM_F_EXCL } from '../netlink/message.ts'
import type { NetlinkSocket, Request } from '../netlink/socket.ts'
import { pad, raw, s32, string, struct, u8, u32, u64, type Value, type ValueType } from '../netlink/value.ts'
import { Writer } from '../netlink/writer.ts'
import { RouteMessage } from './message-type.ts'
import { qdiscOptions } from './qdisc-options.ts'

/** struct tcmsg. */
const qdiscHeader = struct({ family: u8, padding: pad(3), index: s32, handle: u32, parent: u32, info: u32 })

const statistics = attributes({
  basic: attribute(1, struct({ bytes: u64, packets: u32 })),
  queue: attribute(3, struct({ length: u32, backlog: u32, drops: u32, requeues: u32, overlimits: u32 })),
  application: attribute(4, raw),
  packets64: attribute(8, u64),
})

const messageWithBytes = messageKind(
  qdiscHeader,
  attributes({
    kind: attribute(1, string),
    options: attribute(2, raw),
    statistics32: attribute(3, raw),
    applicationStatistics: attribute(4, raw),
    statistics: unmarked(7, statistics),
    hardwareOffload: attribute(12, u8),
    ingressBlock: attribute(13, u32),
    egressBlock: attribute(14, u32),
  }),
)

type OptionsByProperty = {
  -readonly [K in keyof typeof qdiscOptions as (typeof qdiscOptions)[K]['property']]?: ValueType<
    (typeof qdiscOptions)[K]['value']
  >
}

/**
 * A queueing discipline on the interface `index`; `parent` 4294967295 is the root, 4294967281 the way in. Options of a kind
 * that is known here stand under a property of its name, others as bytes under `options`.
 */
export type Qdisc = MessageOf<typeof messageWithBytes> & OptionsByProperty

interface OptionsReader {
  readonly property: string
  readonly value: Value<unknown>
}
const readers = new Map<string, OptionsReader>(Object.entries(qdiscOptions) as [string, OptionsReader][])

/** A qdisc message. How its options are read depends on its kind. */
export const qdiscKind: MessageKind<Qdisc> = {
  read(bytes, offset, length) {
    const qdisc: Qdisc | undefined = messageWithBytes.read(bytes, offset, length)
    const reader = readers.get(qdisc?.kind ?? '')
    const options = qdisc?.options
    if (qdisc === undefined || reader === undefined || options === undefined) return qdisc
    if (options.length < reader.value.minimum) return qdisc
    const { options: _, ...rest } = qdisc
    return { ...rest, [reader.property]: reader.value.read(options, 0, options.length) }
  },
  write(writer, qdisc) {
    const reader = readers.get(qdisc.kind ?? '')
    const known = reader === undefined ? undefined : (qdisc as Record<string, unknown>)[reader.property]
    messageWithBytes.write(
      writer,
      reader === undefined || known === undefined ? qdisc : { ...qdisc, options: bytesOf(reader.value, known) },
    )
  },
}

function bytesOf(value: Value<unknown>, known: unknown): Buffer {
  const writer = new Writer(128)
  value.write(writer, known)
  return writer.written()
}

/** Where a discipline hangs (TC_H_*). */
export const QdiscParent = { root: 0xffffffff, ingress: 0xfffffff1 } as const

/** Queueing disciplines of the socket's namespace, or of one interface of it. */
export function listQdiscs(socket: NetlinkSocket, options: { index?: number } = {}): Qdisc[] {
  const qdiscs = socket.dump({
    operation: 'RTM_GETQDISC',
    type: RouteMessage.getQdisc,
    kind: qdiscKind,
    body: {},
    reply: qdiscKind,
  })
  return options.index === undefined ? qdiscs : qdiscs.filter((qdisc) => qdisc.index === options.index)
}

/** A request that adds a discipline, as root unless `parent` is given. */
export function newQdiscRequest(qdisc: Partial<Qdisc>): Request<Qdisc> {
  return {
    operation: `RTM_NEWQDISC ${qdisc.kind ?? ''}`.trimEnd(),
    type: RouteMessage.newQdisc,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    kind: qdiscKind,
    body: { parent: QdiscParent.root, ...qdisc },
  }
}

/** A request that deletes a discipline, the root unless `parent` is given; the default one comes back. */
export function deleteQdiscRequest(qdisc: Partial<Qdisc>): Request<Qdisc> {
  return {
    operation: 'RTM_DELQDISC',
    type: RouteMessage.deleteQdisc,
    kind: qdiscKind,
    body: { parent: QdiscParent.root, ...qdisc },
  }
}
