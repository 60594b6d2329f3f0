/** What mends a link: bring it up, give it its address, its MTU, its bridge (ip-link(8), ip-address(8), bridge(8)). */
import type { Fix } from '../finding.ts'
import type { Place } from '../scene/place.ts'
import { commandIn } from './command-line.ts'

/** Brings an interface up. */
export function fixLinkDown(place: Place, home: string, name: string): Fix {
  return {
    safe: true,
    summary: `Bring ${name} in ${place.label} up.`,
    commands: [commandIn(place, home, ['ip', 'link', 'set', 'dev', name, 'up'])],
  }
}

/** Makes an interface a port of a bridge of its namespace; `flags` are port flags that its siblings have. */
export function fixPortMissing(place: Place, home: string, name: string, bridge: string): Fix {
  return {
    safe: true,
    summary: `Make ${name} a port of the bridge ${bridge} in ${place.label}.`,
    commands: [commandIn(place, home, ['ip', 'link', 'set', 'dev', name, 'master', bridge])],
  }
}

/** Lets an isolated port talk to other isolated ports. Somebody isolated it on purpose, perhaps. */
export function fixPortIsolated(place: Place, home: string, name: string): Fix {
  return {
    safe: false,
    summary: `End the isolation of the bridge port ${name} in ${place.label}.`,
    commands: [commandIn(place, home, ['bridge', 'link', 'set', 'dev', name, 'isolated', 'off'])],
  }
}

/** Sets a port's state to forwarding, where no spanning tree decides. */
export function fixPortState(place: Place, home: string, name: string): Fix {
  return {
    safe: true,
    summary: `Let the bridge port ${name} in ${place.label} forward.`,
    commands: [commandIn(place, home, ['bridge', 'link', 'set', 'dev', name, 'state', '3'])],
  }
}

/** Sets a yes-or-no setting of a bridge port: `flood`, `learning`, `mcast_flood`, `bcast_flood`, `hairpin`, `locked`. */
export function fixPortSetting(place: Place, home: string, name: string, setting: string, on: boolean): Fix {
  return {
    safe: true,
    summary: `Turn ${setting} ${on ? 'on' : 'off'} on the bridge port ${name} in ${place.label}.`,
    commands: [commandIn(place, home, ['bridge', 'link', 'set', 'dev', name, setting, on ? 'on' : 'off'])],
  }
}

/** A vlan of a bridge port. */
export interface VlanMembershipFix {
  readonly vlan: number
  readonly untagged: boolean
  /** The port is the bridge itself. */
  readonly self?: boolean
}

/** Makes a port, or the bridge itself, a member of a vlan. */
export function fixVlanMembership(place: Place, home: string, name: string, vlan: VlanMembershipFix): Fix {
  const words = ['bridge', 'vlan', 'add', 'dev', name, 'vid', String(vlan.vlan)]
  if (vlan.untagged) words.push('pvid', 'untagged')
  if (vlan.self === true) words.push('self')
  return {
    safe: true,
    summary: `Make ${name} in ${place.label} a member of vlan ${vlan.vlan}.`,
    commands: [commandIn(place, home, words)],
  }
}

/** Sets an interface's MTU. */
export function fixMtu(place: Place, home: string, name: string, mtu: number): Fix {
  return {
    safe: true,
    summary: `Set the MTU of ${name} in ${place.label} to ${mtu}.`,
    commands: [commandIn(place, home, ['ip', 'link', 'set', 'dev', name, 'mtu', String(mtu)])],
  }
}

/** Gives an interface an address: `10.0.0.1/24`. */
export function fixAddressMissing(place: Place, home: string, name: string, prefix: string): Fix {
  const quick = prefix.includes(':') ? ['nodad'] : []
  return {
    safe: true,
    summary: `Give ${name} in ${place.label} the address ${prefix}.`,
    commands: [commandIn(place, home, ['ip', 'address', 'add', prefix, 'dev', name, ...quick])],
  }
}

/** Takes an address from an interface. */
export function fixAddressExtra(place: Place, home: string, name: string, prefix: string): Fix {
  return {
    safe: false,
    summary: `Take the address ${prefix} from ${name} in ${place.label}.`,
    commands: [commandIn(place, home, ['ip', 'address', 'del', prefix, 'dev', name])],
  }
}

/** Gives an interface another link-layer address. */
export function fixMac(place: Place, home: string, name: string, mac: string): Fix {
  return {
    safe: false,
    summary: `Give ${name} in ${place.label} a link-layer address of its own.`,
    commands: [commandIn(place, home, ['ip', 'link', 'set', 'dev', name, 'address', mac])],
  }
}
