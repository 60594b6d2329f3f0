import { expect, test } from 'vitest'
import { GraphBuilder } from '../../../test/fixtures/graphs/graph-builder.ts'
import { brokenHost } from '../../../test/fixtures/graphs/worlds.ts'
import type { Graph } from '../graph.ts'
import { indexGraph } from './graph-index.ts'
import { interfaceMarks, namespaceMarks } from './marks.ts'

/** The words at an interface, broken ones with an exclamation mark. */
function marksAt(graph: Graph, name: string): string[] {
  const node = graph.interfaces.findLast((candidate) => candidate.name === name)!
  return interfaceMarks(indexGraph(graph), node).map((mark) => mark.words + (mark.severity === 'broken' ? '!' : ''))
}

test('a peer that is down is marked there, and the missing carrier at the other end is not', () => {
  const graph = brokenHost()
  const ends = graph.interfaces.filter((node) => node.name === 'veth-down' || !node.up)
  expect(ends.length).toBeGreaterThan(1)
  expect(marksAt(graph, 'veth-down')).toEqual([])
})

test('both ends of a wire with different MTUs say so', () => {
  expect(marksAt(brokenHost(), 'veth-mtu')).toEqual(['mtu 1500, peer 9000!'])
})

test('a wire without a far end is broken, one whose far end may not be looked at is not', () => {
  expect(marksAt(brokenHost(), 'veth-half')).toEqual(['peer missing!'])
  expect(marksAt(brokenHost(), 'veth-hidden')).toEqual(['peer not visible'])
})

test('an unused interface that is down is nothing to worry about, one with an address is', () => {
  const world = new GraphBuilder()
  const host = world.namespace({ role: 'host' })
  world.interface(host, 'spare', { up: false })
  world.interface(host, 'used', { up: false, addresses: ['192.0.2.1/24'] })
  world.interface(host, 'unplugged', { carrier: false, addresses: ['192.0.2.2/24'] })
  world.interface(host, 'empty-bridge', { kind: 'bridge', carrier: false, addresses: ['192.0.2.3/24'] })
  const graph = world.graph()
  expect(marksAt(graph, 'spare')).toEqual(['down'])
  expect(marksAt(graph, 'used')).toEqual(['down!'])
  expect(marksAt(graph, 'unplugged')).toEqual(['no carrier!'])
  expect(marksAt(graph, 'empty-bridge')).toEqual([])
})

test('bridge ports tell when they pass nothing, or not to each other', () => {
  const world = new GraphBuilder()
  const host = world.namespace({ role: 'host' })
  const bridge = world.interface(host, 'br0', { kind: 'bridge' })
  for (const [name, details] of [
    ['blocked', { state: 4 }],
    ['apart', { state: 3, isolated: 1 }],
  ] as const) {
    const port = world.interface(host, name)
    world.link('bridge-port', port, bridge, details)
  }
  const graph = world.graph()
  const interfaces = graph.interfaces.map((node) => (node.id === bridge ? node : { ...node, master: bridge }))
  expect(marksAt({ ...graph, interfaces }, 'blocked')).toEqual(['port blocked!'])
  expect(marksAt({ ...graph, interfaces }, 'apart')).toEqual(['isolated'])
})

test('a master that is not there is told', () => {
  expect(marksAt(brokenHost(), 'orphan0')).toEqual(['master missing!'])
})

test('a namespace that neither a process nor a name holds says what does', () => {
  const world = new GraphBuilder()
  const holder = { pid: 7, command: 'keeper' }
  world.namespace({ pids: [], holders: [{ kind: 'thread', tid: 9, ...holder }] })
  world.namespace({
    pids: [],
    holders: [
      { kind: 'descriptor', fd: 3, ...holder },
      { kind: 'socket', ...holder },
    ],
  })
  world.namespace({ pids: [], holders: [{ kind: 'neighbour', interface: '1/2' }] })
  world.namespace({ pids: [] })
  world.namespace({ pids: [], names: ['blue'], holders: [{ kind: 'socket', ...holder }] })
  const words = world.graph().namespaces.map((node) => namespaceMarks(node).map((mark) => mark.words))
  expect(words).toEqual([
    ['held only by thread 9 of keeper (7)'],
    ['held only by descriptor 3 of keeper (7) and 1 more'],
    ['held only by the link of a neighbour'],
    ['nothing seen that holds it'],
    [],
  ])
})
