import { expect, test } from 'vitest'
import { dockerHost, manyContainers, overlayHost, routerLab } from '../../../test/fixtures/graphs/worlds.ts'
import type { Graph } from '../graph.ts'
import { neighbourhoodOf } from './neighbourhood.ts'
import { namespaceTitles } from './titles.ts'

function around(graph: Graph, title: string): Graph {
  const [inode] = [...namespaceTitles(graph.namespaces)].find(([, candidate]) => candidate === title)!
  return neighbourhoodOf(graph, inode)
}

const titlesOf = (graph: Graph) => [...namespaceTitles(graph.namespaces).values()]

test('around a container are its bridge and everything else on that bridge', () => {
  const graph = around(manyContainers(20), 'shop-build-4 (docker)')
  expect(titlesOf(graph)).toEqual([
    'host',
    'shop-build-4 (docker)',
    'shop-build-9 (docker)',
    'shop-build-14 (docker)',
    'shop-build-19 (docker)',
  ])
  expect(graph.networks.map((network) => network.name)).toEqual(['build'])
  const bridges = graph.interfaces.filter((node) => node.kind === 'bridge')
  expect(bridges.map((node) => node.name)).toEqual(['br-build'])
})

test('around a router are the routers at the other ends of its wires, and only those ends', () => {
  const graph = around(routerLab(), 'r1 (netns)')
  expect(titlesOf(graph)).toEqual(['r1 (netns)', 'r2 (netns)', 'r3 (netns)'])
  expect(graph.links).toHaveLength(2)
  expect(graph.interfaces.map((node) => node.name)).toEqual(['lo', 'eth1', 'eth1', 'eth2', 'eth2'])
})

test('around a container of an overlay are the overlay and its tunnel ends', () => {
  const graph = around(overlayHost(), 'api (docker)')
  expect(titlesOf(graph)).toContain('overlay backend (docker)')
  expect(titlesOf(graph)).not.toContain('overlay metrics (docker)')
  expect(graph.links.filter((link) => link.kind === 'vxlan')).toHaveLength(2)
})

test('a neighbourhood is a graph without loose ends', () => {
  const whole = dockerHost()
  const graph = around(whole, 'web (docker)')
  const ids = new Set(graph.interfaces.map((node) => node.id))
  const inodes = new Set(graph.namespaces.map((node) => node.inode))
  for (const node of graph.interfaces) {
    expect(inodes).toContain(node.namespace)
    if (node.master !== null) expect(ids).toContain(node.master)
  }
  for (const link of graph.links) {
    expect(ids).toContain(link.from)
    if (link.to !== null) expect(ids).toContain(link.to)
  }
})
