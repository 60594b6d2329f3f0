/** `bridge link set dev PORT SETTING on|off …`. */
import type { Link } from '../../../kernel/index.ts'
import type { Place } from '../../scene/place.ts'
import { interfaceNamed } from '../ip/interface-word.ts'
import type { PlaceChange } from '../supposed-place.ts'
import { WhatIfError } from '../what-if-error.ts'
import type { WordReader } from '../words.ts'

type Port = NonNullable<NonNullable<Link['info']>['bridgePort']>

/** Settings by bridge(8)'s words. */
const SWITCHES: Readonly<Record<string, keyof Port>> = {
  isolated: 'isolated',
  learning: 'learning',
  flood: 'unicastFlood',
  mcast_flood: 'multicastFlood',
  bcast_flood: 'broadcastFlood',
  hairpin: 'hairpin',
  locked: 'locked',
  neigh_suppress: 'neighbourSuppress',
  vlan_tunnel: 'vlanTunnel',
  proxy_arp: 'proxyArp',
  guard: 'bpduGuard',
  root_block: 'rootBlock',
  fastleave: 'fastLeave',
}
const STATES = ['disabled', 'listening', 'learning', 'forwarding', 'blocking'] as const

/** Supposes it. @throws WhatIfError */
export function supposePort(place: Place, words: WordReader): PlaceChange {
  const verb = words.next('set')
  if (verb !== 'set') words.refuse(verb)
  if (words.take('dev') === undefined) throw new WhatIfError('bridge link set: "dev" and an interface are missing')
  const name = words.next('the interface behind dev')
  const link = interfaceNamed(place, name)
  let port = link.info?.bridgePort
  if (port === undefined) throw new WhatIfError(`${name} in ${place.label} is no port of a bridge`)
  while (!words.done) {
    const word = words.next('a setting')
    if (word === 'state') port = { ...port, state: stateWord(words) }
    else if (word === 'cost') port = { ...port, cost: words.number('the cost') }
    else if (word === 'priority') port = { ...port, priority: words.number('the priority') }
    else if (SWITCHES[word] !== undefined) port = { ...port, [SWITCHES[word]]: onOrOff(words) }
    else words.refuse(word)
  }
  const changed = { ...link, info: { ...link.info, bridgePort: port } }
  return { links: place.links.map((one) => (one.index === link.index ? changed : one)) }
}

function stateWord(words: WordReader): (typeof STATES)[number] {
  const word = words.next('the state')
  const found = STATES.find((state, number) => state === word || String(number) === word)
  return found ?? words.refuse(word)
}

function onOrOff(words: WordReader): number {
  const word = words.next('on or off')
  if (word === 'on') return 1
  return word === 'off' ? 0 : words.refuse(word)
}
