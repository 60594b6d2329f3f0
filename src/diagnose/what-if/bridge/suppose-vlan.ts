/** `bridge vlan add|del dev PORT vid V[-W] [pvid] [untagged] [self|master]`. */
import type { PortVlans, VlanRange } from '../../../kernel/index.ts'
import type { Place } from '../../scene/place.ts'
import { interfaceNamed } from '../ip/interface-word.ts'
import type { PlaceChange } from '../supposed-place.ts'
import { WhatIfError } from '../what-if-error.ts'
import type { WordReader } from '../words.ts'

const LAST_VLAN = 4094

/** Supposes it. @throws WhatIfError */
export function supposeVlan(place: Place, words: WordReader): PlaceChange {
  const verb = words.next('add or del')
  const { name, range } = readVlan(words)
  const link = interfaceNamed(place, name)
  if (link.master === undefined && link.info?.kind !== 'bridge') {
    throw new WhatIfError(`${name} in ${place.label} is neither a bridge nor a port of one`)
  }
  const known = place.vlans.find(({ index }) => index === link.index)
  const left = without(known?.ranges ?? [], range)
  const ranges = ((): readonly VlanRange[] => {
    if (verb === 'del' || verb === 'delete') return left
    if (verb !== 'add') return words.refuse(verb)
    // A port has one vlan for untagged frames that come in.
    return [...(range.pvid ? left.map((one) => ({ ...one, pvid: false })) : left), range].sort(
      (a, b) => a.first - b.first,
    )
  })()
  const own: PortVlans = { index: link.index, name: link.name, ranges }
  return { vlans: [...place.vlans.filter(({ index }) => index !== link.index), own] }
}

function readVlan(words: WordReader): { name: string; range: VlanRange } {
  let name: string | undefined
  let vlans: string | undefined
  let pvid = false
  let untagged = false
  while (!words.done) {
    const word = words.next('a word')
    if (word === 'dev') name = words.next('the interface behind dev')
    else if (word === 'vid') vlans = words.next('the vlan')
    else if (word === 'pvid') pvid = true
    else if (word === 'untagged') untagged = true
    else if (word !== 'self' && word !== 'master') words.refuse(word)
  }
  if (name === undefined) throw new WhatIfError('bridge vlan: "dev" and an interface are missing')
  const [first = 0, last = first] = (vlans ?? '').split('-').map(Number)
  const valid = Number.isInteger(first) && Number.isInteger(last) && first >= 1 && last >= first && last <= LAST_VLAN
  if (!valid)
    throw new WhatIfError(
      `bridge vlan: ${vlans === undefined ? '"vid" and a vlan are missing' : `"${vlans}" is no vlan`}`,
    )
  return { name, range: { first, last, pvid, untagged } }
}

/** Ranges without the vlans of another. */
function without(ranges: readonly VlanRange[], gone: VlanRange): VlanRange[] {
  return ranges.flatMap((range) => {
    const before = range.first < gone.first ? [{ ...range, last: Math.min(range.last, gone.first - 1) }] : []
    const behind = range.last > gone.last ? [{ ...range, first: Math.max(range.first, gone.last + 1) }] : []
    return [...before, ...behind]
  })
}
