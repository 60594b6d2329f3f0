/** `ip link set [dev] IF up|down|master|nomaster|mtu|address …`, `ip link del IF` (ip-link(8)). */
import { type Link, LinkFlag } from '../../../kernel/index.ts'
import type { Place } from '../../scene/place.ts'
import type { Scene } from '../../scene/scene.ts'
import type { PlaceChange } from '../supposed-place.ts'
import { type SceneChange, SupposedScene } from '../supposed-scene.ts'
import { WhatIfError } from '../what-if-error.ts'
import type { WordReader } from '../words.ts'
import { withCarrier, withoutCarrier } from './carrier.ts'
import { interfaceNamed } from './interface-word.ts'
import type { IpCommand } from './ip-command.ts'
import { downChange, upChange } from './link-state.ts'

/** Supposes it. @throws WhatIfError */
export function supposeLink({ scene, place, words }: IpCommand): SceneChange {
  const verb = words.next('set or del')
  if (verb === 'set' || verb === 's') return setLink(scene, place, words)
  if (verb === 'del' || verb === 'delete') return deleteLink(scene, place, words)
  return words.refuse(verb)
}

function setLink(scene: Scene, place: Place, words: WordReader): SceneChange {
  words.take('dev')
  const { index } = interfaceNamed(place, words.next('the interface'))
  let change: SceneChange = { places: new Map() }
  // Each word is supposed on top of what those before it did.
  while (!words.done) {
    const now = new SupposedScene(scene, change)
    change = joined(change, setOne(now, now.place(place.inode), index, words))
  }
  if (change.places.size === 0)
    throw new WhatIfError('ip link set: up, down, master, nomaster, mtu or address is missing')
  return change
}

function setOne(scene: Scene, place: Place, index: number, words: WordReader): SceneChange {
  const link = place.link(index)!
  const word = words.next('a word')
  switch (word) {
    case 'up':
      return setState(scene, place, link, true)
    case 'down':
      return setState(scene, place, link, false)
    case 'mtu':
      return here(place, { links: replaced(place, { ...link, mtu: words.number('the MTU') }) })
    case 'address':
      return here(place, { links: replaced(place, { ...link, address: macWord(words) }) })
    case 'master':
      return here(place, enslaved(place, link, interfaceNamed(place, words.next('the interface behind master'))))
    case 'nomaster':
      return here(place, freed(place, link))
    case 'arp':
      return here(place, { links: replaced(place, withFlag(link, LinkFlag.noArp, switchWord(words) === 'off')) })
    case 'promisc':
      return here(place, { links: replaced(place, withFlag(link, LinkFlag.promiscuous, switchWord(words) === 'on')) })
    default:
      return words.refuse(word)
  }
}

function joined(one: SceneChange, other: SceneChange): SceneChange {
  const places = new Map(one.places)
  for (const [inode, change] of other.places) {
    const before = places.get(inode)
    places.set(inode, { ...before, ...change, routes: { ...before?.routes, ...change.routes } })
  }
  return { places, gone: new Set([...(one.gone ?? []), ...(other.gone ?? [])]) }
}

function here(place: Place, change: PlaceChange): SceneChange {
  return { places: new Map([[place.inode, change]]) }
}

/** Links with one of them replaced. */
function replaced(place: Place, link: Link): readonly Link[] {
  return place.links.map((other) => (other.index === link.index ? link : other))
}

function withFlag(link: Link, flag: number, on: boolean): Link {
  return { ...link, flags: on ? link.flags | flag : link.flags & ~flag }
}

function macWord(words: WordReader): string {
  const word = words.next('the address').toLowerCase()
  return /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(word) ? word : words.refuse(word)
}

function switchWord(words: WordReader): string {
  const word = words.next('on or off')
  return word === 'on' || word === 'off' ? word : words.refuse(word)
}

