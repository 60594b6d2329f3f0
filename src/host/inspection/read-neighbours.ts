/** Neighbours, forwarding entries and vlans of bridge ports. */
import {
  AddressFamily,
  listBridgeVlans,
  listForwarding,
  listNeighbours,
  type Neighbour,
  NeighbourFlag,
  NeighbourState,
} from '../../kernel/index.ts'
import type { InspectedForwarding, InspectedNeighbour, InspectedVlans } from './inspection.ts'
import { flagNames, neighbourState } from './kernel-words.ts'
import type { PartContext } from './part-context.ts'

const NEIGHBOUR_FLAGS = {
  router: NeighbourFlag.router,
  proxy: NeighbourFlag.proxy,
  extern_learn: NeighbourFlag.externallyLearned,
}
const FORWARDING_FLAGS = {
  self: NeighbourFlag.self,
  master: NeighbourFlag.master,
  extern_learn: NeighbourFlag.externallyLearned,
  offload: NeighbourFlag.offloaded,
  sticky: NeighbourFlag.sticky,
}

/**
 * Neighbours of both families. Entries without need of a hardware address (NUD_NOARP: multicast, broadcast, the loopback)
 * are the kernel's own and left out, as ip-neighbour(8) does.
 */
export function readNeighbours({ route, interfaceName }: PartContext): InspectedNeighbour[] {
  return listNeighbours(route)
    .filter((entry) => (entry.state & NeighbourState.noArp) === 0 && isIp(entry) && entry.destination !== undefined)
    .map((entry) => ({
      family: entry.family === AddressFamily.inet6 ? 'ipv6' : 'ipv4',
      address: entry.destination!,
      mac: entry.lladdr ?? null,
      interface: interfaceName(entry.index),
      state: neighbourState(entry.state),
      flags: flagNames(entry.flags, NEIGHBOUR_FLAGS),
    }))
}

/** Forwarding entries of every bridge and vxlan. */
export function readForwarding({ route, interfaceName }: PartContext): InspectedForwarding[] {
  return listForwarding(route)
    .filter((entry) => entry.lladdr !== undefined)
    .map((entry) => ({
      mac: entry.lladdr!,
      interface: interfaceName(entry.index),
      bridge: entry.master === undefined ? null : interfaceName(entry.master),
      vlan: entry.vlan ?? null,
      remote: entry.destination ?? null,
      vni: entry.vni ?? null,
      port: entry.port ?? null,
      state: forwardingState(entry.state),
      flags: flagNames(entry.flags, FORWARDING_FLAGS),
    }))
}

/** Vlans of every bridge port. */
export function readVlans({ route, interfaceName }: PartContext): InspectedVlans[] {
  return listBridgeVlans(route).map((port) => ({ interface: interfaceName(port.index), vlans: port.ranges }))
}

/** In a forwarding entry, NUD_PERMANENT is an address of the bridge's own or set for good, NUD_NOARP one that never ages. */
function forwardingState(bits: number): string {
  if ((bits & NeighbourState.permanent) !== 0) return 'permanent'
  return (bits & NeighbourState.noArp) !== 0 ? 'static' : 'learned'
}

function isIp({ family }: Neighbour): boolean {
  return family === AddressFamily.inet || family === AddressFamily.inet6
}
