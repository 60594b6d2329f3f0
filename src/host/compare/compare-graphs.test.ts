import { describe, expect, test } from 'vitest'
import { GraphBuilder, owner } from '../../../test/fixtures/graphs/graph-builder.ts'
import {
  brokenHost,
  dockerHost,
  hostileHost,
  manyContainers,
  overlayHost,
  ringLab,
} from '../../../test/fixtures/graphs/worlds.ts'
import type { Graph, InterfaceNode, NamespaceNode } from '../graph.ts'
import { compareGraphs } from './compare-graphs.ts'

/** Changes as `title: sentence`. */
function told(before: Graph, after: Graph): string[] {
  return compareGraphs(before, after).map(({ title, summary }) => `${title}: ${summary}`)
}

/** A graph with some interfaces changed. */
function withInterface(graph: Graph, name: string, change: Partial<InterfaceNode>): Graph {
  const interfaces = graph.interfaces.map((node) => (node.name === name ? { ...node, ...change } : node))
  return { ...graph, interfaces }
}

function withNamespace(graph: Graph, at: number, change: Partial<NamespaceNode>): Graph {
  return {
    ...graph,
    namespaces: graph.namespaces.map((node, number) => (number === at ? { ...node, ...change } : node)),
  }
}

describe('the same state', () => {
  const worlds = { dockerHost, overlayHost, brokenHost, hostileHost, ring: () => ringLab(9) }

  test.each(Object.entries(worlds))(
    'of %s shows no change, whenever it was taken and in whichever order',
    (_, world) => {
      const before = world()
      const after = JSON.parse(JSON.stringify({ ...before, takenAt: 'later' })) as Graph
      expect(compareGraphs(before, after)).toEqual([])
      const reversed = {
        ...after,
        namespaces: after.namespaces.toReversed(),
        interfaces: after.interfaces.toReversed(),
        links: after.links.toReversed(),
        networks: after.networks.toReversed(),
      }
      expect(compareGraphs(before, reversed)).toEqual([])
    },
  )
})

describe('interfaces', () => {
  const graph = dockerHost()

  test('going down is told once, not again as a lost carrier', () => {
    expect(told(graph, withInterface(graph, 'docker0', { up: false, carrier: false }))).toEqual([
      'host: docker0 went down',
    ])
    expect(told(withInterface(graph, 'docker0', { up: false }), graph)).toEqual(['host: docker0 came up'])
  })

  test('carrier, MTU and MAC', () => {
    const after = withInterface(graph, 'docker0', { carrier: false, mtu: 1400, mac: '02:00:00:00:00:ff' })
    expect(told(graph, after)).toEqual([
      'host: docker0 lost its carrier',
      'host: docker0 has MTU 1400, was 1500',
      'host: docker0 has MAC 02:00:00:00:00:ff, was 02:00:00:00:00:02',
    ])
  })

  test('addresses that came and went', () => {
    const after = withInterface(graph, 'docker0', { addresses: ['172.30.0.1/16'] })
    expect(told(graph, after)).toEqual([
      'host: docker0 lost address 172.17.0.1/16',
      'host: docker0 got address 172.30.0.1/16',
    ])
  })

  test('another name is a new name, not another interface', () => {
    expect(told(graph, withInterface(graph, 'br-idle', { name: 'br-busy' }))).toEqual([
      'host: br-busy was called br-idle',
    ])
  })

  test('a port that changed its bridge', () => {
    const idle = graph.interfaces.find((node) => node.name === 'br-idle')!.id
    expect(told(graph, withInterface(graph, 'veth1a2b3c4', { master: idle }))).toEqual([
      'host: veth1a2b3c4 is a port of br-idle, was of docker0',
    ])
    expect(told(graph, withInterface(graph, 'veth1a2b3c4', { master: null }))).toEqual([
      'host: veth1a2b3c4 is no longer a port of docker0',
    ])
  })

  test('one that was moved to another namespace is the same one', () => {
    const before = new GraphBuilder()
    const after = new GraphBuilder()
    for (const [world, place] of [
      [before, 0],
      [after, 1],
    ] as const) {
      const inodes = [world.namespace({ role: 'host' }), world.namespace({ names: ['blue'] })]
      world.interface(inodes[place]!, 'eth7', { mac: '02:00:00:00:77:77' })
    }
    expect(told(before.graph(), after.graph())).toEqual(['blue (netns): eth7 was moved here from host'])
  })

  test('settings of a kind', () => {
    const [before, after] = [1, 2].map((id) => {
      const world = new GraphBuilder()
      world.interface(world.namespace({ role: 'host' }), 'vx', { kind: 'vxlan', details: { vxlan: { id, deep: {} } } })
      return world.graph()
    })
    expect(told(before!, after!)).toEqual(['host: vx has vxlan id 2, was 1'])
  })
})

