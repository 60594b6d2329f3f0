/** Numbers of pcapng (draft-ietf-opsawg-pcapng). Files are in the byte order of whoever writes them. */
import { endianness } from 'node:os'

/** True where the low byte comes first: the order that we write in. */
export const LITTLE = endianness() === 'LE'

/** Types of blocks. */
export const Block = {
  sectionHeader: 0x0a0d0d0a,
  interface: 1,
  simplePacket: 3,
  statistics: 5,
  enhancedPacket: 6,
} as const

/** Tells the byte order of a section. */
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d

/** Options that any block may have. */
export const Option = { end: 0, comment: 1 } as const
/** Options of the section header. */
export const SectionOption = { hardware: 2, operatingSystem: 3, application: 4 } as const
/** Options of an interface description. */
export const InterfaceOption = {
  name: 2,
  description: 3,
  mac: 6,
  timeResolution: 9,
  filter: 11,
  operatingSystem: 12,
} as const
/** Options of interface statistics. */
export const StatisticsOption = {
  startTime: 2,
  endTime: 3,
  received: 4,
  droppedByInterface: 5,
  droppedByHost: 7,
} as const
/** Options of a packet. */
export const PacketOption = { flags: 2 } as const

/** Time stamps are in nanoseconds: 10 to the −9 (if_tsresol). */
export const NANOSECONDS = 9
