/** Lists as nf_tables has them: attributes of one kind, all numbered NFTA_LIST_ELEM. */
import { attributes, many } from '../netlink/attributes.ts'
import { mapped, type Value } from '../netlink/value.ts'

/** A list of `element`. nf_tables refuses lists whose attributes are counted, as other families have them. */
export function elementList<T>(element: Value<T>): Value<T[]> {
  const table = attributes({ elements: many(1, element) })
  return mapped(
    table,
    ({ elements }) => elements ?? [],
    (elements) => ({ elements }),
  )
}
