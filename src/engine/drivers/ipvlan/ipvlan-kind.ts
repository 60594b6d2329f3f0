/** What is particular to ipvlan: all endpoints share their parent's MAC address, and are told apart by their IP addresses. */
import { EngineError } from '../../errors.ts'
import type { NetworkRecord } from '../../model.ts'
import { type ChildKind, choice } from '../parent-link/index.ts'

const MODE = 'ipvlan_mode'
const FLAG = 'ipvlan_flag'

/** `l2` passes frames; `l3` routes packets in the host's namespace; `l3s` also lets the host's connection tracking see them. */
type Mode = 'l2' | 'l3' | 'l3s'

/** Whether endpoints of one parent reach each other: directly, not at all, or through the switch outside. */
type Flag = 'bridge' | 'private' | 'vepa'

/** IPVLAN_F_PRIVATE, IPVLAN_F_VEPA (linux/if_link.h). */
const FLAGS: Readonly<Record<Flag, number>> = { bridge: 0, private: 1, vepa: 2 }

function modeOf(network: NetworkRecord): Mode {
  return choice<Mode>(network, MODE, ['l2', 'l3', 'l3s'])
}

function flagOf(network: NetworkRecord): Flag {
  return choice<Flag>(network, FLAG, ['bridge', 'private', 'vepa'])
}

/** The ipvlan kind. */
export const ipvlanKind: ChildKind = {
  name: 'ipvlan',
  dummyPrefix: 'di',
  options: [MODE, FLAG],
  check(network) {
    modeOf(network)
    flagOf(network)
  },
  // The kernel keeps mode and flag with the parent: a new interface changes them for all (ipvlan_link_new, ipvlan_main.c).
  clash(network, other) {
    const same = modeOf(network) === modeOf(other) && flagOf(network) === flagOf(other)
    return same ? undefined : 'networks on one parent must have the same ipvlan mode and flag'
  },
  info(network) {
    return { kind: 'ipvlan', ipvlan: { mode: modeOf(network), flags: FLAGS[flagOf(network)] } }
  },
  macAddress(network, endpoint) {
    if (endpoint.macAddress === null) return undefined
    throw new EngineError(
      'mac-invalid',
      `endpoint ${endpoint.name} cannot have the MAC address ${endpoint.macAddress}: ipvlan interfaces have their parent’s`,
      { network: network.id, endpoint: endpoint.id },
    )
  },
  routed(network) {
    return modeOf(network) !== 'l2'
  },
  inspect(network) {
    return { mode: modeOf(network), flag: flagOf(network) }
  },
}
