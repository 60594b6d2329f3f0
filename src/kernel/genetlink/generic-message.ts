/** What all generic netlink messages have in common (linux/genetlink.h): a command, a version, then attributes. */
import type { AttributeFields, AttributeTable } from '../netlink/attributes.ts'
import { messageKind, type TableKind } from '../netlink/message.ts'
import { pad, struct, u8 } from '../netlink/value.ts'

const header = { command: u8, version: u8, reserved: pad(2) } as const

/** A kind of generic netlink message: `struct genlmsghdr`, then the attributes of the family. */
export function genericKind<F extends AttributeFields>(table: AttributeTable<F>): TableKind<typeof header, F> {
  return messageKind(struct(header), table)
}
