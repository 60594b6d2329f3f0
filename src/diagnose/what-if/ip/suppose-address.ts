/** `ip address add|change|replace|del PREFIX dev IF …`, `ip address flush dev IF` (ip-address(8)). */
import { type Address, AddressFlag, LinkFlag, ownAddress, type Route, RouteScope } from '../../../kernel/index.ts'
import { addressBits, FAMILY_NUMBER, samePrefix } from '../../scene/fib/address-bits.ts'
import type { Family, Place } from '../../scene/place.ts'
import type { PlaceChange } from '../supposed-place.ts'
import type { SceneChange } from '../supposed-scene.ts'
import { WhatIfError } from '../what-if-error.ts'
import type { WordReader } from '../words.ts'
import { flagsOf, isSameRoute, routesOfAddress, withRoutes } from './address-routes.ts'
import { interfaceNamed } from './interface-word.ts'
import type { IpCommand } from './ip-command.ts'
import { addressOf } from './prefix-word.ts'

/** Supposes it. @throws WhatIfError */
export function supposeAddress({ place, words, family }: IpCommand): SceneChange {
  const verb = words.next('add, del or flush')
  const change = ((): PlaceChange => {
    switch (verb) {
      case 'add':
      case 'a':
      case 'change':
      case 'replace':
        return added(place, readAddress(place, words), verb === 'add' || verb === 'a')
      case 'del':
      case 'delete':
      case 'd':
        return removed(place, [existing(place, readAddress(place, words))])
      case 'flush':
        return flushed(place, words, family)
      default:
        return words.refuse(verb)
    }
  })()
  return { places: new Map([[place.inode, change]]) }
}

/** Words with a value that decides nothing here. */
const IDLE = new Set(['label', 'valid_lft', 'preferred_lft', 'proto'])
const FLAGS: Readonly<Record<string, number>> = {
  nodad: AddressFlag.noDad,
  noprefixroute: AddressFlag.noPrefixRoute,
  home: AddressFlag.homeAddress,
  mngtmpaddr: AddressFlag.manageTemporary,
}
const SCOPES: Readonly<Record<string, number>> = { global: 0, site: 200, link: 253, host: 254 }

function readAddress(place: Place, words: WordReader): Address {
  let text: string | undefined
  let peer: string | undefined
  let scope: number | undefined
  let metric: number | undefined
  let device: string | undefined
  let flags = AddressFlag.permanent as number
  while (!words.done) {
    const word = words.next('a word')
    if (word === 'dev') device = words.next('the interface behind dev')
    else if (word === 'local') text = words.next('the address behind local')
    else if (word === 'peer' || word === 'remote') peer = words.next('the address behind peer')
    else if (word === 'broadcast' || word === 'brd') words.next('the address behind broadcast')
    else if (word === 'metric') metric = words.number('the metric')
    else if (word === 'scope') scope = SCOPES[words.next('the scope')] ?? words.refuse('scope')
    else if (IDLE.has(word)) words.next(`what follows ${word}`)
    else if (FLAGS[word] !== undefined) flags |= FLAGS[word]
    else if (text === undefined) text = word
    else words.refuse(word)
  }
  if (text === undefined) throw new WhatIfError('ip address: the address is missing')
  if (device === undefined) throw new WhatIfError('ip address: "dev" and an interface are missing')
  return addressFrom(interfaceNamed(place, device).index, { text, peer, scope, metric, flags })
}

interface AddressWords {
  readonly text: string
  readonly peer: string | undefined
  readonly scope: number | undefined
  readonly metric: number | undefined
  readonly flags: number
}

function addressFrom(index: number, { text, peer, scope, metric, flags }: AddressWords): Address {
  const [host = '', ownLength] = text.split('/')
  const [far, farLength] = (peer ?? '').split('/')
  const own = addressOf('ip address', host)
  const family = own.includes(':') ? 'ipv6' : 'ipv4'
  const bits = family === 'ipv4' ? 32 : 128
  const length = Number(farLength ?? ownLength ?? bits)
  if (!Number.isInteger(length) || length < 0 || length > bits)
    throw new WhatIfError(`ip address: "${text}" is no prefix`)
  const other = far === undefined || far === '' ? own : addressOf('ip address', far)
  return {
    family: FAMILY_NUMBER[family],
    prefixLength: length,
    flags: flags & 0xff,
    allFlags: flags,
    scope: scope ?? usualScope(own),
    index,
    address: other,
    ...(family === 'ipv4' || other !== own ? { local: own } : {}),
    ...(metric === undefined ? {} : { routePriority: metric }),
  }
}

function usualScope(address: string): number {
  if (address.startsWith('127.') || address === '::1') return RouteScope.host
  return /^fe[89ab]/i.test(address) ? RouteScope.link : RouteScope.universe
}

function isSame(one: Address, other: Address): boolean {
  return one.index === other.index && one.prefixLength === other.prefixLength && ownAddress(one) === ownAddress(other)
}

