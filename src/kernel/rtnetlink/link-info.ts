/**
 * What kind of link it is (IFLA_LINKINFO, linux/if_link.h). How its data is to be read depends on the name of its kind,
 * which is another attribute beside it. The kernel sends the name first; nothing promises that, so both orders are read.
 */
import type { AnyAttributeTable, AttributeFields, AttributesOf, UnknownAttribute } from '../netlink/attributes.ts'
import { readU16 } from '../netlink/byte-order.ts'
import { string, type Value } from '../netlink/value.ts'
import { NLA_TYPE_MASK, type Writer } from '../netlink/writer.ts'
import { linkKinds, portKinds } from './link-kinds/kinds.ts'

type KindData = { -readonly [K in keyof typeof linkKinds]?: AttributesOf<(typeof linkKinds)[K]['fields']> }
type PortData = {
  -readonly [K in keyof typeof portKinds as (typeof portKinds)[K]['property']]?: AttributesOf<
    (typeof portKinds)[K]['table']['fields']
  >
}

/** The kind of a link, and of the master that it is a port of; their data stands under a property named after the kind. */
export interface LinkInfo extends KindData, PortData {
  /** `veth`, `bridge`, `vxlan` …; hardware has none. */
  kind?: string
  /** Data of a kind that has no table here, as the kernel sent it. */
  data?: Buffer
  xstats?: Buffer
  /** Kind of the master: `bridge`, `bond`, `vrf` …. */
  slaveKind?: string
  /** Data of a port kind that has no table here. */
  slaveData?: Buffer
  unknown?: UnknownAttribute[]
}

const KIND = 1
const DATA = 2
const XSTATS = 3
const SLAVE_KIND = 4
const SLAVE_DATA = 5

interface DataReader {
  readonly property: string
  readonly table: AnyAttributeTable
}

const kindReaders = new Map<string, DataReader>(
  Object.entries(linkKinds).map(([kind, table]) => [kind, { property: kind, table }]),
)
const portReaders = new Map<string, DataReader>(Object.entries(portKinds))

/** IFLA_LINKINFO as a value. */
export const linkInfo: Value<LinkInfo> = {
  minimum: 0,
  nested: true,
  read(bytes, offset, length) {
    const info: LinkInfo = {}
    const end = offset + length
    let data = -1
    let slaveData = -1
    for (let at = offset; at + 4 <= end; ) {
      const size = readU16(bytes, at)
      if (size < 4 || at + size > end) break
      const type = readU16(bytes, at + 2)
      const number = type & NLA_TYPE_MASK
      if (number === KIND) info.kind = string.read(bytes, at + 4, size - 4)
      else if (number === DATA) data = at
      else if (number === SLAVE_KIND) info.slaveKind = string.read(bytes, at + 4, size - 4)
      else if (number === SLAVE_DATA) slaveData = at
      else if (number === XSTATS) info.xstats = copy(bytes, at + 4, size - 4)
      else info.unknown = [...(info.unknown ?? []), { type, value: copy(bytes, at + 4, size - 4) }]
      at += (size + 3) & ~3
    }
    if (data >= 0) readData(info, bytes, data, kindReaders.get(info.kind ?? ''), 'data')
    if (slaveData >= 0) readData(info, bytes, slaveData, portReaders.get(info.slaveKind ?? ''), 'slaveData')
    return info
  },
  write(writer, info) {
    if (info.kind !== undefined) writer.attribute(KIND, () => string.write(writer, info.kind!))
    writeData(writer, info, DATA, kindReaders.get(info.kind ?? ''), 'data')
    if (info.xstats !== undefined) writer.attribute(XSTATS, () => writer.append(info.xstats!))
    if (info.slaveKind !== undefined) writer.attribute(SLAVE_KIND, () => string.write(writer, info.slaveKind!))
    writeData(writer, info, SLAVE_DATA, portReaders.get(info.slaveKind ?? ''), 'slaveData')
    for (const rest of info.unknown ?? []) writer.attribute(rest.type, () => writer.append(rest.value))
  },
}

/** Reads the data attribute at `at` with the kind's table, or keeps its bytes under `fallback`. */
function readData(
  info: LinkInfo,
  bytes: Buffer,
  at: number,
  reader: DataReader | undefined,
  fallback: 'data' | 'slaveData',
): void {
  const length = readU16(bytes, at) - 4
  if (reader === undefined) info[fallback] = copy(bytes, at + 4, length)
  else (info as Record<string, unknown>)[reader.property] = reader.table.read(bytes, at + 4, length)
}

function writeData(
  writer: Writer,
  info: LinkInfo,
  type: number,
  reader: DataReader | undefined,
  fallback: 'data' | 'slaveData',
): void {
  const known =
    reader === undefined
      ? undefined
      : (info as Record<string, AttributesOf<AttributeFields> | undefined>)[reader.property]
  const bytes = info[fallback]
  if (reader !== undefined && known !== undefined) writer.attribute(type, () => reader.table.write(writer, known))
  else if (bytes !== undefined) writer.attribute(type, () => writer.append(bytes))
}

function copy(bytes: Buffer, offset: number, length: number): Buffer {
  return Buffer.from(bytes.subarray(offset, offset + length))
}