/** Both ends of a pair have a carrier only while both are up (veth_open, veth_close). */
function setState(scene: Scene, place: Place, link: Link, up: boolean): SceneChange {
  const isUp = (link.flags & LinkFlag.up) !== 0
  if (isUp === up) return here(place, { links: place.links })
  const far = scene.farEnd(place.inode, link.index)
  const other = far === undefined || far === 'gone' ? undefined : far.place.link(far.index)
  const carrier = other === undefined ? link.info?.kind !== 'veth' : (other.flags & LinkFlag.up) !== 0
  const own = up ? upChange(place, link, carrier) : downChange(place, link)
  if (far === undefined || far === 'gone' || other === undefined || (other.flags & LinkFlag.up) === 0)
    return here(place, own)
  const end = up ? withCarrier(other) : withoutCarrier(other)
  if (far.place.inode === place.inode) {
    return here(place, {
      ...own,
      links: (own.links ?? place.links).map((one) => (one.index === end.index ? end : one)),
    })
  }
  return {
    places: new Map([
      [place.inode, own],
      [far.place.inode, { links: replaced(far.place, end) }],
    ]),
  }
}

/** A new port of a bridge forwards at once where no spanning tree runs (br_add_if). */
function enslaved(place: Place, link: Link, master: Link): PlaceChange {
  const free = freed(place, link)
  const bridge = master.info?.kind === 'bridge'
  const port = {
    state: 'forwarding',
    learning: 1,
    unicastFlood: 1,
    multicastFlood: 1,
    broadcastFlood: 1,
    isolated: 0,
    hairpin: 0,
  } as const
  const info = { ...link.info, slaveKind: master.info?.kind ?? '', ...(bridge ? { bridgePort: port } : {}) }
  const links = place.links.map((one) => {
    if (one.index === link.index) return { ...link, master: master.index, info }
    // A bridge has a carrier as soon as a port has.
    return one.index === master.index && bridge && hasCarrier(link) && (one.flags & LinkFlag.up) !== 0
      ? withCarrier(one)
      : one
  })
  const pvid = master.info?.bridge?.vlanDefaultPvid ?? 1
  const filtering = bridge && master.info?.bridge?.vlanFiltering === 1 && pvid !== 0
  const own = { index: link.index, name: link.name, ranges: [{ first: pvid, last: pvid, pvid: true, untagged: true }] }
  return { ...free, links, ...(filtering ? { vlans: [...(free.vlans ?? place.vlans), own] } : {}) }
}

function hasCarrier({ flags }: Link): boolean {
  return (flags & LinkFlag.lowerUp) !== 0
}

function freed(place: Place, link: Link): PlaceChange {
  if (link.master === undefined) return { links: place.links }
  const { master, ...rest } = link
  const { slaveKind: _kind, bridgePort: _port, ...info } = link.info ?? {}
  return {
    links: replaced(place, { ...rest, info }),
    forwarding: place.forwarding.filter((entry) => !(entry.index === link.index && entry.master === master)),
    vlans: place.vlans.filter(({ index }) => index !== link.index),
  }
}

function deleteLink(scene: Scene, place: Place, words: WordReader): SceneChange {
  words.take('dev')
  const link = interfaceNamed(place, words.next('the interface'))
  words.end()
  const far = scene.farEnd(place.inode, link.index)
  const change = here(place, without(place, link))
  if (far === undefined || far === 'gone') return { ...change, gone: new Set([`${place.inode}/${link.index}`]) }
  const gone = new Set([`${place.inode}/${link.index}`, `${far.place.inode}/${far.index}`])
  const now = new SupposedScene(scene, change)
  const there = now.place(far.place.inode)
  const other = there.link(far.index)
  return other === undefined ? { ...change, gone } : { ...joined(change, here(there, without(there, other))), gone }
}

/** Without an interface, and everything that is about it. */
function without(place: Place, link: Link): PlaceChange {
  const down = downChange(place, link)
  const isOther = ({ index }: { readonly index: number }): boolean => index !== link.index
  return {
    ...down,
    links: place.links
      .filter(isOther)
      .map((one) => (one.master === link.index ? (({ master: _, ...rest }) => rest)(one) : one)),
    addresses: place.addresses.filter(isOther),
    neighbours: place.neighbours.filter(isOther),
    forwarding: place.forwarding.filter((entry) => isOther(entry) && entry.master !== link.index),
    vlans: place.vlans.filter(isOther),
    routes: {
      ipv4: place.routes('ipv4').filter(({ outputInterface }) => outputInterface !== link.index),
      ipv6: place.routes('ipv6').filter(({ outputInterface }) => outputInterface !== link.index),
    },
  }
}
