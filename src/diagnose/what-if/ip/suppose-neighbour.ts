/** `ip neighbour add|change|replace|del ADDRESS [lladdr MAC] dev IF [nud STATE]` (ip-neighbour(8)). */
import { type Neighbour, NeighbourFlag, NeighbourState } from '../../../kernel/index.ts'
import { FAMILY_NUMBER, familyOfAddress } from '../../scene/fib/address-bits.ts'
import type { Place } from '../../scene/place.ts'
import type { SceneChange } from '../supposed-scene.ts'
import { WhatIfError } from '../what-if-error.ts'
import type { WordReader } from '../words.ts'
import { interfaceNamed } from './interface-word.ts'
import type { IpCommand } from './ip-command.ts'
import { addressOf } from './prefix-word.ts'

const STATES: Readonly<Record<string, number>> = {
  permanent: NeighbourState.permanent,
  noarp: NeighbourState.noArp,
  reachable: NeighbourState.reachable,
  stale: NeighbourState.stale,
  delay: NeighbourState.delay,
  probe: NeighbourState.probe,
  failed: NeighbourState.failed,
  incomplete: NeighbourState.incomplete,
}

/** Supposes it. @throws WhatIfError */
export function supposeNeighbour({ place, words }: IpCommand): SceneChange {
  const verb = words.next('add, replace or del')
  if (verb === 'flush') return change(place, flushed(place, words))
  const entry = readNeighbour(place, words)
  const others = place.neighbours.filter((other) => !isSame(other, entry))
  const known = others.length < place.neighbours.length
  if (['del', 'delete', 'd'].includes(verb)) {
    if (!known) throw new WhatIfError(`${place.label} has no neighbour ${entry.destination} there`)
    return change(place, others)
  }
  if (!['add', 'a', 'change', 'chg', 'replace', 'repl'].includes(verb)) words.refuse(verb)
  if ((verb === 'add' || verb === 'a') && known) {
    throw new WhatIfError(`${place.label} has the neighbour ${entry.destination} already; replace changes it`)
  }
  return change(place, [...others, entry])
}

function change(place: Place, neighbours: readonly Neighbour[]): SceneChange {
  return { places: new Map([[place.inode, { neighbours }]]) }
}

function flushed(place: Place, words: WordReader): readonly Neighbour[] {
  words.take('dev')
  const link = words.done ? undefined : interfaceNamed(place, words.next('the interface'))
  words.end()
  const stays = NeighbourState.permanent | NeighbourState.noArp
  return place.neighbours.filter(
    ({ index, state }) => (state & stays) !== 0 || (link !== undefined && index !== link.index),
  )
}

function isSame(one: Neighbour, other: Neighbour): boolean {
  const proxy = (entry: Neighbour): boolean => (entry.flags & NeighbourFlag.proxy) !== 0
  return one.index === other.index && one.destination === other.destination && proxy(one) === proxy(other)
}

function readNeighbour(place: Place, words: WordReader): Neighbour {
  let address: string | undefined
  let mac: string | undefined
  let device: string | undefined
  let state: number = NeighbourState.permanent
  let flags = 0
  while (!words.done) {
    const word = words.next('a word')
    if (word === 'dev') device = words.next('the interface behind dev')
    else if (word === 'lladdr') mac = words.next('the address behind lladdr').toLowerCase()
    else if (word === 'nud') state = STATES[words.next('the state behind nud')] ?? words.refuse('nud')
    else if (word === 'proxy') flags |= NeighbourFlag.proxy
    else if (word === 'router') flags |= NeighbourFlag.router
    else if (word === 'to') address = words.next('the address behind to')
    else if (STATES[word] !== undefined) state = STATES[word]
    else if (address === undefined) address = word
    else words.refuse(word)
  }
  if (address === undefined) throw new WhatIfError('ip neighbour: the address is missing')
  if (device === undefined) throw new WhatIfError('ip neighbour: "dev" and an interface are missing')
  if (mac !== undefined && !/^[0-9a-f]{2}(:[0-9a-f]{2})+$/.test(mac)) {
    throw new WhatIfError(`ip neighbour: "${mac}" is not a link-layer address`)
  }
  const destination = addressOf('ip neighbour', address)
  return {
    family: FAMILY_NUMBER[familyOfAddress(destination)],
    index: interfaceNamed(place, device).index,
    state,
    flags,
    type: 1,
    destination,
    ...(mac === undefined ? {} : { lladdr: mac }),
  }
}
