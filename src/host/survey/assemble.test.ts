import { describe, expect, test } from 'vitest'
import type { Discovery, Sighting } from '../discovery/sighting.ts'
import type { OwnedNetwork, OwnerAnswer } from '../owners/owner-source.ts'
import { assembleGraph, type Findings } from './assemble.ts'
import type { ObservedLink, ObservedNamespace } from './observed.ts'

const host = '4026531840'
const web = '4026532373'
const overlay = '4026532500'

function link(index: number, name: string, kind: string, more: Partial<ObservedLink> = {}): ObservedLink {
  return {
    index,
    name,
    kind,
    mac: `02:00:00:00:00:${index.toString(16).padStart(2, '0')}`,
    mtu: 1500,
    up: true,
    carrier: true,
    master: 0,
    farEnd: undefined,
    underlay: undefined,
    attributes: {},
    details: {},
    addresses: [],
    ...more,
  }
}

function sighting(inode: string, more: Partial<Sighting> = {}): Sighting {
  return { inode, pids: [], names: [], mounts: [], holders: [], open: () => undefined, ...more }
}

function namespace(key: string, links: ObservedLink[], more: Partial<ObservedNamespace> = {}): ObservedNamespace {
  return {
    key,
    id: undefined,
    sighting: sighting(key),
    foundThrough: undefined,
    nsid: null,
    links,
    tunnelEntries: [],
    ...more,
  }
}

const nobody: OwnerAnswer = { claims: [], networks: [], warnings: [] }

function graphOf(observed: ObservedNamespace[], more: Partial<Findings> = {}) {
  const discovery: Discovery = { own: host, init: host, sightings: [], brokenNames: [], warnings: [] }
  return assembleGraph({
    host: 'test',
    takenAt: new Date(0),
    discovery,
    observed,
    owners: nobody,
    warnings: [],
    ...more,
  })
}

describe('veth pairs', () => {
  test('appear once, from the lower interface id to the higher', () => {
    const graph = graphOf([
      namespace(web, [link(2, 'eth0', 'veth', { farEnd: { index: 57, namespace: host } })]),
      namespace(host, [link(57, 'veth1', 'veth', { farEnd: { index: 2, namespace: web } })]),
    ])
    expect(graph.links).toEqual([{ kind: 'veth', from: `${host}/57`, to: `${web}/2`, details: {} }])
  })

  test('join also when both ends have the same index in different namespaces', () => {
    const graph = graphOf([
      namespace(host, [link(2, 'a', 'veth', { farEnd: { index: 2, namespace: web } })]),
      namespace(web, [link(2, 'b', 'veth', { farEnd: { index: 2, namespace: host } })]),
    ])
    expect(graph.links).toHaveLength(1)
  })

  test('without a far end are marked as missing it', () => {
    const graph = graphOf([namespace(host, [link(2, 'half', 'veth')])])
    expect(graph.links).toEqual([{ kind: 'veth', from: `${host}/2`, to: null, details: { missing: true } }])
  })

  test('whose far end may not be looked at are not called broken', () => {
    const graph = graphOf([namespace(host, [link(2, 'veth', 'veth', { farEnd: { index: 9, namespace: undefined } })])])
    expect(graph.links[0]).toMatchObject({ to: null, details: { unseen: true, peerIndex: 9 } })
  })
})

