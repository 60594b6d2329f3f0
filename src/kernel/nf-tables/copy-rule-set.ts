/**
 * Copies the rule set of one namespace into another that has none: what the kernel tells of each object is given back to it as
 * it came, so that rules of iptables-nft, which libnftables cannot write, are copied as well.
 */
import { readU16 } from '../netlink/byte-order.ts'
import { NetlinkProtocol, openChannel } from '../netlink/channel.ts'
import { type MessageKind, NLM_F_APPEND, NLM_F_CREATE } from '../netlink/message.ts'
import { type AnyRequest, NetlinkSocket } from '../netlink/socket.ts'
import { NLA_TYPE_MASK, Writer } from '../netlink/writer.ts'
import type { NamespaceHandle } from '../netns/enter.ts'
import { compatProtocol } from './compat-protocol.ts'
import { NfTablesMessage, nfElements, nfRule } from './nf-tables-message.ts'
import { carryOut } from './transaction.ts'

/** Room for the requests of one table; a rule takes about 300 bytes. */
const TRANSACTION_BYTES = 64 << 20
const HEADER = 4

/** Attributes that the kernel tells and does not take: handles, counts of uses, owners (linux/netfilter/nf_tables.h). */
const TOLD_ONLY = {
  table: [3, 4, 7],
  chain: [2, 6],
  rule: [3, 6],
  set: [16, 19, 20],
  object: [5, 6],
  flowtable: [4, 5],
} as const
const TABLE_FLAGS = 2
/** NFT_TABLE_F_OWNER and _PERSIST: the table belongs to a program. */
const OWNED = 0x6
const CHAIN_FLAGS = 10
/** NFT_CHAIN_HW_OFFLOAD and _BINDING: in the copy, chains without names of their own get those that they have. */
const NOT_COPIED = 0x6
const SET_ID = 10
/** NFT_RULE_COMPAT_F_INV: every protocol but that one. */
const COMPAT_INVERTED = 2
/** Name of a table, in its own message and in those of what is in it; name of a set. */
const TABLE_NAME = 1
const SET_NAME = 2

const rawBody: MessageKind<Buffer> = {
  read: (bytes, offset, length) => Buffer.from(bytes.subarray(offset, offset + length)),
  write: (writer, body) => writer.append(body as Buffer),
}

type Kind = keyof typeof TOLD_ONLY

/**
 * Copies every table, each as one transaction.
 * @throws NetlinkError when the kernel refuses a part, as for a device that is missing in `to`
 */
export function copyNfTables(from: NamespaceHandle, to: NamespaceHandle): void {
  const source = NetlinkSocket.open(NetlinkProtocol.netfilter, from)
  const channel = openChannel({
    protocol: NetlinkProtocol.netfilter,
    namespace: to,
    receiveBuffer: TRANSACTION_BYTES,
    sendBuffer: TRANSACTION_BYTES,
  })
  try {
    const tables = dump(source, 'NFT_MSG_GETTABLE', NfTablesMessage.getTable)
    const parts = {
      chain: dump(source, 'NFT_MSG_GETCHAIN', NfTablesMessage.getChain),
      set: dump(source, 'NFT_MSG_GETSET', NfTablesMessage.getSet),
      object: dump(source, 'NFT_MSG_GETOBJ', NfTablesMessage.getObject),
      flowtable: dump(source, 'NFT_MSG_GETFLOWTABLE', NfTablesMessage.getFlowtable),
      rule: dump(source, 'NFT_MSG_GETRULE', NfTablesMessage.getRule),
    }
    for (const table of tables) {
      const own = (kind: Exclude<Kind, 'table'>): Buffer[] => parts[kind].filter((body) => isOf(body, table))
      const sets = own('set')
      const elements = sets.flatMap((set) => elementsOf(source, table, set))
      carryOut(
        channel,
        [
          request(
            'NFT_MSG_NEWTABLE',
            NfTablesMessage.newTable,
            without(table, 'table', { clear: [TABLE_FLAGS, OWNED] }),
          ),
          ...own('chain').map((body) =>
            request(
              'NFT_MSG_NEWCHAIN',
              NfTablesMessage.newChain,
              without(body, 'chain', { clear: [CHAIN_FLAGS, NOT_COPIED] }),
            ),
          ),
          ...sets.map((body, i) =>
            request('NFT_MSG_NEWSET', NfTablesMessage.newSet, withNumber(without(body, 'set'), SET_ID, i + 1)),
          ),
          ...own('object').map((body) => request('NFT_MSG_NEWOBJ', NEW_OBJECT, without(body, 'object'))),
          ...own('flowtable').map((body) => request('NFT_MSG_NEWFLOWTABLE', NEW_FLOWTABLE, without(body, 'flowtable'))),
          ...elements.map((body) => request('NFT_MSG_NEWSETELEM', NEW_ELEMENTS, body)),
          ...own('rule').map((body) => request('NFT_MSG_NEWRULE', NfTablesMessage.newRule, ruleBody(body))),
        ],
        to.label,
      )
    }
  } finally {
    channel.close()
    source.close()
  }
}

