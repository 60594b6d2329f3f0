/** `sysctl -w KEY=VALUE`, `KEY=VALUE`, `echo VALUE > /proc/sys/PATH`. */
import { interfaceSysctl, sysctlPath } from '../../kernel/index.ts'
import { FAMILY_NUMBER } from '../scene/fib/address-bits.ts'
import type { Family, Place } from '../scene/place.ts'
import type { Scene } from '../scene/scene.ts'
import type { PlaceChange } from './supposed-place.ts'
import type { SceneChange } from './supposed-scene.ts'
import { WhatIfError } from './what-if-error.ts'

/** `sysctl [-w] KEY=VALUE …` */
export function supposeSysctl(_scene: Scene, place: Place, words: readonly string[]): SceneChange {
  const pairs = words.filter((word) => !['-w', '--write', '-q', '--quiet'].includes(word))
  const settings = new Map<string, string>()
  for (const pair of pairs) {
    const equals = pair.indexOf('=')
    if (equals < 0) throw new WhatIfError(`sysctl: "${pair}" cannot be supposed; KEY=VALUE can`)
    note(place, settings, pair.slice(0, equals), pair.slice(equals + 1))
  }
  if (settings.size === 0) throw new WhatIfError('sysctl: a KEY=VALUE is missing')
  return changeOf(place, settings)
}

/** `echo VALUE > /proc/sys/net/…` */
export function supposeEcho(_scene: Scene, place: Place, words: readonly string[]): SceneChange {
  const text = words.join(' ')
  const match = /^(.*?)\s*>\s*\/proc\/sys\/(\S+)$/.exec(text)
  if (match === null) throw new WhatIfError(`echo: "${text}" cannot be supposed; VALUE > /proc/sys/… can`)
  const settings = new Map<string, string>()
  note(place, settings, match[2]!, match[1]!)
  return changeOf(place, settings)
}

function note(place: Place, settings: Map<string, string>, key: string, value: string): void {
  const path = pathOf(key)
  if (place.settings.get(key) === undefined) throw new WhatIfError(`${place.label} has no setting ${key}`)
  settings.set(path, value)
  for (const [other, follows] of consequences(place, path, value)) settings.set(other, follows)
}

function pathOf(key: string): string {
  try {
    return sysctlPath(key)
  } catch {
    throw new WhatIfError(`"${key}" is not the name of a kernel setting`)
  }
}

const ROOT = `${sysctlPath('net')}/`

/** Settings that the kernel sets along: `ip_forward` and `conf/all/forwarding` are one, and reach every interface. */
function* consequences(place: Place, path: string, value: string): Generator<readonly [string, string]> {
  const forAll: Readonly<Record<string, readonly [Family, string]>> = {
    [`${ROOT}ipv4/ip_forward`]: ['ipv4', 'forwarding'],
    [`${ROOT}ipv4/conf/all/forwarding`]: ['ipv4', 'forwarding'],
    [`${ROOT}ipv6/conf/all/forwarding`]: ['ipv6', 'forwarding'],
    [`${ROOT}ipv6/conf/all/disable_ipv6`]: ['ipv6', 'disable_ipv6'],
    [`${ROOT}ipv6/conf/all/ignore_routes_with_linkdown`]: ['ipv6', 'ignore_routes_with_linkdown'],
  }
  const found = forAll[path]
  if (found === undefined) return
  const [family, setting] = found
  for (const name of ['all', 'default', ...place.links.flatMap((link) => link.name ?? [])]) {
    yield [sysctlPath(interfaceSysctl(family, name, setting)), value]
  }
  if (path.startsWith(`${ROOT}ipv4/`)) yield [`${ROOT}ipv4/ip_forward`, value]
}

function changeOf(place: Place, settings: ReadonlyMap<string, string>): SceneChange {
  return { places: new Map([[place.inode, { settings, ...withoutIpv6(place, settings) }]]) }
}

/** Interfaces whose IPv6 is switched off lose their addresses and routes. */
function withoutIpv6(place: Place, settings: ReadonlyMap<string, string>): PlaceChange {
  const off = new Set(
    place.links.flatMap(({ name = '', index }) =>
      settings.get(sysctlPath(interfaceSysctl('ipv6', name, 'disable_ipv6'))) === '1' ? [index] : [],
    ),
  )
  if (off.size === 0) return {}
  return {
    addresses: place.addresses.filter(({ family, index }) => family !== FAMILY_NUMBER.ipv6 || !off.has(index)),
    routes: { ipv6: place.routes('ipv6').filter(({ outputInterface }) => !off.has(outputInterface ?? 0)) },
  }
}
