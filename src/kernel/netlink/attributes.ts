/**
 * Tables of attributes: one table describes a message kind (or a nested attribute) in both directions, and its TypeScript
 * type follows from it. Attributes that a table does not know, or that are too short for what it says of them, are kept as
 * bytes under `unknown` and written back unchanged, so that reading, changing and writing an object loses nothing.
 */
import { readU16 } from './byte-order.ts'
import type { Value } from './value.ts'
import { NLA_F_NESTED, NLA_TYPE_MASK, type Writer } from './writer.ts'

/** One attribute of a table: its number on the wire and its value. */
export interface Attribute<T> {
  readonly type: number
  readonly value: Value<T>
  /** The attribute may occur several times; it decodes to an array. */
  readonly many: boolean
  /** Write NLA_F_NESTED into the type. Older families want it left out, and their tables say so. */
  readonly markNested: boolean
  /** Only an example of the decoded type; never set. */
  readonly decoded?: T
}

/** An attribute that occurs at most once. */
export function attribute<T>(type: number, value: Value<T>): Attribute<T> {
  return { type, value, many: false, markNested: value.nested === true }
}

/** A nested attribute written without NLA_F_NESTED, for kernel families older than the flag that refuse or misread it. */
export function unmarked<T>(type: number, value: Value<T>): Attribute<T> {
  return { type, value, many: false, markNested: false }
}

/** An attribute that occurs any number of times and decodes to an array. */
export function many<T>(type: number, value: Value<T>): Attribute<T[]> {
  return { type, value: value as unknown as Value<T[]>, many: true, markNested: value.nested === true }
}

/** An attribute that no table entry could read, kept byte by byte. `type` keeps its flag bits. */
export interface UnknownAttribute {
  readonly type: number
  readonly value: Buffer
}

/** Attributes by the names we give them. */
export type AttributeFields = Record<string, Attribute<unknown>>

/** What a table decodes to: every attribute may be missing. */
export type AttributesOf<F extends AttributeFields> = {
  -readonly [K in keyof F]?: F[K] extends Attribute<infer T> ? T : never
} & { unknown?: UnknownAttribute[] }

/** A table of attributes, which is also a value, so that tables nest. */
export interface AttributeTable<F extends AttributeFields> extends Value<AttributesOf<F>> {
  readonly fields: F
  /** Decodes into an existing object, as message kinds do behind their fixed header. */
  readInto(out: Record<string, unknown>, bytes: Buffer, offset: number, length: number): void
}

/** Any table, whatever its attributes. */
// biome-ignore lint/suspicious/noExplicitAny: the fields differ from table to table and are never touched through this type
export type AnyAttributeTable = AttributeTable<any>

interface Entry {
  readonly name: string
  readonly attribute: Attribute<unknown>
  readonly value: Value<unknown>
  readonly minimum: number
}

/**
 * Declares a table.
 * @param fields name → attribute; the numbers are the kernel's (linux/*.h)
 * @param keepUnknown false for projections that look at a few attributes of a message only
 */
export function attributes<F extends AttributeFields>(fields: F, keepUnknown = true): AttributeTable<F> {
  let index: TableIndex | undefined
  const readInto = (out: Record<string, unknown>, bytes: Buffer, offset: number, length: number): void => {
    index ??= indexTable(fields)
    const { byType } = index
    const end = offset + length
    let at = offset
    while (at + 4 <= end) {
      const size = readU16(bytes, at)
      if (size < 4 || at + size > end) return
      const type = readU16(bytes, at + 2)
      const number = type & NLA_TYPE_MASK
      const entry = number < byType.length ? byType[number] : undefined
      if (entry !== undefined && size - 4 >= entry.minimum) {
        const value = entry.value.read(bytes, at + 4, size - 4)
        if (!entry.attribute.many) out[entry.name] = value
        else if (out[entry.name] === undefined) out[entry.name] = [value]
        else (out[entry.name] as unknown[]).push(value)
      } else if (keepUnknown) {
        const rest = { type, value: Buffer.from(bytes.subarray(at + 4, at + size)) }
        if (out['unknown'] === undefined) out['unknown'] = [rest]
        else (out['unknown'] as UnknownAttribute[]).push(rest)
      }
      at += (size + 3) & ~3
    }
  }
  return {
    fields,
    minimum: 0,
    nested: true,
    readInto,
    read(bytes, offset, length) {
      const out: Record<string, unknown> = {}
      readInto(out, bytes, offset, length)
      return out as AttributesOf<F>
    },
    write(writer, value) {
      index ??= indexTable(fields)
      const { positions, entries } = index
      // A request gives a few attributes of a table that has dozens; they go out in the order of the table.
      const given = Object.keys(value).flatMap((name) => positions.get(name) ?? [])
      for (const position of given.sort(byNumber)) {
        const entry = entries[position]!
        writeEntry(writer, entry, (value as Record<string, unknown>)[entry.name])
      }
      for (const rest of value.unknown ?? []) writer.attribute(rest.type, () => writer.append(rest.value))
    },
  }
}

/** A table by name and by number. It is made when the table is first used: a command uses few of the hundred there are. */
interface TableIndex {
  readonly entries: readonly Entry[]
  readonly positions: ReadonlyMap<string, number>
  /** Indexed by type: the reader looks one up for every attribute of every message. */
  readonly byType: readonly (Entry | undefined)[]
}

function indexTable(fields: AttributeFields): TableIndex {
  const entries: Entry[] = Object.entries(fields).map(([name, attribute]) => ({
    name,
    attribute,
    value: attribute.value,
    minimum: attribute.value.minimum,
  }))
  const positions = new Map(entries.map(({ name }, position) => [name, position]))
  const byType: (Entry | undefined)[] = []
  for (const entry of entries) {
    while (byType.length <= entry.attribute.type) byType.push(undefined)
    byType[entry.attribute.type] = entry
  }
  return { entries, positions, byType }
}

function byNumber(a: number, b: number): number {
  return a - b
}

function writeEntry(writer: Writer, { attribute }: Entry, value: unknown): void {
  if (value === undefined || attribute.value.omit?.(value) === true) return
  const type = attribute.markNested ? attribute.type | NLA_F_NESTED : attribute.type
  if (!attribute.many) {
    writer.attribute(type, () => attribute.value.write(writer, value))
    return
  }
  for (const one of value as unknown[]) writer.attribute(type, () => attribute.value.write(writer, one))
}

/** A value made of nested attributes of one table, all of the same kind, whose numbers only count (a netlink "array"). */
export function listOf<T>(element: Value<T>): Value<T[]> {
  return {
    minimum: 0,
    nested: true,
    read(bytes, offset, length) {
      const out: T[] = []
      const end = offset + length
      let at = offset
      while (at + 4 <= end) {
        const size = readU16(bytes, at)
        if (size < 4 || at + size > end) break
        if (size - 4 >= element.minimum) out.push(element.read(bytes, at + 4, size - 4))
        at += (size + 3) & ~3
      }
      return out
    },
    write(writer, values) {
      const mark = element.nested === true ? NLA_F_NESTED : 0
      values.forEach((value, i) => {
        writer.attribute((i + 1) | mark, () => element.write(writer, value))
      })
    },
  }
}
