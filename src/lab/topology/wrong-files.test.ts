/** Wrong lab files: each is told at its line and column, in one sentence. */
import { describe, expect, test } from 'vitest'
import { TopologyError } from '../lab-error.ts'
import { readTopology } from './read-topology.ts'

function mistakesOf(text: string): string[] {
  try {
    readTopology(text, { path: '/labs/x.clab.yml', variables: { SET: 'yes' } })
  } catch (error) {
    if (error instanceof TopologyError) {
      return error.mistakes.map(({ position, sentence }) => `${position.line}:${position.column} ${sentence}`)
    }
    throw error
  }
  return []
}

const lab = (...lines: string[]): string => ['name: x', 'topology:', ...lines.map((line) => `  ${line}`), ''].join('\n')
const nodes = (...lines: string[]): string => lab('nodes:', ...lines.map((line) => `  ${line}`))
const pair = (...lines: string[]): string =>
  lab('nodes: { a: { kind: linux }, b: { kind: linux } }', 'links:', ...lines.map((line) => `  ${line}`))

describe('a wrong file is told with line, column and a sentence', () => {
  test.each<[string, string, RegExp]>([
    ['nothing', '', /^1:1 the file is empty/],
    ['no YAML', 'name: [a\n', /^\d+:\d+ .*(flow|sequence|\])/i],
    ['tabs', 'name: x\ntopology:\n\tnodes:\n', /^3:1 /],
    ['a key twice', 'name: x\nname: y\ntopology: {}\n', /^2:1 map keys must be unique/],
    ['no name', 'topology:\n  nodes: { a: { kind: linux } }\n', /^1:1 the lab has no name/],
    ['no topology', 'name: x\n', /^1:1 the lab has no topology/],
    ['a slip in a key', 'name: x\ntopologi: {}\n', /^2:1 a lab has no topologi \(did you mean topology\?\)/],
    [
      'a name with blanks',
      'name: my lab\ntopology:\n  nodes: { a: { kind: linux } }\n',
      /^1:7 my lab cannot be the name of a lab/,
    ],
    ['no nodes', lab('links: []'), /the topology has no nodes$/],
    ['an unknown kind', nodes('a:', '  kind: linus'), /^4:5 there is no kind linus \(did you mean linux\?\)/],
    ['a vendor’s kind', nodes('a: { kind: nokia_srlinux }'), /^4:5 there is no kind nokia_srlinux; there are linux,/],
    ['no kind', nodes('a: {}'), /^4:5 the node a has no kind/],
    ['a key that is no key', nodes('a: { kind: linux, colour: red }'), /^4:23 the node a has no colour;/],
    ['a key that is not supported', nodes('a: { kind: linux, license: x.key }'), /^4:23 license is not supported:/],
    ['text where a list belongs', nodes('a: { kind: linux, exec: hello }'), /^4:29 exec of the node a must be a list/],
    ['a list where a map belongs', nodes('a: { kind: linux, env: [A] }'), /^4:28 env of the node a must be a map/],
    [
      'no such file',
      nodes('a: { kind: frr, startup-config: nowhere.conf }'),
      /^4:37 there is no file \/labs\/nowhere.conf/,
    ],
    ['a bind that is none', nodes('a: { kind: linux, binds: ["here"] }'), /^4:5 here of a is not a bind/],
    [
      'memory without a unit that is known',
      nodes('a: { kind: linux, memory: 5 pints }'),
      /^4:31 memory of the node a must be like 512m/,
    ],
    [
      'an address without a length',
      nodes('a: { kind: linux, addresses: { lo: 10.0.0.1 } }'),
      /^4:40 10.0.0.1 is not an address with a prefix length/,
    ],
    [
      'an address for no interface',
      nodes('a: { kind: linux, addresses: { eth7: 10.0.0.1/24 } }'),
      /^4:5 a has addresses for eth7, which no link ends at/,
    ],
    ['a route that is none', nodes('a: { kind: linux, routes: ["to the moon"] }'), /^4:32 to the moon is not a route/],
    [
      'a setting outside of the network',
      nodes('a: { kind: linux, sysctls: { kernel.panic: 1 } }'),
      /^4:34 kernel.panic is not a setting of networks/,
    ],
    [
      'a group that is not there',
      lab('groups: { big: {} }', 'nodes:', '  a: { kind: linux, group: bigg }'),
      /^5:30 there is no group bigg; there are big/,
    ],
    ['a link to nobody', pair('- endpoints: ["a:eth1", "c:eth1"]'), /^5:7 there is no node c$/],
    ['a link with three ends', pair('- endpoints: ["a:eth1", "b:eth1", "b:eth2"]'), /^5:18 a link has two endpoints/],
    ['an end without an interface', pair('- endpoints: ["a", "b:eth1"]'), /^5:19 a is not NODE:INTERFACE/],
    [
      'a name that is too long',
      pair('- endpoints: ["a:abcdefghijklmnop", "b:eth1"]'),
      /^5:19 abcdefghijklmnop cannot be the name of an interface/,
    ],
    [
      'an interface twice',
      pair('- endpoints: ["a:eth1", "b:eth1"]', '- endpoints: ["a:eth1", "b:eth2"]'),
      /^6:7 a:eth1 ends two links/,
    ],
    [
      'a type that is none',
      pair('- { type: veht, endpoints: [] }'),
      /^5:15 type of a link must be one of veth, .*did you mean veth/,
    ],
    [
      'a vxlan without its number',
      pair('- { type: vxlan, endpoint: { node: a, interface: e1 }, remote: 192.0.2.1 }'),
      /^5:7 a vxlan link needs a remote and a vni/,
    ],
    [
      'an MTU that is too small',
      pair('- { endpoints: ["a:eth1", "b:eth1"], mtu: 12 }'),
      /^5:47 mtu of a link must be a number from 68 to 65535/,
    ],
    [
      'a delay without a unit',
      pair('- { endpoints: ["a:eth1", "b:eth1"], impairment: { delay: 10 } }'),
      /^5:63 delay of impairment of a link must be like 10ms/,
    ],
    [
      'a jitter of nothing',
      pair('- { endpoints: ["a:eth1", "b:eth1"], impairment: { jitter: 1ms } }'),
      /^5:64 .* has a jitter without a delay/,
    ],
    [
      'a multicast MAC address',
      pair(
        '- { type: veth, endpoints: [{ node: a, interface: e, mac: "01:00:00:00:00:01" }, { node: b, interface: e }] }',
      ),
      /^5:63 01:00:00:00:00:01 is not a MAC address of one interface/,
    ],
    ['a ring of two', pair('- { type: ring, nodes: [a, b] }'), /^5:7 a ring needs 3 or more nodes/],
    ['a shape with a stranger', pair('- { type: line, nodes: [a, z] }'), /^5:28 there is no node z/],
    [
      'a prefix that is too small',
      pair('- { type: line, nodes: [a, b], addresses: 10.0.0.0/32 }'),
      /^5:47 10.0.0.0\/32 holds 0 links, and there are 1/,
    ],
    ['a range backwards', nodes('"r[5-1]": { kind: linux }'), /^4:5 the range 5-1 runs backwards/],
    [
      'a variable that is not set',
      nodes(`a: { kind: linux, hostname: "\${NOT_SET}" }`),
      /^4:33 the variable NOT_SET is not set/,
    ],
    [
      'a variable without an end',
      nodes(`a: { kind: linux, hostname: "\${SET" }`),
      /^4:33 a variable begins with \$\{ and never ends/,
    ],
    [
      'a circle of waiting',
      nodes(
        'a: { kind: linux, stages: { create: { wait-for: [{ node: b, stage: healthy }] } } }',
        'b: { kind: linux, stages: { create: { wait-for: [{ node: a, stage: create }] } } }',
      ),
      /^\d:\d nodes wait for each other in a circle/,
    ],
    [
      'waiting for a stranger',
      nodes('a: { kind: linux, stages: { create: { wait-for: [{ node: z, stage: create }] } } }'),
      /^4:5 a waits for z, which is no node/,
    ],
    ['a test that is none', `${pair()}tests: ["a likes b"]\n`, /^\d:9 a test is a sentence like/],
    ['a test of a stranger', `${pair()}tests: ["a reaches bb"]\n`, /^\d:9 there is no node bb/],
    [
      'a fault at no link',
      `${pair()}faults: [{ link: "a:eth1", action: down }]\n`,
      /^\d:18 no link of this lab ends at a:eth1/,
    ],
    ['a container without an image', nodes('a: { kind: docker }'), /^4:5 a is a container and has no image/],
    [
      'an image for a bridge',
      nodes('a: { kind: bridge, image: x }'),
      /^4:31 image means nothing to a, a node of kind bridge/,
    ],
  ])('%s', (_, text, expected) => {
    const mistakes = mistakesOf(text)
    expect(
      mistakes.some((mistake) => expected.test(mistake)),
      JSON.stringify(mistakes),
    ).toBe(true)
  })

  test('all mistakes of a file at once, in the order of its lines', () => {
    const text = nodes('a: { kind: linus }', 'b: { kind: linux, exec: 5 }')
    expect(mistakesOf(text).map((mistake) => mistake.split(':')[0])).toEqual(['4', '5'])
  })

  test('the message names the file', () => {
    expect(() => readTopology('', { path: 'x.clab.yml' })).toThrow('x.clab.yml:1:1: the file is empty')
    expect(() => readTopology('')).toThrow('standard input:1:1: ')
  })
})
