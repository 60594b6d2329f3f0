/** Expressions, the steps of a rule: a name, and attributes that depend on it (NFTA_EXPR_*, linux/netfilter/nf_tables.h). */
import { type AnyAttributeTable, type AttributesOf, attribute, attributes } from '../netlink/attributes.ts'
import { be32, be64, raw, string, type Value } from '../netlink/value.ts'
import { NLA_F_NESTED } from '../netlink/writer.ts'
import { word } from '../rtnetlink/word.ts'
import { elementList } from './element-list.ts'
import { expressionTables } from './expression-tables.ts'

type Decoded<T extends Readonly<Record<string, AnyAttributeTable>>> = {
  [K in keyof T & string]: { readonly kind: K } & Readonly<AttributesOf<T[K]['fields']>>
}[keyof T & string]

/** An expression that nobody here knows: its name and the bytes of its attributes. */
interface UnknownExpression {
  readonly kind: 'unknown'
  readonly name: string
  readonly bytes: Buffer
}

/** An expression that holds no other. */
export type NfPlainExpression = Decoded<typeof expressionTables> | UnknownExpression

const NAME = 1
const DATA = 2
const envelope = attributes({ name: attribute(NAME, string), data: attribute(DATA, raw) })

/** An expression as a value: its data is read and written by the table of its name. */
function expressionValue<E extends { readonly kind: string }>(
  tables: Readonly<Record<string, AnyAttributeTable>>,
): Value<E> {
  const known = new Map(Object.entries(tables))
  return {
    minimum: 0,
    nested: true,
    read(bytes, offset, length) {
      const { name = '', data = Buffer.alloc(0) } = envelope.read(bytes, offset, length)
      const table = known.get(name)
      if (table === undefined) return { kind: 'unknown', name, bytes: data } as unknown as E
      const out: Record<string, unknown> = { kind: name }
      table.readInto(out, data, 0, data.length)
      return out as unknown as E
    },
    write(writer, expression) {
      const { kind, ...given } = expression
      const unread = given as { readonly name?: string; readonly bytes?: Buffer }
      const table = known.get(kind)
      writer.attribute(NAME, () => string.write(writer, table === undefined ? (unread.name ?? '') : kind))
      writer.attribute(DATA | NLA_F_NESTED, () => {
        if (table === undefined) writer.append(unread.bytes ?? Buffer.alloc(0))
        else table.write(writer, given)
      })
    },
  }
}

const plainExpression = expressionValue<NfPlainExpression>(expressionTables)

/** Expressions that hold others: what is done for each element, or inside a tunnel. */
const nestingTables = {
  /** Adds to a set. Flag 1 inverts. */
  dynset: attributes({
    set: attribute(1, string),
    op: attribute(3, word(be32, ['add', 'update', 'delete'])),
    sregKey: attribute(4, be32),
    sregData: attribute(5, be32),
    timeout: attribute(6, be64),
    expression: attribute(7, plainExpression),
    flags: attribute(9, be32),
    expressions: attribute(10, elementList(plainExpression)),
  }),
  inner: attributes({
    number: attribute(1, be32),
    type: attribute(2, be32),
    flags: attribute(3, be32),
    headerSize: attribute(4, be32),
    expression: attribute(5, plainExpression),
  }),
} as const

/** A step of a rule. */
export type NfExpression = NfPlainExpression | Decoded<typeof nestingTables>
/** The steps of one kind: `NfExpressionOf<'cmp'>`. */
export type NfExpressionOf<K extends NfExpression['kind']> = Extract<NfExpression, { readonly kind: K }>

/** NFTA_LIST_ELEM: one expression. */
export const nfExpression = expressionValue<NfExpression>({ ...expressionTables, ...nestingTables })
