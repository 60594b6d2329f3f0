/** Interfaces by the names in a command. */
import type { Link } from '../../../kernel/index.ts'
import type { Place } from '../../scene/place.ts'
import { WhatIfError } from '../what-if-error.ts'

/** The interface of a name, or of one of its alternative names. @throws WhatIfError when there is none */
export function interfaceNamed(place: Place, name: string): Link {
  const link = place.linkNamed(name) ?? place.links.find(({ propList }) => propList?.altNames?.includes(name) === true)
  if (link === undefined) throw new WhatIfError(`${place.label} has no interface ${name}`)
  return link
}
