/** Reads a graph that was saved: nothing in a file is believed before it is checked. */
import type { Graph } from '../graph.ts'
import {
  anyObject,
  flag,
  GraphFormatError,
  integer,
  listOf,
  mapOf,
  oneOf,
  optional,
  orNull,
  record,
  text,
} from './shape.ts'

const owner = record({
  runtime: text,
  id: text,
  name: text,
  network: optional(text),
  labels: mapOf(text),
})

const holder = record({
  kind: oneOf('thread', 'mount', 'descriptor', 'socket', 'tap', 'neighbour'),
  pid: optional(integer),
  tid: optional(integer),
  fd: optional(integer),
  command: optional(text),
  path: optional(text),
  interface: optional(text),
})

const namespace = record({
  inode: text,
  id: orNull(text),
  role: oneOf('host', 'container', 'overlay', 'ingress', 'loadbalancer', 'sandbox', 'lab-node', 'named', 'anonymous'),
  names: listOf(text),
  mounts: listOf(text),
  pids: listOf(integer),
  nsid: orNull(integer),
  owners: listOf(owner),
  holders: listOf(holder),
})

const networkInterface = record({
  id: text,
  namespace: text,
  index: integer,
  name: text,
  kind: text,
  mac: orNull(text),
  mtu: integer,
  up: flag,
  carrier: flag,
  addresses: listOf(text),
  master: orNull(text),
  details: anyObject,
})

const link = record({
  kind: oneOf('veth', 'bridge-port', 'vxlan', 'vlan', 'macvlan', 'ipvlan', 'tunnel'),
  from: text,
  to: orNull(text),
  details: anyObject,
})

const member = record({ name: text, interface: orNull(text), addresses: listOf(text), mac: orNull(text) })

const network = record({
  runtime: text,
  id: text,
  name: text,
  driver: text,
  subnets: listOf(text),
  namespace: orNull(text),
  bridge: orNull(text),
  members: listOf(member),
})

const document = record({
  schema: oneOf('netwright/graph/v1'),
  host: text,
  takenAt: text,
  namespaces: listOf(namespace),
  interfaces: listOf(networkInterface),
  links: listOf(link),
  networks: listOf(network),
  warnings: listOf(text),
})

/**
 * Checks that a value (parsed JSON) is a graph, and gives it back as one.
 * @throws GraphFormatError which names the first field that is wrong
 */
export function readGraph(value: unknown): Graph {
  document(value, '')
  const graph = value as Graph
  refuseTwins(graph.namespaces, (node) => node.inode, 'namespaces', 'inode')
  refuseTwins(graph.interfaces, (node) => node.id, 'interfaces', 'id')
  return graph
}

function refuseTwins<T>(values: readonly T[], keyOf: (value: T) => string, list: string, field: string): void {
  const seen = new Set<string>()
  values.forEach((value, index) => {
    const key = keyOf(value)
    if (seen.has(key)) throw new GraphFormatError(`${list}[${index}].${field} is that of another one before it`)
    seen.add(key)
  })
}
