/**
 * Netlink messages (netlink(7)): a 16-byte header, a fixed structure of the family, attributes. A message kind is declared
 * once, from a struct and an attribute table, and serves both directions.
 */
import {
  type AttributeFields,
  type AttributesOf,
  type AttributeTable,
  attributes as declareAttributes,
} from './attributes.ts'
import { readU16, readU32, writeU16, writeU32 } from './byte-order.ts'
import type { Struct, StructFields, StructOf } from './value.ts'
import type { Writer } from './writer.ts'

/** Bytes of the header that every netlink message begins with. */
export const MESSAGE_HEADER = 16

/** Message types below 16 control the exchange itself. */
export const NLMSG_NOOP = 1
/** Carries an error, or with errno 0 an acknowledgement. */
export const NLMSG_ERROR = 2
/** Ends a dump. */
export const NLMSG_DONE = 3

/** It is a request. */
export const NLM_F_REQUEST = 0x1
/** Answer with an acknowledgement. */
export const NLM_F_ACK = 0x4
/** The kernel's table changed while it was dumped; what was received may be inconsistent. */
export const NLM_F_DUMP_INTR = 0x10
/** Return the whole table (NLM_F_ROOT | NLM_F_MATCH). */
export const NLM_F_DUMP = 0x300
/** Replace what is there. */
export const NLM_F_REPLACE = 0x100
/** Fail when it is there. */
export const NLM_F_EXCL = 0x200
/** Of a request that makes or changes something: the kernel also answers with what came of it. */
export const NLM_F_ECHO = 0x8
/** Create it when it is missing. */
export const NLM_F_CREATE = 0x400
/** Put it behind what is there. */
export const NLM_F_APPEND = 0x800

/** The header in front of every message. */
export interface MessageHeader {
  /** Bytes of the whole message, this header included. */
  readonly length: number
  readonly type: number
  readonly flags: number
  readonly sequence: number
  /** Port number of the sender; 0 is the kernel. */
  readonly port: number
}

/** Reads the header at `offset`; the caller has made sure that 16 bytes are there. */
export function readHeader(bytes: Buffer, offset: number): MessageHeader {
  return {
    length: readU32(bytes, offset),
    type: readU16(bytes, offset + 4),
    flags: readU16(bytes, offset + 6),
    sequence: readU32(bytes, offset + 8),
    port: readU32(bytes, offset + 12),
  }
}

/** Appends a message: header, then whatever `body` writes; the length is filled in behind it. */
export function writeMessage(
  writer: Writer,
  header: { type: number; flags: number; sequence: number },
  body: (writer: Writer) => void,
): void {
  const start = writer.reserve(MESSAGE_HEADER)
  body(writer)
  writeU32(writer.bytes, writer.length - start, start)
  writeU16(writer.bytes, header.type, start + 4)
  writeU16(writer.bytes, header.flags, start + 6)
  writeU32(writer.bytes, header.sequence, start + 8)
  writer.align()
}

/** How one kind of message lies on the wire behind its header. */
export interface MessageKind<T> {
  /** Reads a body of `length` bytes; undefined when it is too short to be one. */
  read(bytes: Buffer, offset: number, length: number): T | undefined
  /** Appends a body; fields of the fixed structure that are missing are zero. */
  write(writer: Writer, value: Partial<T>): void
}

/** The type of a kind's messages. */
export type MessageOf<K> = K extends MessageKind<infer T> ? T : never

/** A kind made of a fixed structure and a table, which stay visible so that projections can be made of it. */
export interface TableKind<S extends StructFields, F extends AttributeFields>
  extends MessageKind<StructOf<S> & AttributesOf<F>> {
  readonly header: Struct<S>
  readonly attributes: AttributeTable<F>
}

/** Declares a message kind: one structure, one table. The decoded object has the fields of both. */
export function messageKind<S extends StructFields, F extends AttributeFields>(
  header: Struct<S>,
  attributes: AttributeTable<F>,
): TableKind<S, F> {
  // The structure is padded to four bytes before the attributes begin (NLMSG_ALIGN).
  const start = (header.minimum + 3) & ~3
  return {
    header,
    attributes,
    read(bytes, offset, length) {
      if (length < header.minimum) return undefined
      const out = header.read(bytes, offset, header.minimum) as Record<string, unknown>
      if (length > start) attributes.readInto(out, bytes, offset + start, length - start)
      return out as StructOf<S> & AttributesOf<F>
    },
    write(writer, value) {
      header.writePartial(writer, value as Partial<StructOf<S>>)
      writer.align()
      attributes.write(writer, value as AttributesOf<F>)
    },
  }
}

/**
 * The same kind, looking only at the attributes named: the rest is skipped unread. A survey of a thousand namespaces
 * decodes the dozen attributes it uses and not the fifty that a link has.
 */
export function project<S extends StructFields, F extends AttributeFields, K extends keyof F & string>(
  kind: TableKind<S, F>,
  names: readonly K[],
): TableKind<S, Pick<F, K>> {
  const picked = Object.fromEntries(names.map((name) => [name, kind.attributes.fields[name]])) as Pick<F, K>
  return messageKind(kind.header, declareAttributes(picked, false))
}

/** Calls `visit` with each message of a datagram, in order; stops at the first that is cut short. */
export function eachMessage(
  bytes: Buffer,
  length: number,
  visit: (header: MessageHeader, bodyOffset: number, bodyLength: number) => void,
): void {
  let at = 0
  while (at + MESSAGE_HEADER <= length) {
    const header = readHeader(bytes, at)
    if (header.length < MESSAGE_HEADER || at + header.length > length) return
    visit(header, at + MESSAGE_HEADER, header.length - MESSAGE_HEADER)
    at += (header.length + 3) & ~3
  }
}
