/** What mends neighbour tables and forwarding entries (ip-neighbour(8), bridge(8)). */
import type { Fix } from '../finding.ts'
import type { Place } from '../scene/place.ts'
import { commandIn } from './command-line.ts'

/** The address that stands for all others in a vxlan's table. */
const ZEROS = '00:00:00:00:00:00'

/** Deletes a neighbour entry, so that the kernel asks anew. */
export function fixNeighbourStale(place: Place, home: string, name: string, address: string): Fix {
  return {
    safe: true,
    summary: `Forget the neighbour ${address} on ${name} in ${place.label}; the kernel then asks anew.`,
    commands: [commandIn(place, home, ['ip', 'neigh', 'del', address, 'dev', name])],
  }
}

/** Has what was learned of a neighbour forgotten, if anything was: permanent entries stay. */
export function fixNeighbourForgotten(place: Place, home: string, name: string, address: string): Fix {
  return {
    safe: true,
    summary: `Forget what ${place.label} has learned of ${address} on ${name}.`,
    commands: [commandIn(place, home, ['ip', 'neigh', 'flush', 'to', address, 'dev', name])],
  }
}

/** Writes a permanent neighbour entry, where nothing can be asked (a vxlan that answers by itself). */
export function fixNeighbourMissing(place: Place, home: string, name: string, address: string, mac: string): Fix {
  return {
    safe: true,
    summary: `Tell ${place.label} that ${address} on ${name} is ${mac}.`,
    commands: [
      commandIn(place, home, ['ip', 'neigh', 'replace', address, 'lladdr', mac, 'dev', name, 'nud', 'permanent']),
    ],
  }
}

/** Writes the forwarding entry of a vxlan: frames to `mac` go to `vtep`. Others to the same address are replaced. */
export function fixVtep(place: Place, home: string, name: string, mac: string, vtep: string): Fix {
  return {
    safe: true,
    summary: `Send frames for ${mac} on ${name} in ${place.label} to ${vtep}.`,
    commands: [
      commandIn(place, home, ['bridge', 'fdb', 'replace', mac, 'dev', name, 'dst', vtep, 'self', 'permanent']),
    ],
  }
}

/** Adds a far end to which a vxlan floods; far ends that are wrong are taken away. */
export function fixFloodEntry(
  place: Place,
  home: string,
  name: string,
  vtep: string,
  wrong: readonly string[] = [],
): Fix {
  const entry = (words: string, to: string) => ['bridge', 'fdb', words, ZEROS, 'dev', name, 'dst', to, 'self']
  return {
    safe: true,
    summary: `Let ${name} in ${place.label} flood to ${vtep}.`,
    commands: [
      ...wrong.map((other) => commandIn(place, home, entry('del', other))),
      commandIn(place, home, [...entry('append', vtep), 'permanent']),
    ],
  }
}

/** Deletes a forwarding entry of a bridge that points at the wrong port; the bridge learns anew. */
export function fixBridgeEntry(place: Place, home: string, port: string, mac: string, vlan?: number): Fix {
  const tag = vlan === undefined ? [] : ['vlan', String(vlan)]
  return {
    safe: true,
    summary: `Delete the forwarding entry of ${mac} at ${port} in ${place.label}; the bridge then learns anew.`,
    commands: [commandIn(place, home, ['bridge', 'fdb', 'del', mac, 'dev', port, 'master', ...tag])],
  }
}