describe('namespaces', () => {
  test('a restarted container has a new namespace, and is the same container', () => {
    const before = dockerHost()
    const after = JSON.parse(JSON.stringify(before).replaceAll('4026532001', '4026539999')) as Graph
    expect(told(before, after)).toEqual(['web (docker): restarted: new namespace (was 4026532001, now 4026539999)'])
    expect(compareGraphs(before, after)[0]).toMatchObject({
      kind: 'namespace-replaced',
      namespace: '4026539999',
      before: '4026532001',
      after: '4026539999',
    })
  })

  test('an inode that the kernel gave anew is another namespace', () => {
    const before = withNamespace(dockerHost(), 1, { id: '100' })
    const after = withNamespace(before, 1, { id: '200', owners: [owner('docker', 'other', 'other')] })
    const words = told(before, after)
    expect(words).toContain('web (docker): vanished, with eth0')
    expect(words).toContain('other (docker): appeared, with eth0')
  })

  test('the kernel’s id tells a namespace under any name', () => {
    const before = withNamespace(dockerHost(), 1, { id: '100' })
    const [was] = before.namespaces[1]!.owners
    const after = withNamespace(before, 1, { owners: [{ ...was!, name: 'shop' }], names: ['shop'] })
    expect(told(before, after)).toEqual([
      'shop (docker): got the name shop in /run/netns',
      'shop (docker): renamed from web to shop',
    ])
  })

  test('one that came is told with its interfaces, and so is the new end at the host', () => {
    const words = told(manyContainers(5), manyContainers(6))
    expect(words).toEqual([
      'host: new interface veth0000005 (veth, joined with eth0 of shop-frontend-5 (docker), port of br-frontend)',
      'shop-frontend-5 (docker): appeared, with eth0',
    ])
    expect(told(manyContainers(6), manyContainers(5))).toEqual([
      'host: veth0000005 was removed (veth, joined with eth0 of shop-frontend-5 (docker), port of br-frontend)',
      'shop-frontend-5 (docker): vanished, with eth0',
    ])
  })

  test('the end of the last process', () => {
    const graph = dockerHost()
    expect(told(graph, withNamespace(graph, 1, { pids: [] }))).toEqual(['web (docker): its last process has ended'])
    expect(told(graph, withNamespace(graph, 1, { pids: [7, 8] }))).toEqual([])
  })
})

describe('links', () => {
  test('a wire that lost its far end', () => {
    const before = dockerHost()
    const cut = before.links.find((link) => link.kind === 'veth')!
    const links = before.links.map((link) => (link === cut ? { ...link, to: null, details: { missing: true } } : link))
    const after = { ...before, links }
    expect(told(before, after)).toEqual([
      'host: veth1a2b3c4 is no longer joined with eth0 of web (docker)',
      'host: veth1a2b3c4 lost its far end',
    ])
  })

  test('tunnel ends, and the addresses behind them', () => {
    const before = overlayHost()
    const first = before.links.find((link) => link.kind === 'vxlan')!
    const without = { ...before, links: before.links.filter((link) => link !== first) }
    expect(told(before, without)).toEqual(['overlay backend (docker): vxlan0 lost tunnel end 192.0.2.11'])
    expect(told(without, before)).toEqual(['overlay backend (docker): vxlan0 has a new tunnel end 192.0.2.11'])
    const details = { ...first.details, entries: 1, macs: ['02:42:0a:00:01:10'] }
    const fewer = { ...before, links: before.links.map((link) => (link === first ? { ...first, details } : link)) }
    expect(told(before, fewer)).toEqual([
      'overlay backend (docker): vxlan0 has 1 MAC behind 192.0.2.11, had 2 (gone: 02:42:0a:00:01:11)',
    ])
  })
})

describe('networks', () => {
  test('appear, vanish, change, and members come and go', () => {
    const [before, after] = [1, 2].map((moment) => {
      const world = new GraphBuilder()
      world.namespace({ role: 'host' })
      world.network(moment === 1 ? 'gone' : 'new')
      const member = { name: `web-${moment}`, interface: null, addresses: ['10.0.0.2/24'], mac: null }
      world.network('stays', { subnets: [`10.0.${moment}.0/24`], members: [member] })
      world.network('br0', { runtime: 'kernel', id: `${moment}` })
      return world.graph()
    })
    expect(told(before!, after!)).toEqual([
      'network gone (docker): bridge network vanished',
      'network new (docker): bridge network appeared',
      'network stays (docker): lost subnet 10.0.1.0/24',
      'network stays (docker): got subnet 10.0.2.0/24',
      'network stays (docker): web-1 (10.0.0.2/24) left',
      'network stays (docker): web-2 (10.0.0.2/24) joined',
    ])
  })
})

test('changes of the host come first, those of a namespace stand together, networks come last', () => {
  const titles = compareGraphs(dockerHost(), overlayHost()).map((change) => change.title)
  expect(titles[0]).toBe('host')
  expect(titles.at(-1)).toMatch(/^network /)
  const runs = titles.filter((title, at) => title !== titles[at - 1])
  expect(runs).toHaveLength(new Set(titles).size)
})
