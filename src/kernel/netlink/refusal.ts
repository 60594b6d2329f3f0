/**
 * What the kernel says when it refuses a request: an errno and, since Linux 4.12, a sentence and the place in the request
 * that it objects to (extended acknowledgement; linux/netlink.h, enum nlmsgerr_attrs).
 */
import { errnoName, errnoText, KernelError } from '../errors.ts'
import { type AttributesOf, attribute, attributes } from './attributes.ts'
import { readS32, readU16, readU32 } from './byte-order.ts'
import { MESSAGE_HEADER } from './message.ts'
import { raw, string, u32 } from './value.ts'
import { NLA_TYPE_MASK } from './writer.ts'

/** The original request is not repeated in the answer (NETLINK_CAP_ACK). */
const NLM_F_CAPPED = 0x100
/** Attributes of an extended acknowledgement follow. */
const NLM_F_ACK_TLVS = 0x200

const extendedAck = attributes({
  message: attribute(1, string),
  offset: attribute(2, u32),
  cookie: attribute(3, raw),
  missingType: attribute(5, u32),
  missingNest: attribute(6, u32),
})

/** What the kernel added to an errno. */
export interface Refusal {
  /** Positive errno; 0 is an acknowledgement. */
  readonly errno: number
  /** The kernel's sentence. It also comes with acknowledgements, as a warning. */
  readonly message: string | undefined
  /** Byte offset, within the request, of the attribute that it objects to. */
  readonly offset: number | undefined
  /** Number of an attribute that it misses. */
  readonly missingType: number | undefined
}

/** Reads the body of an NLMSG_ERROR, or of an NLMSG_DONE that ends a failed dump. */
export function readRefusal(
  bytes: Buffer,
  bodyOffset: number,
  bodyLength: number,
  flags: number,
  kind: 'error' | 'done',
): Refusal {
  const errno = bodyLength >= 4 ? -readS32(bytes, bodyOffset) : 0
  const ack = (flags & NLM_F_ACK_TLVS) === 0 ? {} : readExtendedAck(bytes, bodyOffset, bodyLength, flags, kind)
  return { errno, message: ack.message, offset: ack.offset, missingType: ack.missingType }
}

function readExtendedAck(
  bytes: Buffer,
  bodyOffset: number,
  bodyLength: number,
  flags: number,
  kind: 'error' | 'done',
): AttributesOf<(typeof extendedAck)['fields']> {
  const start = bodyOffset + 4 + (kind === 'error' ? echoedRequest(bytes, bodyOffset, bodyLength, flags) : 0)
  const end = bodyOffset + bodyLength
  return start >= end ? {} : extendedAck.read(bytes, start, end - start)
}

/** Bytes of the request that the answer repeats in front of the attributes: its header only, when capped or on success. */
function echoedRequest(bytes: Buffer, bodyOffset: number, bodyLength: number, flags: number): number {
  if ((flags & NLM_F_CAPPED) !== 0 || bodyLength < 4 + MESSAGE_HEADER) return MESSAGE_HEADER
  return (readU32(bytes, bodyOffset + 4) + 3) & ~3
}

/** Number of the attribute at `offset` of the request, for the error's text. */
function offendingAttribute(request: Buffer, offset: number): number | undefined {
  return offset + 4 <= request.length ? readU16(request, offset + 2) & NLA_TYPE_MASK : undefined
}

/** A netlink request that the kernel refused. */
export class NetlinkError extends KernelError {
  override readonly name = 'NetlinkError'
  /** The kernel's own sentence, when it gave one. */
  readonly kernelMessage: string | undefined
  /** Offset in the request of the attribute that the kernel objects to. */
  readonly offset: number | undefined
  /** Number of that attribute. */
  readonly attribute: number | undefined
  /** Number of an attribute that the kernel misses. */
  readonly missingType: number | undefined

  constructor(operation: string, refusal: Refusal, request: Buffer, namespace?: string) {
    const attribute = refusal.offset === undefined ? undefined : offendingAttribute(request, refusal.offset)
    super(
      { operation, errno: refusal.errno, ...(namespace === undefined ? {} : { namespace }) },
      sentence(operation, refusal, namespace, attribute),
    )
    this.kernelMessage = refusal.message
    this.offset = refusal.offset
    this.attribute = attribute
    this.missingType = refusal.missingType
  }
}

function sentence(
  operation: string,
  refusal: Refusal,
  namespace: string | undefined,
  attribute: number | undefined,
): string {
  const place = namespace === undefined ? '' : ` in ${namespace}`
  const reason = `${errnoText(refusal.errno)} (${errnoName(refusal.errno)})`
  const said = refusal.message === undefined ? '' : `: ${refusal.message}`
  const about = attribute === undefined ? '' : ` (attribute ${attribute})`
  return `${operation}${place}: ${reason}${said}${about}`
}

/** The kernel's table kept changing while it was dumped, also when the dump was repeated. */
export class DumpInterruptedError extends Error {
  override readonly name = 'DumpInterruptedError'
  readonly code = 'EAGAIN'
  readonly operation: string
  readonly attempts: number

  constructor(operation: string, attempts: number) {
    super(`${operation}: the table changed during each of ${attempts} dumps; try again when the host is calmer`)
    this.operation = operation
    this.attempts = attempts
  }
}
