/** What is particular to macvlan: each endpoint has a MAC address of its own on the parent's network. */
import { EngineError } from '../../errors.ts'
import type { NetworkRecord } from '../../model.ts'
import { macAddressFor } from '../bridge/mac-address.ts'
import { type ChildKind, choice } from '../parent-link/index.ts'

const MODE = 'macvlan_mode'

/**
 * `bridge`: endpoints of one parent reach each other directly. `vepa`: through the switch outside, if it sends frames back.
 * `private`: not at all. `passthru`: one endpoint has the parent to itself, with its MAC address.
 */
type Mode = 'bridge' | 'private' | 'vepa' | 'passthru'

function modeOf(network: NetworkRecord): Mode {
  return choice<Mode>(network, MODE, ['bridge', 'private', 'vepa', 'passthru'])
}

/** The macvlan kind. */
export const macvlanKind: ChildKind = {
  name: 'macvlan',
  dummyPrefix: 'dm',
  options: [MODE],
  check(network) {
    modeOf(network)
  },
  clash(network, other) {
    const passthru = [network, other].find((each) => modeOf(each) === 'passthru')
    return passthru && `in mode passthru, as ${passthru.name} has it, a parent carries one network alone`
  },
  info(network) {
    return { kind: 'macvlan', macvlan: { mode: modeOf(network) } }
  },
  macAddress(network, endpoint) {
    if (modeOf(network) !== 'passthru') return endpoint.macAddress ?? macAddressFor(endpoint)
    if (endpoint.macAddress === null) return undefined
    throw new EngineError(
      'mac-invalid',
      `endpoint ${endpoint.name} cannot have the MAC address ${endpoint.macAddress}: in mode passthru it has its parent’s`,
      { network: network.id, endpoint: endpoint.id },
    )
  },
  routed() {
    return false
  },
  inspect(network) {
    return { mode: modeOf(network) }
  },
}
