/** Joins vxlan interfaces with the tunnel ends (VTEPs) that their forwarding entries lead to. */
import type { Link } from '../graph.ts'
import { type Atlas, append, type Placed } from './atlas.ts'
import { interfaceId } from './interface-id.ts'
import { linkedAreas } from './linked-areas.ts'
import type { TunnelEntry } from './observed.ts'
import { isInside } from './subnet.ts'

/** MAC of the entry that unknown and broadcast frames take (`bridge fdb append 00:00:00:00:00:00 dst …`). */
const FLOOD = '00:00:00:00:00:00'
/** MAC addresses listed for a VTEP; an overlay of a big cluster has tens of thousands. */
const MACS_LISTED = 32
/** Port that the IANA gave to vxlan, the default of most tools; Linux's own default is 8472. */
const IANA_PORT = 4789

/** One link for each vxlan interface and each far tunnel end; one without `remote` for an interface that has none. */
export function joinVxlans(atlas: Atlas): Link[] {
  const vxlans = (atlas.byKind.get('vxlan') ?? []).map((placed) => describe(placed))
  let areas: Areas | undefined
  const areasOf = (): Areas => {
    areas ??= linkedAreas(atlas)
    return areas
  }
  return vxlans.flatMap((vxlan) => linksOf(atlas, vxlan, vxlans, areasOf))
}

type Areas = ReturnType<typeof linkedAreas>

interface Vxlan {
  readonly placed: Placed
  readonly vni: number | null
  readonly port: number
  readonly local: string | undefined
  readonly group: string | undefined
  /** Namespace that its outer packets travel in. */
  readonly underlay: string
}

function describe(placed: Placed): Vxlan {
  const { attributes } = placed.link
  return {
    placed,
    vni: number(attributes['id']) ?? null,
    port: number(attributes['port']) ?? IANA_PORT,
    local: text(attributes['local']) ?? text(attributes['local6']),
    group: text(attributes['group']) ?? text(attributes['group6']),
    underlay: placed.link.underlay ?? placed.namespace,
  }
}

function linksOf(atlas: Atlas, vxlan: Vxlan, all: readonly Vxlan[], areasOf: () => Areas): Link[] {
  const from = vxlan.placed.id
  const ends = tunnelEnds(atlas, vxlan)
  const shared = { underlay: vxlan.underlay, port: vxlan.port, local: vxlan.local ?? null }
  if (ends.size === 0) {
    const details = {
      vni: vxlan.vni,
      remote: null,
      ...shared,
      underlayInterface: underlayInterface(atlas, vxlan, undefined),
    }
    return [{ kind: 'vxlan', from, to: null, details }]
  }
  return [...ends].map(([remote, entries]) => {
    const vni = entries[0]?.vni ?? vxlan.vni
    const macs = [...new Set(entries.map((entry) => entry.mac).filter((mac) => mac !== FLOOD))]
    const details = {
      vni,
      remote,
      ...shared,
      underlayInterface: underlayInterface(atlas, vxlan, remote),
      entries: macs.length,
      macs: macs.slice(0, MACS_LISTED),
      flood: entries.some((entry) => entry.mac === FLOOD),
    }
    return { kind: 'vxlan', from, to: farVxlan(atlas, vxlan, remote, vni, all, areasOf), details }
  })
}

/** Forwarding entries by far tunnel end. The interface's default remote counts as a flood entry. */
function tunnelEnds(atlas: Atlas, vxlan: Vxlan): Map<string, TunnelEntry[]> {
  const ends = new Map<string, TunnelEntry[]>()
  for (const entry of atlas.namespaces.get(vxlan.placed.namespace)?.tunnelEntries ?? []) {
    if (entry.index === vxlan.placed.link.index) append(ends, entry.remote, entry)
  }
  if (vxlan.group !== undefined && !ends.has(vxlan.group)) {
    const { index } = vxlan.placed.link
    append(ends, vxlan.group, { index, mac: FLOOD, remote: vxlan.group, vni: undefined, port: undefined })
  }
  return ends
}

/**
 * The vxlan interface behind a tunnel end, when that end is on this machine and there is no doubt which it is. Where two
 * clusters use the same addresses and the same id, it is the one that outer packets can reach.
 */
function farVxlan(
  atlas: Atlas,
  { underlay, port }: Vxlan,
  remote: string,
  vni: number | null,
  all: readonly Vxlan[],
  areasOf: () => Areas,
): string | null {
  const places = new Set((atlas.byAddress.get(remote) ?? []).map((placed) => placed.namespace))
  if (places.size === 0) return null
  const candidates = all.filter((other) => other.vni === vni && other.port === port && places.has(other.underlay))
  if (candidates.length < 2) return candidates[0]?.placed.id ?? null
  const areas = areasOf()
  const near = candidates.filter((other) => areas.has(underlay) && areas.get(other.underlay) === areas.get(underlay))
  return near.length === 1 ? near[0]!.placed.id : null
}

/** The interface that outer packets leave through, as far as addresses tell it without asking for routes. */
function underlayInterface(atlas: Atlas, vxlan: Vxlan, remote: string | undefined): string | null {
  const lower = vxlan.placed.link.farEnd?.index ?? 0
  if (lower !== 0) {
    const id = interfaceId(vxlan.underlay, lower)
    if (atlas.interfaces.has(id)) return id
  }
  const { local } = vxlan
  const owners = (local === undefined ? [] : atlas.byAddress.get(local)) ?? []
  const owner = owners.find((placed) => placed.namespace === vxlan.underlay)
  if (owner !== undefined) return owner.id
  if (remote === undefined) return null
  const neighbour = atlas.namespaces
    .get(vxlan.underlay)
    ?.links.find((link) => link.addresses.some((address) => isInside(remote, address)))
  return neighbour === undefined ? null : interfaceId(vxlan.underlay, neighbour.index)
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
