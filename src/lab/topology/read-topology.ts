/** Reads a lab file: the only way from its text to a `Topology`. All mistakes are told at once. */
import { dirname, join, resolve } from 'node:path'
import { TopologyError } from '../lab-error.ts'
import { isNodeName } from './addresses.ts'
import { checkTopology } from './check-topology.ts'
import { type Ancestors, inherited } from './inherit.ts'
import { nameInterfaces } from './interface-names.ts'
import { LabFile, type Value } from './lab-file.ts'
import { replaceMagicWords } from './magic-words.ts'
import { type NodeDefinition, readNodeDefinition } from './node-definition.ts'
import { nodeOf } from './node-of.ts'
import { namesOf } from './ranges.ts'
import { readExpectations } from './read-expectations.ts'
import { readFaults } from './read-faults.ts'
import { readLink } from './read-links.ts'
import type { LabNode, ManagementNetwork, Topology } from './topology.ts'
import type { Variables } from './variables.ts'

/** What a file is read with. */
export interface ReadTopologyOptions {
  /** Path of the file, for messages and for paths relative to it; left out for standard input. */
  readonly path?: string
  readonly variables?: Variables
  /** Another name than the file's (`--name`). */
  readonly name?: string
}

const DEFAULT_PREFIX = 'clab'
const REFUSED_TOP = {
  settings: 'certificates are not issued',
  debug: 'it belongs to another program',
}

/** Reads a lab. @throws TopologyError naming every mistake with its line and column */
export function readTopology(text: string, options: ReadTopologyOptions = {}): Topology {
  const path = options.path === undefined ? undefined : resolve(options.path)
  const file = new LabFile(text, options.variables ?? {})
  const topology = read(file, path, options.name)
  if (file.mistakes.length > 0 || topology === undefined) {
    const inOrder = [...file.mistakes].sort(
      (a, b) => a.position.line - b.position.line || a.position.column - b.position.column,
    )
    throw new TopologyError(options.path ?? 'standard input', inOrder)
  }
  return topology
}

function read(file: LabFile, path: string | undefined, givenName: string | undefined): Topology | undefined {
  const root = file.open()
  if (root === undefined) return undefined
  if (root === null) return file.mistake(root, 'the file is empty; a lab has a name and a topology')
  const top = file.fields(
    root,
    'a lab',
    ['name', 'prefix', 'mgmt', 'topology', 'tests', 'faults'] as const,
    REFUSED_TOP,
  )
  const name = givenName ?? file.text(top.name, 'name of the lab')
  if (name === undefined) return file.mistake(root, 'the lab has no name')
  if (!isNodeName(name))
    return file.mistake(top.name, `${name} cannot be the name of a lab: letters, digits, and _ . - inside`)
  if (top.topology === undefined) return file.mistake(root, 'the lab has no topology')
  const prefix = file.text(top.prefix, 'prefix of the lab') ?? DEFAULT_PREFIX
  const fields = file.fields(top.topology, 'the topology', ['defaults', 'kinds', 'groups', 'nodes', 'links'] as const)
  const ancestors = readAncestors(file, fields)
  const folder = path === undefined ? process.cwd() : dirname(path)
  const nodes = readNodes(file, fields.nodes, ancestors, { name, prefix, folder })
  const names = nodes.map((node) => node.name)
  const links = nameInterfaces(file.items(fields.links, 'links').flatMap((item) => readLink(file, item, names)))
  const hosts = nodes.filter(({ kind }) => kind !== 'bridge').map((node) => node.name)
  const ends = new Set(
    links.flatMap((link) => ('ends' in link ? link.ends : [link.end])).map((end) => `${end.node}:${end.interface}`),
  )
  const topology: Topology = {
    name,
    file: path,
    prefix,
    management: readManagement(file, top.mgmt),
    nodes,
    links,
    tests: readExpectations(file, top.tests, hosts),
    faults: readFaults(file, top.faults, ends),
  }
  checkTopology(topology, (position, sentence) => file.mistakes.push({ position, sentence, text: '' }))
  return topology
}