function existing(place: Place, wanted: Address): Address {
  const exact = place.addresses.find((address) => isSame(address, wanted))
  // Without a length, ip(8) deletes the address whatever its length.
  const loose = place.addresses.find(
    (address) =>
      address.index === wanted.index && ownAddress(address) === ownAddress(wanted) && wanted.prefixLength >= 32,
  )
  const found = exact ?? loose
  if (found === undefined) {
    throw new WhatIfError(
      `${place.link(wanted.index)?.name} in ${place.label} does not have the address ${ownAddress(wanted)}`,
    )
  }
  return found
}

function added(place: Place, wanted: Address, strict: boolean): PlaceChange {
  if (place.addresses.some((address) => isSame(address, wanted))) {
    if (strict)
      throw new WhatIfError(
        `${place.link(wanted.index)?.name} in ${place.label} has the address ${ownAddress(wanted)} already`,
      )
    return {}
  }
  const address = isSecondary(place, wanted)
    ? { ...wanted, allFlags: flagsOf(wanted) | AddressFlag.secondary, flags: wanted.flags | AddressFlag.secondary }
    : wanted
  const up = ((place.link(wanted.index)?.flags ?? 0) & LinkFlag.up) !== 0
  const family = address.family === FAMILY_NUMBER.ipv4 ? 'ipv4' : 'ipv6'
  return {
    addresses: [...place.addresses, address],
    routes: { [family]: withRoutes(place.routes(family), routesOfAddress(address, up)) },
  }
}

/** A second address of the same subnet of IPv4 stands back behind the first (__inet_insert_ifa). */
function isSecondary(place: Place, { family, index, prefixLength, address }: Address): boolean {
  if (family !== FAMILY_NUMBER.ipv4 || address === undefined) return false
  return place.addresses.some(
    (other) =>
      other.family === family &&
      other.index === index &&
      other.prefixLength === prefixLength &&
      other.address !== undefined &&
      samePrefix(addressBits(other.address), addressBits(address), prefixLength, 'ipv4'),
  )
}

function flushed(place: Place, words: WordReader, said: Family | undefined): PlaceChange {
  words.take('dev')
  const link = interfaceNamed(place, words.next('the interface'))
  words.end()
  const number = said === undefined ? undefined : FAMILY_NUMBER[said]
  return removed(
    place,
    place.addresses.filter(({ index, family }) => index === link.index && (number === undefined || family === number)),
  )
}

/** Without some addresses, and without the routes that go with them. */
function removed(place: Place, gone: readonly Address[]): PlaceChange {
  const withSecondaries = new Set([...gone, ...gone.flatMap((address) => secondariesOf(place, address))])
  const left = place.addresses.filter((address) => !withSecondaries.has(address))
  const up = (index: number): boolean => ((place.link(index)?.flags ?? 0) & LinkFlag.up) !== 0
  const remain = (family: Family): readonly Route[] => {
    const number = FAMILY_NUMBER[family]
    const lost = [...withSecondaries].filter((address) => address.family === number)
    if (lost.length === 0) return place.routes(family)
    const kept = left
      .filter((address) => address.family === number)
      .flatMap((address) => routesOfAddress(address, up(address.index)))
    const going = lost.flatMap((address) => routesOfAddress(address, true))
    const bare = new Set(
      lost
        .map(({ index }) => index)
        .filter((index) => !left.some((one) => one.family === number && one.index === index)),
    )
    const sources = new Set(lost.map(ownAddress))
    return place.routes(family).filter((route) => {
      if (kept.some((one) => isSameRoute(one, route) && one.outputInterface === route.outputInterface)) return true
      if (going.some((one) => isSameRoute(one, route) && one.outputInterface === route.outputInterface)) return false
      // Routes that send from the address go too (fib_sync_down_addr); all of an interface without any, in IPv4.
      if (route.preferredSource !== undefined && sources.has(route.preferredSource)) return false
      return !(family === 'ipv4' && route.outputInterface !== undefined && bare.has(route.outputInterface))
    })
  }
  return { addresses: left, routes: { ipv4: remain('ipv4'), ipv6: remain('ipv6') } }
}

/** Addresses that go with the first of their subnet, unless the kernel is told to promote them. */
function secondariesOf(place: Place, gone: Address): readonly Address[] {
  if (gone.family !== FAMILY_NUMBER.ipv4 || gone.address === undefined || (flagsOf(gone) & AddressFlag.secondary) !== 0)
    return []
  const name = place.link(gone.index)?.name ?? ''
  const promotes = ['all', name].some(
    (which) => place.settings.ofInterface('ipv4', which, 'promote_secondaries') === '1',
  )
  if (promotes) return []
  return place.addresses.filter(
    (other) =>
      other.family === gone.family &&
      other.index === gone.index &&
      (flagsOf(other) & AddressFlag.secondary) !== 0 &&
      other.address !== undefined &&
      samePrefix(addressBits(other.address), addressBits(gone.address!), gone.prefixLength, 'ipv4'),
  )
}