describe('vxlan tunnels', () => {
  const entry = (remote: string, mac: string) => ({ index: 3, mac, remote, vni: undefined, port: undefined })

  test('have one link for each far tunnel end, with the addresses behind it', () => {
    const graph = graphOf([
      namespace(host, [link(2, 'eth0', 'device', { addresses: ['192.0.2.1/24'] })]),
      namespace(overlay, [link(3, 'vxlan0', 'vxlan', { attributes: { id: 256, port: 4789 }, underlay: host })], {
        tunnelEntries: [entry('192.0.2.2', '02:42:0a:00:00:02'), entry('192.0.2.2', '02:42:0a:00:00:03')],
      }),
    ])
    expect(graph.links).toEqual([
      {
        kind: 'vxlan',
        from: `${overlay}/3`,
        to: null,
        details: {
          vni: 256,
          remote: '192.0.2.2',
          underlay: host,
          port: 4789,
          local: null,
          underlayInterface: `${host}/2`,
          entries: 2,
          macs: ['02:42:0a:00:00:02', '02:42:0a:00:00:03'],
          flood: false,
        },
      },
    ])
  })

  test('meet when the far tunnel end is a namespace of this machine', () => {
    const other = '4026532600'
    const otherOverlay = '4026532601'
    const vxlan = (underlay: string) => link(3, 'vxlan0', 'vxlan', { attributes: { id: 7, port: 4789 }, underlay })
    const graph = graphOf([
      namespace(host, [link(2, 'eth0', 'veth', { addresses: ['192.0.2.1/24'] })]),
      namespace(other, [link(2, 'eth0', 'veth', { addresses: ['192.0.2.2/24'] })]),
      namespace(overlay, [vxlan(host)], { tunnelEntries: [entry('192.0.2.2', '02:42:0a:00:00:02')] }),
      namespace(otherOverlay, [vxlan(other)], { tunnelEntries: [] }),
    ])
    const tunnel = graph.links.find((candidate) => candidate.from === `${overlay}/3`)
    expect(tunnel?.to).toBe(`${otherOverlay}/3`)
  })

  test('are not joined when two namespaces could be meant', () => {
    const vxlan = (underlay: string) => link(3, 'vxlan0', 'vxlan', { attributes: { id: 7, port: 4789 }, underlay })
    const graph = graphOf([
      namespace(overlay, [vxlan(host)], { tunnelEntries: [entry('192.0.2.2', '02:42:0a:00:00:02')] }),
      namespace('11', [link(2, 'eth0', 'veth', { addresses: ['192.0.2.2/24'] }), vxlan('11')]),
      namespace('12', [link(2, 'eth0', 'veth', { addresses: ['192.0.2.2/24'] }), vxlan('12')]),
    ])
    expect(graph.links.find((candidate) => candidate.from === `${overlay}/3`)?.to).toBeNull()
  })
})

describe('vxlan tunnels of two clusters with the same addresses and id', () => {
  const entry = { index: 3, mac: '02:42:0a:00:00:02', remote: '192.0.2.2', vni: undefined, port: undefined }
  const vxlan = (underlay: string) => link(3, 'vxlan0', 'vxlan', { attributes: { id: 7, port: 4789 }, underlay })
  /** Two nodes, linked by way of a hub, and the overlay of each. */
  const cluster = (prefix: string) => {
    const uplink = (address: string, port: number) =>
      link(2, 'uplink0', 'veth', { addresses: [`${address}/24`], farEnd: { index: port, namespace: `${prefix}9` } })
    const port = (index: number, node: string) =>
      link(index, `port${index}`, 'veth', { farEnd: { index: 2, namespace: node } })
    return [
      namespace(`${prefix}1`, [uplink('192.0.2.1', 5)]),
      namespace(`${prefix}2`, [uplink('192.0.2.2', 6)]),
      namespace(`${prefix}9`, [port(5, `${prefix}1`), port(6, `${prefix}2`)]),
      namespace(`${prefix}3`, [vxlan(`${prefix}1`)], { tunnelEntries: [entry] }),
      namespace(`${prefix}4`, [vxlan(`${prefix}2`)]),
    ]
  }

  test('stay within each cluster', () => {
    const { links } = graphOf([...cluster('1'), ...cluster('2')])
    for (const prefix of ['1', '2']) {
      expect(links.find(({ from, kind }) => kind === 'vxlan' && from === `${prefix}3/3`)?.to).toBe(`${prefix}4/3`)
    }
  })
})

describe('tunnels', () => {
  test('GRE: both ends here make one link', () => {
    const gre = (local: string, remote: string) => link(5, 'gre1', 'gre', { attributes: { local, remote } })
    const graph = graphOf([
      namespace(host, [gre('192.0.2.1', '192.0.2.2')]),
      namespace(web, [gre('192.0.2.2', '192.0.2.1')]),
    ])
    expect(graph.links).toEqual([
      {
        kind: 'tunnel',
        from: `${host}/5`,
        to: `${web}/5`,
        details: { kind: 'gre', local: '192.0.2.1', remote: '192.0.2.2', underlay: host },
      },
    ])
  })

  test('WireGuard: peers meet by public key, an unknown peer leads elsewhere', () => {
    const device = (publicKey: string, ...peers: string[]) =>
      link(4, 'wg0', 'wireguard', {
        details: { wireguard: { publicKey, peers: peers.map((key) => ({ publicKey: key, endpoint: null })) } },
      })
    const graph = graphOf([namespace(host, [device('A', 'B', 'Z')]), namespace(web, [device('B', 'A')])])
    expect(graph.links.map(({ from, to }) => [from, to])).toEqual([
      [`${host}/4`, null],
      [`${host}/4`, `${web}/4`],
    ])
  })
})

