/** `bridge fdb add|append|replace|del MAC dev IF [dst IP] [master|self] [vlan V] …`. */
import { type Neighbour, NeighbourFlag, NeighbourState } from '../../../kernel/index.ts'
import type { Place } from '../../scene/place.ts'
import { interfaceNamed } from '../ip/interface-word.ts'
import { addressOf } from '../ip/prefix-word.ts'
import type { PlaceChange } from '../supposed-place.ts'
import { WhatIfError } from '../what-if-error.ts'
import type { WordReader } from '../words.ts'

const AF_BRIDGE = 7
const FLOOD = '00:00:00:00:00:00'
const STATES: Readonly<Record<string, number>> = {
  local: NeighbourState.permanent,
  permanent: NeighbourState.permanent,
  static: NeighbourState.noArp,
  dynamic: NeighbourState.reachable,
  temp: NeighbourState.reachable,
}

/** Supposes it. @throws WhatIfError */
export function supposeForwarding(place: Place, words: WordReader): PlaceChange {
  const verb = words.next('add, append, replace or del')
  const entry = readEntry(place, words)
  const same = place.forwarding.filter((other) => isSameKey(other, entry))
  switch (verb) {
    case 'add':
      if (same.length > 0)
        throw new WhatIfError(`${place.label} has a forwarding entry of ${entry.lladdr} there already`)
      return { forwarding: [...place.forwarding, entry] }
    case 'append':
      return { forwarding: [...place.forwarding, entry] }
    case 'replace':
      return { forwarding: [...place.forwarding.filter((other) => !same.includes(other)), entry] }
    case 'del':
    case 'delete': {
      const gone = same.filter((other) => entry.destination === undefined || other.destination === entry.destination)
      if (gone.length === 0) throw new WhatIfError(`${place.label} has no such forwarding entry of ${entry.lladdr}`)
      return { forwarding: place.forwarding.filter((other) => !gone.includes(other)) }
    }
    default:
      return words.refuse(verb)
  }
}

/** A bridge has one entry for an address and a vlan, whatever the port; a tunnel one for an address, or several that flood. */
function isSameKey(one: Neighbour, other: Neighbour): boolean {
  if (one.lladdr !== other.lladdr || (one.vlan ?? 0) !== (other.vlan ?? 0)) return false
  if (other.master !== undefined) return one.master === other.master
  if (one.master !== undefined || one.index !== other.index) return false
  return other.lladdr !== FLOOD || one.destination === other.destination
}

function readEntry(place: Place, words: WordReader): Neighbour {
  let mac: string | undefined
  let device: string | undefined
  let state: number = NeighbourState.permanent
  let inMaster = false
  const more: { destination?: string; vlan?: number; vni?: number; port?: number; via?: number } = {}
  while (!words.done) {
    const word = words.next('a word')
    if (word === 'dev') device = words.next('the interface behind dev')
    else if (word === 'dst') more.destination = addressOf('bridge fdb', words.next('the address behind dst'))
    else if (word === 'vlan') more.vlan = words.number('the vlan')
    else if (word === 'vni') more.vni = words.number('the network identifier')
    else if (word === 'port') more.port = words.number('the port')
    else if (word === 'via') more.via = interfaceNamed(place, words.next('the interface behind via')).index
    else if (word === 'master') inMaster = true
    else if (word === 'self') inMaster = false
    else if (STATES[word] !== undefined) state = STATES[word]
    else if (mac === undefined) mac = word.toLowerCase()
    else words.refuse(word)
  }
  if (mac === undefined || !/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(mac)) {
    throw new WhatIfError(
      `bridge fdb: ${mac === undefined ? 'the link-layer address is missing' : `"${mac}" is not a link-layer address`}`,
    )
  }
  if (device === undefined) throw new WhatIfError('bridge fdb: "dev" and an interface are missing')
  const link = interfaceNamed(place, device)
  if (inMaster && link.master === undefined) throw new WhatIfError(`${device} in ${place.label} is no port of a bridge`)
  return {
    family: AF_BRIDGE,
    index: link.index,
    state,
    flags: inMaster ? 0 : NeighbourFlag.self,
    type: 0,
    lladdr: mac,
    ...more,
    ...(inMaster ? { master: link.master! } : {}),
  }
}
