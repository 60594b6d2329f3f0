import { describe, expect, test } from 'vitest'
import {
  brokenHost,
  dockerHost,
  hostileHost,
  manyContainers,
  overlayHost,
  ringLab,
  routerLab,
  stackedHost,
} from '../../../../test/fixtures/graphs/worlds.ts'
import { type Graph, outlineGraph } from '../../../host/index.ts'
import { columnsOf } from '../../frame/text.ts'
import { drawOutline, isAsciiLocale } from './draw-outline.ts'

interface Choices {
  readonly all?: boolean
  readonly ascii?: boolean
  readonly columns?: number
}

function tree(graph: Graph, { all = false, ascii = false, columns = 100 }: Choices = {}): string {
  return drawOutline(outlineGraph(graph, { all }), { columns, ascii, paint: (_, text) => text })
}

/** A tree as it stands in the test: without the line break that a template begins with. */
const drawn = (text: string) => text.slice(1)

describe('a Docker host', () => {
  test('shows bridges with their networks, each port with its far end, its owner and its address', () => {
    expect(tree(dockerHost())).toBe(
      drawn(`
host  thinkpad
├─ eth0     192.0.2.10/24
├─ br-idle  bridge 172.19.0.1/16
└─ docker0  bridge 172.17.0.1/16 network bridge (docker)
   ├─ veth9a0b1c2  ── eth0 of cache (docker)  172.17.0.4/16
   ├─ veth5d6e7f8  ── eth0 of db (docker)     172.17.0.3/16
   └─ veth1a2b3c4  ── eth0 of web (docker)    172.17.0.2/16
`),
    )
  })

  test('shows loopback and link-local addresses when everything is wanted', () => {
    const all = tree(dockerHost(), { all: true })
    expect(all).toContain('eth0     192.0.2.10/24 fe80::1/64')
    expect(all.match(/lo +loopback 127\.0\.0\.1\/8 ::1\/128/g)).toHaveLength(4)
  })

  test('is drawn in ASCII for terminals that have nothing else', () => {
    const text = tree(dockerHost(), { ascii: true })
    expect(text).toContain('`- docker0  bridge 172.17.0.1/16 network bridge (docker)')
    expect(text).toContain('|- veth9a0b1c2  -- eth0 of cache (docker)  172.17.0.4/16')
    expect(text).toMatch(/^[\n -~]*$/)
  })
})

test('an overlay shows its bridge, its VXLAN id and port, its underlay and each tunnel end', () => {
  expect(tree(overlayHost())).toBe(
    drawn(`
host  node-1
├─ eth0             192.0.2.10/24
└─ docker_gwbridge  bridge 172.18.0.1/16 network docker_gwbridge (docker)
   ├─ vethgw0  ── eth1 of api (docker)      172.18.0.3/16
   │  └─ eth0  10.0.1.3/24  ── veth0 of overlay backend (docker)
   ├─ vethgw2  ── eth1 of grafana (docker)  172.18.0.5/16
   │  └─ eth0  10.0.2.5/24  ── veth2 of overlay metrics (docker)
   └─ vethgw1  ── eth1 of worker (docker)   172.18.0.4/16
      └─ eth0  10.0.1.4/24  ── veth1 of overlay backend (docker)

overlay backend (docker)
└─ br0  bridge 10.0.1.1/24
   ├─ veth0      ── eth0 of api (docker)     10.0.1.3/24
   ├─ veth1      ── eth0 of worker (docker)  10.0.1.4/24
   ├─ vxlan0     vxlan id 4097, port 4789, over eth0 of host
   │  ├─ ⇢ 192.0.2.11  2 MACs 02:42:0a:00:01:10 (backend.2) 02:42:0a:00:01:11
   │  └─ ⇢ 192.0.2.12  37 MACs
   └─ elsewhere  backend.2 10.0.1.16/24

overlay metrics (docker)
└─ br0  bridge 10.0.2.1/24
   ├─ veth2      ── eth0 of grafana (docker)  10.0.2.5/24
   ├─ vxlan0     vxlan id 4098, port 4789, over eth0 of host
   │  ├─ ⇢ 192.0.2.11  2 MACs 02:42:0a:00:02:10 (metrics.2) 02:42:0a:00:02:11
   │  └─ ⇢ 192.0.2.12  37 MACs
   └─ elsewhere  metrics.2 10.0.2.16/24
`),
  )
})

test('namespaces that are wired to each other are sections that name each other', () => {
  expect(tree(routerLab())).toBe(
    drawn(`
host  lab
└─ eth0  192.0.2.10/24

r1 (netns)
├─ eth1  10.12.0.1/30  ── eth1 of r2 (netns)  10.12.0.2/30
└─ eth2  10.31.0.2/30  ── eth2 of r3 (netns)  10.31.0.1/30

r2 (netns)
├─ eth1  10.12.0.2/30  ── eth1 of r1 (netns)  10.12.0.1/30
└─ eth2  10.23.0.1/30  ── eth1 of r3 (netns)  10.23.0.2/30

r3 (netns)
├─ eth1  10.23.0.2/30  ── eth2 of r2 (netns)  10.23.0.1/30
└─ eth2  10.31.0.1/30  ── eth2 of r1 (netns)  10.31.0.2/30
`),
  )
})