describe('networks', () => {
  const members = [{ name: 'web', mac: '02:42:ac:11:00:02', addresses: ['172.17.0.2/16'] }]
  const owned: OwnedNetwork = {
    runtime: 'docker',
    id: 'n1',
    name: 'bridge',
    driver: 'bridge',
    subnets: ['172.17.0.0/16'],
    bridgeName: 'docker0',
    daemonInode: host,
    namespaceInode: null,
    members,
  }
  const observed = [
    namespace(host, [
      link(3, 'docker0', 'bridge', { addresses: ['172.17.0.1/16'] }),
      link(4, 'br-lab', 'bridge'),
      link(57, 'veth1', 'veth', { master: 3, farEnd: { index: 2, namespace: web } }),
      link(58, 'veth2', 'veth', { master: 4, farEnd: { index: 3, namespace: web } }),
    ]),
    namespace(web, [
      link(2, 'eth0', 'veth', {
        mac: '02:42:ac:11:00:02',
        addresses: ['172.17.0.2/16'],
        farEnd: { index: 57, namespace: host },
      }),
      link(3, 'eth1', 'veth', { farEnd: { index: 58, namespace: host } }),
    ]),
  ]

  test("a runtime's network gets its bridge and its members' interfaces", () => {
    const graph = graphOf(observed, { owners: { ...nobody, networks: [owned] } })
    expect(graph.networks[0]).toMatchObject({
      name: 'bridge',
      bridge: `${host}/3`,
      members: [{ name: 'web', interface: `${web}/2`, addresses: ['172.17.0.2/16'] }],
    })
  })

  test('a bridge that no runtime speaks for is a network too', () => {
    const graph = graphOf(observed, { owners: { ...nobody, networks: [owned] } })
    expect(graph.networks[1]).toMatchObject({
      runtime: 'kernel',
      name: 'br-lab',
      members: [{ interface: `${web}/3` }],
    })
  })

  test('a bridge that no runtime speaks for has the subnets of its addresses', () => {
    const bridge = link(2, 'br0', 'bridge', { addresses: ['10.77.5.1/20', 'fd00::7:1/112', 'fe80::1/64'] })
    expect(graphOf([namespace(host, [bridge])]).networks[0]?.subnets).toEqual(['10.77.0.0/20', 'fd00::7:0/112'])
  })

  test('of two daemons that give out the same addresses each network has its own container', () => {
    const other = '4026539000'
    const far = '4026539001'
    const twin = [
      namespace(other, [
        link(3, 'docker0', 'bridge', { addresses: ['172.17.0.1/16'] }),
        link(57, 'veth1', 'veth', { master: 3, farEnd: { index: 2, namespace: far } }),
      ]),
      namespace(far, [
        link(2, 'eth0', 'veth', {
          mac: '02:42:ac:11:00:02',
          addresses: ['172.17.0.2/16'],
          farEnd: { index: 57, namespace: other },
        }),
      ]),
    ]
    const networks = [owned, { ...owned, id: 'n2', daemonInode: other }]
    const graph = graphOf([...observed, ...twin], { owners: { ...nobody, networks } })
    expect(graph.networks.slice(0, 2).map((network) => network.members.map((member) => member.interface))).toEqual([
      [`${web}/2`],
      [`${far}/2`],
    ])
  })

  test('a member that the kernel does not have stays listed, without an interface', () => {
    const ghost = { name: 'ghost', mac: '02:42:ac:11:00:09', addresses: ['172.17.0.9/16'] }
    const graph = graphOf(observed, { owners: { ...nobody, networks: [{ ...owned, members: [ghost] }] } })
    expect(graph.networks[0]?.members[0]).toEqual({ ...ghost, interface: null })
  })
})

describe('roles', () => {
  test("the host's namespace stays the host, whoever claims it", () => {
    const owner = { runtime: 'docker', id: 'c', name: 'hostnet', labels: {} }
    const claims = [{ inode: host, owner, role: 'container' as const }]
    const graph = graphOf([namespace(host, [])], { owners: { ...nobody, claims } })
    expect(graph.namespaces[0]).toMatchObject({ role: 'host', owners: [owner] })
  })

  test('an unclaimed namespace is named when it has a name, anonymous otherwise', () => {
    const graph = graphOf([
      namespace(web, [], { sighting: sighting(web, { names: ['blue'] }) }),
      namespace(overlay, []),
    ])
    expect(graph.namespaces.map(({ role }) => role)).toEqual(['named', 'anonymous'])
  })

  test('a namespace that only a neighbour knows says which interface leads to it', () => {
    const key = `behind:${host}/7`
    const graph = graphOf([
      namespace(key, [link(2, 'eth0', 'veth')], { sighting: undefined, foundThrough: `${host}/7` }),
    ])
    expect(graph.namespaces[0]?.holders).toEqual([{ kind: 'neighbour', interface: `${host}/7` }])
  })
})
