/**
 * Links given as a shape: `type: ring, nodes: ["r[1-20]"]`. Interfaces are named eth1, eth2, … in the order of the links at each
 * node, behind those that other links of the file have; with `addresses: 10.0.0.0/16` each link takes the next /31 (or /127).
 */
import type { LabFile, Value } from './lab-file.ts'
import { linkPrefixes } from './link-prefixes.ts'
import { namesOf } from './ranges.ts'
import { readImpairment } from './read-impairment.ts'
import type { LabLink, LinkEnd } from './topology.ts'

/** Words for shapes. */
export const SHAPES = ['ring', 'line', 'mesh', 'star', 'tree', 'fabric'] as const
type Shape = (typeof SHAPES)[number]

/** An interface whose name is given once all links are known. */
export const NEXT_INTERFACE = ''
const MOST_LINKS = 20_000

/** Reads a shape; the ends' interfaces are `NEXT_INTERFACE`. */
export function readShape(file: LabFile, value: Value, nodes: readonly string[]): readonly LabLink[] {
  const known = [
    'type',
    'nodes',
    'center',
    'spines',
    'leaves',
    'fanout',
    'addresses',
    'mtu',
    'labels',
    'impairment',
  ] as const
  const fields = file.fields(value, 'a shape of links', known)
  const shape = file.text(fields.type, 'type of a shape') as Shape
  const listed = (field: 'nodes' | 'center' | 'spines' | 'leaves') => readNames(file, fields[field], field, nodes)
  const pairs = pairsOf(file, value, shape, listed, file.integer(fields.fanout, 'fanout of a tree', 1, 64) ?? 2)
  if (pairs.length > MOST_LINKS) {
    file.mistake(value, `this shape has ${pairs.length} links; no more than ${MOST_LINKS} are made at once`)
    return []
  }
  const prefixes = linkPrefixes(file, fields.addresses, pairs.length)
  const impairment = readImpairment(file, fields.impairment, `impairment of a ${shape}`)
  const common = {
    mtu: file.integer(fields.mtu, `mtu of a ${shape}`, 68, 65_535),
    labels: file.textMap(fields.labels, `labels of a ${shape}`) ?? {},
    position: file.positionOf(value),
  }
  return pairs.map((pair, index) => {
    const end = (side: 0 | 1): LinkEnd => ({
      node: pair[side],
      interface: NEXT_INTERFACE,
      mac: undefined,
      addresses: prefixes[index] === undefined ? [] : [prefixes[index][side]],
      impairment,
    })
    return { kind: 'veth', ends: [end(0), end(1)], ...common }
  })
}

type Listed = (field: 'nodes' | 'center' | 'spines' | 'leaves') => readonly string[]
type Pairs = readonly (readonly [string, string])[]

function pairsOf(file: LabFile, value: Value, shape: Shape, listed: Listed, fanout: number): Pairs {
  const least = (names: readonly string[], count: number, field: string): boolean => {
    if (names.length >= count) return true
    file.mistake(value, `a ${shape} needs ${count} or more ${field}, like ["r[1-20]"]`)
    return false
  }
  if (shape === 'fabric') {
    const [spines, leaves] = [listed('spines'), listed('leaves')]
    if (!least(spines, 1, 'spines') || !least(leaves, 1, 'leaves')) return []
    return leaves.flatMap((leaf) => spines.map((spine) => [leaf, spine] as const))
  }
  if (shape === 'star') {
    const [[center], nodes] = [listed('center'), listed('nodes')]
    if (center === undefined) file.mistake(value, 'a star has a center, the node that all others are linked with')
    return center === undefined || !least(nodes, 1, 'nodes') ? [] : nodes.map((node) => [center, node] as const)
  }
  const nodes = listed('nodes')
  if (!least(nodes, shape === 'ring' ? 3 : 2, 'nodes')) return []
  if (shape === 'mesh') return nodes.flatMap((a, i) => nodes.slice(i + 1).map((b) => [a, b] as const))
  if (shape === 'tree') return nodes.slice(1).map((node, i) => [nodes[Math.floor(i / fanout)]!, node] as const)
  const line = nodes.slice(1).map((node, i) => [nodes[i]!, node] as const)
  return shape === 'ring' ? [...line, [nodes.at(-1)!, nodes[0]!]] : line
}

function readNames(file: LabFile, value: Value, field: string, nodes: readonly string[]): readonly string[] {
  const patterns = file.texts(value, `${field} of a shape`, { orOne: true }) ?? []
  const names = patterns.flatMap((pattern) => {
    const range = namesOf(pattern)
    if (typeof range !== 'string') return range.map(({ name }) => name)
    file.mistake(value, range)
    return []
  })
  const known = new Set(nodes)
  const unknown = names.find((name) => !known.has(name))
  if (unknown !== undefined) file.mistake(value, `there is no node ${unknown}`)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) file.mistake(value, `${twice} is named twice in ${field}`)
  return unknown === undefined && twice === undefined ? names : []
}