test('interfaces upon interfaces, and namespaces within namespaces, are drawn where they stand', () => {
  expect(tree(stackedHost())).toBe(
    drawn(`
host  thinkpad
├─ docker0    bridge 172.17.0.1/16
│  └─ veth0  ── eth0 of builder (docker)  172.17.0.2/16
│     └─ docker0  bridge 172.30.0.1/16
│        └─ veth9  ── eth0 of step (docker)  172.30.0.2/16
├─ bond0      bond 192.0.2.10/24
│  ├─ eth0
│  ├─ eth1
│  ├─ bond0.20  vlan 20 10.20.0.1/24
│  └─ macvlan   ── eth0 of camera (podman)  192.0.2.40/24
├─ gre1       gre 10.99.0.1/30
│  └─ ⇢ 198.51.100.7
└─ veth-blue  10.5.0.1/30  ── eth0 of blue (netns)  10.5.0.2/30

network lan (docker)  macvlan
└─ eth0 of camera (podman)  192.0.2.40/24
`),
  )
})

test('what is broken is marked where it stands, with a sign and a word', () => {
  expect(tree(brokenHost())).toBe(
    drawn(`
host  thinkpad
├─ wlan0             ! down
├─ br0          bridge 10.0.0.1/24
│  ├─ veth-mtu   ── eth0 of giant (docker)    10.0.0.3/24  ✗ mtu 1500, peer 9000
│  ├─ veth-down  ── eth0 of sleeper (docker)  10.0.0.2/24  ✗ eth0 down
│  └─ veth-half                                            ✗ peer missing
├─ orphan0      tun  ✗ master missing
└─ veth-hidden       ! peer not visible

namespace 4026532003  ! held only by descriptor 7 of keeper (812)
└─ eth0

namespace 4026532004  ! held only by a socket of nc (815)
`),
  )
})

describe('a host with many namespaces', () => {
  test('shortens long lists and says how much is left out', () => {
    const text = tree(manyContainers(1000))
    expect(text).toContain('284 more ports, none broken (--all shows them)')
    expect(text.split('\n').length).toBeLessThan(150)
  })

  test('never leaves out what is broken', () => {
    const graph = manyContainers(1000)
    const last = graph.interfaces.findLast((node) => node.kind === 'veth' && node.name === 'eth0')!
    const interfaces = graph.interfaces.map((node) => (node === last ? { ...node, up: false, carrier: false } : node))
    expect(tree({ ...graph, interfaces })).toContain('✗ eth0 down')
  })

  test('lists everything when everything is wanted', () => {
    const text = tree(manyContainers(1000), { all: true })
    expect(text).not.toContain('more ports')
    expect(text.match(/── eth0 of/g)).toHaveLength(1000)
  })
})

describe('every picture', () => {
  const worlds = {
    dockerHost,
    overlayHost,
    routerLab,
    brokenHost,
    stackedHost,
    ring: () => ringLab(13),
    many: () => manyContainers(60),
  }

  test.each(Object.entries(worlds))('of %s has each interface, and each link from one end at least', (_, world) => {
    const graph = world()
    const text = tree(graph, { all: true })
    const lines = text.split('\n')
    for (const node of graph.interfaces) expect(text).toContain(node.name)
    for (const link of graph.links) {
      if (link.kind !== 'veth' || link.to === null) continue
      const [a, b] = [link.from, link.to].map((id) => graph.interfaces.find((node) => node.id === id)!)
      const joined = lines.some((line) => {
        const [near, far] = line.split('──').slice(-2)
        return (
          far !== undefined &&
          [
            [a, b],
            [b, a],
          ].some(([x, y]) => near!.includes(x!.name) && far.includes(` ${y!.name}`))
        )
      })
      expect(joined, `${a!.name} and ${b!.name}`).toBe(true)
    }
  })

  test.each(Object.entries(worlds))(
    'of %s draws each namespace once, and no line is wider than the terminal',
    (_, world) => {
      const graph = world()
      const lines = tree(graph, { all: true, columns: 80 }).split('\n')
      expect(lines.filter((line) => columnsOf(line) > 80)).toEqual([])
      const loopbacks = lines.filter((line) => /─ lo +loopback/.test(line))
      expect(loopbacks).toHaveLength(graph.namespaces.length)
    },
  )

  test('of the same graph in another order is the same', () => {
    const graph = overlayHost()
    const reversed = {
      ...graph,
      namespaces: graph.namespaces.toReversed(),
      interfaces: graph.interfaces.toReversed(),
    }
    expect(tree(reversed)).toBe(tree(graph))
  })

  test('shows hostile names harmlessly', () => {
    for (const ascii of [false, true]) {
      const text = tree(hostileHost(), { all: true, ascii })
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e]/)
      expect(text).toContain('\\x1b[2J')
      expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(200)
    }
  })
})

test('interfaces whose masters are each other’s are drawn all the same', () => {
  const graph = dockerHost()
  const [a, b] = [graph.interfaces[1]!, graph.interfaces[2]!]
  const interfaces = graph.interfaces.map((node) =>
    node === a ? { ...a, master: b.id } : node === b ? { ...b, master: a.id } : node,
  )
  const text = tree({ ...graph, interfaces })
  expect(text).toContain(a.name)
  expect(text).toContain(b.name)
})

test('the locale decides about characters: LC_ALL before LC_CTYPE before LANG', () => {
  expect(isAsciiLocale({ LANG: 'de_DE.UTF-8' })).toBe(false)
  expect(isAsciiLocale({ LANG: 'C.utf8' })).toBe(false)
  expect(isAsciiLocale({ LC_ALL: 'C', LANG: 'de_DE.UTF-8' })).toBe(true)
  expect(isAsciiLocale({ LC_ALL: '', LC_CTYPE: 'C.UTF-8', LANG: 'C' })).toBe(false)
  expect(isAsciiLocale({})).toBe(true)
})
