/**
 * Families of generic netlink. Their numbers are given out when a module loads, so each is looked up by name first
 * (linux/genetlink.h, the family `nlctrl`).
 */
import { ENOENT } from '../constants.ts'
import { hasCode, KernelError } from '../errors.ts'
import { attribute, attributes, listOf } from '../netlink/attributes.ts'
import type { MessageOf } from '../netlink/message.ts'
import type { NetlinkSocket } from '../netlink/socket.ts'
import { string, u16, u32 } from '../netlink/value.ts'
import { genericKind } from './generic-message.ts'

/** Message type of the family that knows the others (GENL_ID_CTRL). */
const GENL_ID_CTRL = 0x10
const CTRL_CMD_GETFAMILY = 3
const CTRL_VERSION = 2

/** CTRL_ATTR_* */
export const familyKind = genericKind(
  attributes({
    id: attribute(1, u16),
    name: attribute(2, string),
    familyVersion: attribute(3, u32),
    groups: attribute(7, listOf(attributes({ name: attribute(1, string), id: attribute(2, u32) }))),
  }),
)

/** A family as this kernel has it now. */
export interface GenericFamily {
  readonly name: string
  /** Type of the family's messages. */
  readonly id: number
  readonly version: number
  /** Multicast groups: name → number. */
  readonly groups: ReadonlyMap<string, number>
}

/** This kernel has no such family: it was built without it, or its module is not loaded. */
export class FamilyMissingError extends KernelError {
  override readonly name = 'FamilyMissingError'
  /** The family that was asked for. */
  readonly family: string

  constructor(family: string) {
    super(
      { operation: 'find generic netlink family', errno: ENOENT, subject: family },
      `the kernel has no generic netlink family "${family}": load its module or use a kernel that has it`,
    )
    this.family = family
  }
}

/** How to look a family up. */
export interface FamilyLookup {
  /** Let the kernel load the module that provides the family. Looking must not change the host, so it does not by default. */
  readonly load?: boolean
}

/**
 * Finds a family by name.
 * @param socket a NetlinkSocket of `NetlinkProtocol.generic`
 * @throws FamilyMissingError
 */
export function findFamily(socket: NetlinkSocket, name: string, { load = false }: FamilyLookup = {}): GenericFamily {
  const rows = load ? askFor(socket, name) : everyFamily(socket)
  const row = rows.find((candidate) => candidate.name === name)
  if (row?.id === undefined) throw new FamilyMissingError(name)
  const groups = (row.groups ?? []).map(({ name: group = '', id = 0 }) => [group, id] as const)
  return { name, id: row.id, version: row.familyVersion ?? 1, groups: new Map(groups) }
}

const lookup = { operation: 'CTRL_CMD_GETFAMILY', type: GENL_ID_CTRL, kind: familyKind, reply: familyKind } as const

/** Asking for one family by name makes the kernel load its module when it can (net/netlink/genetlink.c, ctrl_getfamily). */
function askFor(socket: NetlinkSocket, name: string): MessageOf<typeof familyKind>[] {
  try {
    return socket.query({ ...lookup, body: { command: CTRL_CMD_GETFAMILY, version: CTRL_VERSION, name } })
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return []
    throw error
  }
}

/** Asking for all of them loads nothing. */
function everyFamily(socket: NetlinkSocket): MessageOf<typeof familyKind>[] {
  return socket.dump({ ...lookup, body: { command: CTRL_CMD_GETFAMILY, version: CTRL_VERSION } })
}
