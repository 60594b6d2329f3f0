/** Lab files as the field writes them, and what is ours beyond that. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LabError } from '../lab-error.ts'
import { readTopology } from './read-topology.ts'
import type { LabLink } from './topology.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nwt-topology-'))
  for (const name of ['frr.conf', 'daemons', 'some.env'])
    writeFileSync(join(folder, name), 'COLOUR="blue"\n# no\nSIZE=5\n')
})
afterAll(() => rmSync(folder, { recursive: true }))

const read = (text: string, variables = {}) => readTopology(text, { path: join(folder, 'x.clab.yml'), variables })
const ends = (link: LabLink): string =>
  ('ends' in link ? link.ends : [link.end]).map((end) => `${end.node}:${end.interface}`).join(' ')

describe('the field’s format', () => {
  test('nodes and links in the short form', () => {
    const { name, nodes, links } = read(`
name: triangle
topology:
  nodes:
    r1: { kind: linux }
    r2: { kind: linux }
  links:
    - endpoints: ["r1:eth1", "r2:eth1"]
      mtu: 1400
      ipv4: [10.0.0.1/24, 10.0.0.2/24]
`)
    expect([name, nodes.map((node) => node.longName)]).toEqual(['triangle', ['clab-triangle-r1', 'clab-triangle-r2']])
    expect(links).toMatchObject([
      {
        kind: 'veth',
        mtu: 1400,
        ends: [
          { node: 'r1', interface: 'eth1', addresses: ['10.0.0.1/24'] },
          { node: 'r2', interface: 'eth1', addresses: ['10.0.0.2/24'] },
        ],
      },
    ])
  })

  test('a node before its group, its kind and the defaults; maps are merged, binds and exec add up', () => {
    const { nodes } = read(`
name: x
topology:
  defaults: { kind: linux, env: { A: defaults, D: defaults }, exec: [first] }
  kinds: { linux: { env: { A: kind, K: kind }, sysctls: { net.ipv4.ip_forward: 1 } } }
  groups: { core: { env: { A: group, G: group } } }
  nodes:
    a: { group: core, env: { A: own }, exec: [second] }
    b: {}
`)
    expect(nodes[0]).toMatchObject({
      kind: 'linux',
      environment: { A: 'own', G: 'group', K: 'kind', D: 'defaults' },
      exec: ['first', 'second'],
      sysctls: { 'net.ipv4.ip_forward': '1' },
    })
    expect(nodes[1]!.environment).toEqual({ A: 'kind', K: 'kind', D: 'defaults' })
  })

  test('linux with an image is a container, without one a namespace', () => {
    const { nodes } = read('name: x\ntopology:\n  nodes: { a: { kind: linux, image: alpine }, b: { kind: linux } }\n')
    expect(nodes.map((node) => node.kind)).toEqual(['docker', 'linux'])
  })

  test('binds and configurations relative to the file, and environment files', () => {
    const { nodes } = read(`
name: x
topology:
  nodes:
    a:
      kind: frr
      startup-config: frr.conf
      binds: [daemons:/etc/frr/daemons:ro]
      env-files: [some.env]
      env: { SIZE: 6 }
`)
    expect(nodes[0]).toMatchObject({
      startupConfig: { path: join(folder, 'frr.conf') },
      binds: [{ source: join(folder, 'daemons'), target: '/etc/frr/daemons', readOnly: true }],
      environment: { COLOUR: 'blue', SIZE: '6' },
    })
  })

  test('every extended form of a link', () => {
    const { links } = read(`
name: x
topology:
  nodes: { a: { kind: linux }, b: { kind: linux } }
  links:
    - type: veth
      endpoints:
        - { node: a, interface: eth1, mac: "02:00:00:00:00:01", ipv4: 10.0.0.1/24 }
        - { node: b, interface: eth1 }
    - { type: host, endpoint: { node: a, interface: eth2 }, host-interface: lab-a }
    - { type: mgmt-net, endpoint: { node: a, interface: eth3 }, host-interface: lab-m }
    - { type: macvlan, endpoint: { node: a, interface: eth4 }, host-interface: enp1, mode: vepa }
    - { type: vxlan, endpoint: { node: a, interface: eth5 }, remote: 192.0.2.1, vni: 100 }
    - { type: vxlan-stitch, endpoint: { node: a, interface: eth6 }, remote: "2001:db8::1", vni: 101, dst-port: 14789 }
    - { type: dummy, endpoint: { node: a, interface: eth7 } }
    - endpoints: ["a:eth8", "host:lab-b"]
    - endpoints: ["macvlan:enp1", "b:eth2"]
`)
    expect(links.map((link) => link.kind)).toEqual([
      'veth',
      'host',
      'mgmt-net',
      'macvlan',
      'vxlan',
      'vxlan-stitch',
      'dummy',
      'host',
      'macvlan',
    ])
    expect(links[4]).toMatchObject({ remote: '192.0.2.1', vni: 100, destinationPort: 4789 })
    expect(links[7]).toMatchObject({ end: { node: 'a', interface: 'eth8' }, hostInterface: 'lab-b' })
  })

  test('anchors, aliases and merge keys of YAML', () => {
    const { nodes } = read(`
name: x
topology:
  nodes:
    a: &base { kind: linux, env: { A: 1 } }
    b: *base
    c: { <<: *base, hostname: other }
`)
    expect(nodes.map((node) => [node.kind, node.environment['A'], node.hostname])).toEqual([
      ['linux', '1', 'a'],
      ['linux', '1', 'b'],
      ['linux', '1', 'other'],
    ])
  })

  test('variables, with what stands for those that are not set, and the field’s magic words', () => {
    const text = `
name: x
topology:
  nodes:
    a:
      kind: linux
      hostname: \${HOST:-nobody}
      exec: ["echo $HOME \${GREETING:=hello \${WHO:-you}}", "touch __clabNodeDir__/$$x", "echo __clabNodeName__ of __clabLabName__"]
`
    expect(read(text, { HOST: '' }).nodes[0]).toMatchObject({
      hostname: 'nobody',
      exec: ['echo $HOME hello you', `touch ${folder}/clab-x/a/$x`, 'echo a of x'],
    })
    expect(read(text, { HOST: 'h', WHO: 'world' }).nodes[0]).toMatchObject({ hostname: 'h' })
  })

  test('prefixes: none, the lab’s name alone, any other', () => {
    const longName = (prefix: string) =>
      read(`name: x\nprefix: "${prefix}"\ntopology: { nodes: { a: { kind: linux } } }\n`).nodes[0]!.longName
    expect(['', '__lab-name', 'p'].map(longName)).toEqual(['a', 'x-a', 'p-x-a'])
  })

  test('stages and what they wait for', () => {
    const { nodes } = read(`
name: x
topology:
  nodes:
    a: { kind: linux }
    b:
      kind: linux
      startup-delay: 2
      stages:
        configure:
          wait-for: [{ node: a, stage: healthy }]
          exec: [{ command: echo here, target: host, phase: on-exit }]
`)
    expect(nodes[1]).toMatchObject({
      startupDelay: 2,
      stages: {
        configure: {
          waitFor: [{ node: 'a', stage: 'healthy' }],
          commands: [{ command: 'echo here', target: 'host', phase: 'on-exit' }],
        },
      },
    })
  })
})

describe('beyond the field', () => {
  test('ranges of nodes, with the number of each in texts', () => {
    const { nodes } = read(`
name: x
topology:
  nodes:
    "leaf[1-3,07]": { kind: linux, addresses: { lo: 10.0.0.__n__/32 }, exec: ["echo __n__"] }
`)
    expect(nodes.map((node) => [node.name, node.addresses['lo'], node.exec])).toEqual([
      ['leaf1', ['10.0.0.1/32'], ['echo 1']],
      ['leaf2', ['10.0.0.2/32'], ['echo 2']],
      ['leaf3', ['10.0.0.3/32'], ['echo 3']],
      ['leaf07', ['10.0.0.7/32'], ['echo 7']],
    ])
  })

  test.each([
    ['ring', '{ type: ring, nodes: ["r[1-3]"] }', ['r1:eth1 r2:eth1', 'r2:eth2 r3:eth1', 'r3:eth2 r1:eth2']],
    ['line', '{ type: line, nodes: [r1, r2, r3] }', ['r1:eth1 r2:eth1', 'r2:eth2 r3:eth1']],
    ['mesh', '{ type: mesh, nodes: ["r[1-3]"] }', ['r1:eth1 r2:eth1', 'r1:eth2 r3:eth1', 'r2:eth2 r3:eth2']],
    ['star', '{ type: star, center: r2, nodes: [r1, r3] }', ['r2:eth1 r1:eth1', 'r2:eth2 r3:eth1']],
    ['tree', '{ type: tree, nodes: ["r[1-3]"] }', ['r1:eth1 r2:eth1', 'r1:eth2 r3:eth1']],
    ['fabric', '{ type: fabric, spines: [r1], leaves: [r2, r3] }', ['r2:eth1 r1:eth1', 'r3:eth1 r1:eth2']],
  ])('a %s of links', (_, shape, expected) => {
    const { links } = read(`name: x\ntopology:\n  nodes: { "r[1-3]": { kind: linux } }\n  links: [${shape}]\n`)
    expect(links.map(ends)).toEqual(expected)
  })

  test('shapes leave names alone that other links have, and number their links', () => {
    const { links } = read(`
name: x
topology:
  nodes: { a: { kind: linux }, b: { kind: linux } }
  links:
    - { type: line, nodes: [a, b], addresses: 10.1.0.0/16, impairment: { delay: 10ms, loss: 1%, rate: 10mbit } }
    - endpoints: ["a:eth1", "b:eth1"]
    - { type: line, nodes: [b, a], addresses: "fd00::/64" }
`)
    expect(links.map(ends)).toEqual(['a:eth2 b:eth2', 'a:eth1 b:eth1', 'b:eth3 a:eth3'])
    expect(links[0]).toMatchObject({
      ends: [
        { addresses: ['10.1.0.0/31'], impairment: { delay: 10, loss: 1, rate: 10_000_000 } },
        { addresses: ['10.1.0.1/31'] },
      ],
    })
    expect(links[2]).toMatchObject({ ends: [{ addresses: ['fd00::/127'] }, { addresses: ['fd00::1/127'] }] })
  })

  test('expectations, also of all, and faults', () => {
    const { tests, faults } = read(`
name: x
topology:
  nodes: { a: { kind: linux }, b: { kind: linux }, s: { kind: bridge } }
  links: [{ endpoints: ["a:eth1", "b:eth1"] }]
tests:
  - all reach all
  - a reaches b tcp 80
  - b cannot reach 192.0.2.1
faults:
  - { link: "a:eth1", action: flap, at: 10s, lasts: 500ms, every: 1m }
`)
    expect(tests.map(({ from, to, port, reaches }) => [from, to, port, reaches])).toEqual([
      ['a', 'b', undefined, true],
      ['b', 'a', undefined, true],
      ['a', 'b', 80, true],
      ['b', '192.0.2.1', undefined, false],
    ])
    expect(faults).toMatchObject([{ action: 'flap', at: 10, lasts: 0.5, every: 60 }])
  })
})

describe('hostile files', () => {
  test('no text makes anything but a topology or a LabError', () => {
    const words = [
      'name',
      'topology',
      'nodes',
      'links',
      'endpoints',
      '*a',
      '&a',
      '<<',
      '[',
      ']',
      '{',
      '}',
      ':',
      '-',
      '\n',
      '  ',
      '${',
      '__proto__',
    ]
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...words), fc.string()), { maxLength: 40 }), (parts) => {
        try {
          read(parts.join(' '))
        } catch (error) {
          expect(error).toBeInstanceOf(LabError)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('a bomb of aliases does not grow', () => {
    const lines = Array.from(
      { length: 30 },
      (_, i) =>
        `x${i}: &x${i} [${Array(9)
          .fill(i === 0 ? '1' : `*x${i - 1}`)
          .join(', ')}]`,
    )
    expect(() => read(['name: x', ...lines].join('\n'))).toThrow(LabError)
  })

  test('a name like a property of every object is a name', () => {
    const { nodes } = read('name: x\ntopology: { nodes: { constructor: { kind: linux, env: { __proto__: evil } } } }\n')
    expect(nodes[0]).toMatchObject({ name: 'constructor' })
    expect(({} as Record<string, unknown>)['evil']).toBeUndefined()
  })
})
