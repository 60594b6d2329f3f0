/** What network devices can offload, and how their links are set, as `ethtool -k` and `ethtool` show it. */

import { readU32 } from '../netlink/byte-order.ts'
import type { MessageOf } from '../netlink/message.ts'
import type { NamespaceHandle } from '../netns/enter.ts'
import {
  COMPACT_BITSETS,
  EthtoolCommand,
  ethtoolFeatures,
  ethtoolLinkInfo,
  ethtoolLinkModes,
  ethtoolStrings,
} from './ethtool-message.ts'
import { GenericSocket } from './generic-socket.ts'

/** One feature of a device. */
export interface DeviceFeature {
  /** The kernel's name: `tx-checksum-ip-generic`, `rx-gro`, … */
  readonly name: string
  /** It is on. */
  readonly active: boolean
  /** It was asked for, as only changeable ones can be; it may be off all the same, when it needs another that is off. */
  readonly wanted: boolean
  /** It can be switched. */
  readonly changeable: boolean
}

/** Features of one device. */
export interface DeviceFeatures {
  readonly index: number
  readonly interface: string
  readonly features: readonly DeviceFeature[]
}

/** How a device's link is set. What a device does not tell is undefined. */
export interface LinkSettings {
  readonly index: number
  readonly interface: string
  /** Mbit/s */
  readonly speed: number | undefined
  readonly duplex: 'half' | 'full' | undefined
  readonly autonegotiation: boolean | undefined
  /** Connector. */
  readonly port: string | undefined
  /** What we offer the link partner, and what it offers: `1000baseT/Full`, … */
  readonly ours: readonly string[]
  readonly peer: readonly string[]
}

type Bitset = MessageOf<typeof ethtoolFeatures>['active']

/** String sets (enum ethtool_stringset) */
const FEATURES = 4
const LINK_MODES = 9
/** SPEED_UNKNOWN (linux/ethtool.h) is −1. */
const SPEED_UNKNOWN = 0xffffffff
const DUPLEX: Readonly<Record<number, 'half' | 'full'>> = { 0: 'half', 1: 'full' }
/** PORT_* (linux/ethtool.h); 0xff is other. */
const PORTS: Readonly<Record<number, string>> = {
  0: 'twisted pair',
  1: 'AUI',
  2: 'MII',
  3: 'fibre',
  4: 'BNC',
  5: 'direct attach',
  239: 'none',
  255: 'other',
}

/** Device settings in one namespace. Close it when done. Every method throws NetlinkError when the kernel refuses. */
export class Ethtool {
  readonly #socket: GenericSocket
  readonly #names = new Map<number, readonly string[]>()

  constructor(socket: GenericSocket) {
    this.#socket = socket
  }

  /** @throws FamilyMissingError when this kernel is built without it (CONFIG_ETHTOOL_NETLINK, Linux 5.6) */
  static open(namespace?: NamespaceHandle): Ethtool {
    return new Ethtool(GenericSocket.open('ethtool', namespace))
  }

  /** Features of every device of the namespace. */
  features(): DeviceFeatures[] {
    const names = this.#strings(FEATURES)
    const rows = this.#socket.dump({
      operation: 'ETHTOOL_MSG_FEATURES_GET',
      command: EthtoolCommand.getFeatures,
      kind: ethtoolFeatures,
      body: { header: { flags: COMPACT_BITSETS } },
      reply: ethtoolFeatures,
    })
    return rows.map((row) => ({
      index: row.header?.index ?? 0,
      interface: row.header?.name ?? '',
      features: featuresOf(row, names),
    }))
  }

  /** Link settings of the devices that have any; purely virtual ones such as bridges often have none. */
  links(): LinkSettings[] {
    const names = this.#strings(LINK_MODES)
    const ports = new Map(this.#linkInfo().map((row) => [row.header?.index, row.port]))
    const rows = this.#socket.dump({
      operation: 'ETHTOOL_MSG_LINKMODES_GET',
      command: EthtoolCommand.getLinkModes,
      kind: ethtoolLinkModes,
      body: { header: { flags: COMPACT_BITSETS } },
      reply: ethtoolLinkModes,
    })
    return rows.map((row) => linkOf(row, ports.get(row.header?.index), names))
  }

  close(): void {
    this.#socket.close()
  }

  #linkInfo(): MessageOf<typeof ethtoolLinkInfo>[] {
    return this.#socket.dump({
      operation: 'ETHTOOL_MSG_LINKINFO_GET',
      command: EthtoolCommand.getLinkInfo,
      kind: ethtoolLinkInfo,
      body: { header: {} },
      reply: ethtoolLinkInfo,
    })
  }

  /** Names of a string set by number; the same for all devices, so they are asked for once. */
  #strings(id: number): readonly string[] {
    const known = this.#names.get(id)
    if (known !== undefined) return known
    const [row] = this.#socket.query({
      operation: 'ETHTOOL_MSG_STRSET_GET',
      command: EthtoolCommand.getStrings,
      kind: ethtoolStrings,
      body: { header: {}, sets: { set: [{ id }] } },
      reply: ethtoolStrings,
    })
    const names: string[] = []
    for (const { index = 0, value = '' } of row?.sets?.set?.[0]?.strings?.string ?? []) names[index] = value
    this.#names.set(id, names)
    return names
  }
}

function featuresOf(row: MessageOf<typeof ethtoolFeatures>, names: readonly string[]): DeviceFeature[] {
  return names
    .map((name, bit) => ({
      name,
      active: isSet(row.active?.value, bit),
      wanted: isSet(row.wanted?.value, bit),
      changeable: isSet(row.hardware?.value, bit) && !isSet(row.fixed?.value, bit),
    }))
    .filter((feature) => feature.name !== '')
}

function linkOf(
  row: MessageOf<typeof ethtoolLinkModes>,
  port: number | undefined,
  names: readonly string[],
): LinkSettings {
  return {
    index: row.header?.index ?? 0,
    interface: row.header?.name ?? '',
    speed: row.speed === SPEED_UNKNOWN ? undefined : row.speed,
    duplex: row.duplex === undefined ? undefined : DUPLEX[row.duplex],
    autonegotiation: row.autonegotiation === undefined ? undefined : row.autonegotiation !== 0,
    port: port === undefined ? undefined : PORTS[port],
    ours: namesOf(row.ours, names),
    peer: namesOf(row.peer, names),
  }
}

function namesOf(bits: Bitset, names: readonly string[]): string[] {
  return names.filter((_, bit) => isSet(bits?.value, bit))
}

function isSet(words: Buffer | undefined, bit: number): boolean {
  const at = (bit >> 5) * 4
  return words !== undefined && at + 4 <= words.length && ((readU32(words, at) >>> (bit & 31)) & 1) === 1
}