function readAncestors(file: LabFile, fields: { readonly [K in 'defaults' | 'kinds' | 'groups']?: Value }): Ancestors {
  const definitions = (value: Value, what: string): Map<string, NodeDefinition> =>
    new Map(
      file
        .entries(value, what)
        .map(({ key, value: definition }) => [key, readNodeDefinition(file, definition, `${key} of ${what}`)]),
    )
  return {
    defaults: fields.defaults === undefined ? undefined : readNodeDefinition(file, fields.defaults, 'the defaults'),
    kinds: definitions(fields.kinds, 'kinds'),
    groups: definitions(fields.groups, 'groups'),
  }
}

interface LabNames {
  readonly name: string
  readonly prefix: string
  readonly folder: string
}

function readNodes(file: LabFile, value: Value, ancestors: Ancestors, lab: LabNames): readonly LabNode[] {
  const entries = file.entries(value, 'nodes')
  if (entries.length === 0) file.mistake(value, 'the topology has no nodes')
  const taken = new Set<string>()
  return entries.flatMap(({ key, at, value: body }) => {
    const range = namesOf(key)
    if (typeof range === 'string') {
      file.mistake(at, range)
      return []
    }
    const own = readNodeDefinition(file, body, `the node ${key}`)
    const { definition, kindWord, groupWord } = inherited(own, ancestors)
    if (
      groupWord !== undefined &&
      !ancestors.groups.has(groupWord) &&
      own.group !== undefined &&
      ancestors.groups.size > 0
    ) {
      file.mistake(
        own.places['group'],
        `there is no group ${groupWord}; there are ${[...ancestors.groups.keys()].join(', ')}`,
      )
    }
    return range.flatMap(({ name, number }) => {
      if (!isNodeName(name)) {
        file.mistake(at, `${name} cannot be the name of a node: letters, digits, and _ . - inside`)
        return []
      }
      if (taken.has(name)) file.mistake(at, `there are two nodes ${name}`)
      taken.add(name)
      const words = { lab: lab.name, node: name, number, labFolder: join(lab.folder, `clab-${lab.name}`) }
      const { places, ...rest } = definition
      const node = nodeOf(
        { ...replaceMagicWords(rest, words), places },
        { file, at, name, longName: longNameOf(lab, name), kindWord, group: groupWord, folder: lab.folder },
      )
      return node === undefined ? [] : [node]
    })
  })
}

/** An empty prefix leaves the node's name alone, and `__lab-name` only the lab's, as the field has it. */
function longNameOf({ name, prefix }: LabNames, node: string): string {
  if (prefix === '') return node
  return prefix === '__lab-name' ? `${name}-${node}` : `${prefix}-${name}-${node}`
}

function readManagement(file: LabFile, value: Value): ManagementNetwork {
  const known = ['network', 'bridge', 'ipv4-subnet', 'ipv6-subnet', 'ipv4-gw', 'ipv6-gw', 'mtu'] as const
  const fields = file.fields(value, 'mgmt', known, {
    'ipv4-range': 'Docker chooses addresses of the subnet',
    'ipv6-range': 'Docker chooses addresses of the subnet',
    'external-access': 'publish ports instead',
    'driver-opts': 'make the network yourself and name it in network',
    'skip-when-unused': 'the network is made only when a container needs it',
  })
  return {
    name: file.text(fields.network, 'network of mgmt') ?? 'clab',
    bridge: file.text(fields.bridge, 'bridge of mgmt'),
    ipv4Subnet: file.text(fields['ipv4-subnet'], 'ipv4-subnet of mgmt'),
    ipv6Subnet: file.text(fields['ipv6-subnet'], 'ipv6-subnet of mgmt'),
    ipv4Gateway: file.text(fields['ipv4-gw'], 'ipv4-gw of mgmt'),
    ipv6Gateway: file.text(fields['ipv6-gw'], 'ipv6-gw of mgmt'),
    mtu: file.integer(fields.mtu, 'mtu of mgmt', 68, 65_535),
  }
}