const NEW_ELEMENTS = 0xa0c
const NEW_OBJECT = 0xa12
const NEW_FLOWTABLE = 0xa16

function request(operation: string, type: number, body: Buffer): AnyRequest {
  return { operation, type, flags: NLM_F_CREATE | NLM_F_APPEND, kind: rawBody, body }
}

function dump(socket: NetlinkSocket, operation: string, type: number): Buffer[] {
  return socket.dump({ operation, type, kind: rawBody, body: Buffer.alloc(HEADER), reply: rawBody })
}

function elementsOf(socket: NetlinkSocket, table: Buffer, set: Buffer): Buffer[] {
  const body = { family: table[0]!, table: nameOf(table, TABLE_NAME), set: nameOf(set, SET_NAME) }
  return socket
    .dump({
      operation: 'NFT_MSG_GETSETELEM',
      type: NfTablesMessage.getSetElements,
      kind: nfElements,
      body,
      reply: rawBody,
    })
    .filter((one) => one.length > HEADER)
}

function isOf(body: Buffer, table: Buffer): boolean {
  return body[0] === table[0] && nameOf(body, TABLE_NAME) === nameOf(table, TABLE_NAME)
}

/** The rule, told for which protocol its extensions of iptables are. */
function ruleBody(body: Buffer): Buffer {
  const copied = without(body, 'rule')
  const compat = compatProtocol(nfRule.read(body, 0, body.length)?.expressions ?? [])
  if (compat === undefined) return copied
  const { protocol, inverted } = compat
  const writer = new Writer(32)
  nfRule.write(writer, { compat: { protocol, flags: inverted ? COMPAT_INVERTED : 0 } })
  return Buffer.concat([copied, writer.written().subarray(HEADER)])
}

interface Attribute {
  readonly type: number
  /** With its header and padding. */
  readonly bytes: Buffer
}

function attributesOf(body: Buffer): Attribute[] {
  const found: Attribute[] = []
  for (let at = HEADER; at + 4 <= body.length; ) {
    const length = readU16(body, at)
    if (length < 4 || at + length > body.length) break
    const end = Math.min(body.length, at + ((length + 3) & ~3))
    found.push({ type: readU16(body, at + 2) & NLA_TYPE_MASK, bytes: body.subarray(at, end) })
    at = end
  }
  return found
}

function nameOf(body: Buffer, type: number): string {
  const found = attributesOf(body).find((attribute) => attribute.type === type)
  if (found === undefined) return ''
  const value = found.bytes.subarray(4, readU16(found.bytes, 0))
  const end = value.indexOf(0)
  return value.toString('utf8', 0, end < 0 ? value.length : end)
}

/** The header alone tells the family; the rest of it is of the answer. */
function without(body: Buffer, kind: Kind, { clear }: { clear?: readonly [type: number, bits: number] } = {}): Buffer {
  const told: readonly number[] = TOLD_ONLY[kind]
  const kept = attributesOf(body)
    .filter(({ type }) => !told.includes(type))
    .map(({ type, bytes }) => (type === clear?.[0] ? withoutBits(bytes, clear[1]) : bytes))
  return Buffer.concat([Buffer.from([body[0]!, 0, 0, 0]), ...kept])
}

function withoutBits(attribute: Buffer, bits: number): Buffer {
  const changed = Buffer.from(attribute)
  changed.writeUInt32BE((changed.readUInt32BE(4) & ~bits) >>> 0, 4)
  return changed
}

function withNumber(body: Buffer, type: number, value: number): Buffer {
  const writer = new Writer(16)
  writer.attribute(type, () => {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(value)
    writer.append(bytes)
  })
  return Buffer.concat([body, writer.written()])
}
