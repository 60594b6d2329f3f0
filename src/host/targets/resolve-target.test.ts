import { expect, test } from 'vitest'
import type { Graph, NamespaceNode, Network, Owner } from '../graph.ts'
import { resolveTarget } from './resolve-target.ts'
import { TargetAmbiguousError, TargetUnknownError } from './target-errors.ts'

const node = (inode: string, rest: Partial<NamespaceNode> = {}): NamespaceNode => ({
  inode,
  id: null,
  role: 'anonymous',
  names: [],
  mounts: [],
  pids: [],
  nsid: null,
  owners: [],
  holders: [],
  ...rest,
})
const owner = (runtime: string, name: string, id: string, rest: Partial<Owner> = {}): Owner => ({
  runtime,
  name,
  id,
  labels: {},
  ...rest,
})
const network = (name: string, namespace: string | null): Network => ({
  runtime: 'docker',
  id: `${name}-id`,
  name,
  driver: namespace === null ? 'bridge' : 'overlay',
  subnets: [],
  namespace,
  bridge: null,
  members: [],
})
const graphOf = (namespaces: NamespaceNode[], networks: Network[] = []): Graph => ({
  schema: 'netwright/graph/v1',
  host: 'test',
  takenAt: '2026-01-01T00:00:00Z',
  namespaces,
  interfaces: [],
  links: [],
  networks,
  warnings: [],
})

const world = graphOf(
  [
    node('1', { role: 'host', pids: [1, 900] }),
    node('2', { role: 'container', pids: [50], owners: [owner('docker', 'web', 'ab12'.repeat(16))] }),
    node('3', { role: 'container', pids: [60], owners: [owner('docker', 'db', 'ab99'.repeat(16))] }),
    node('4', { role: 'named', names: ['web', 'blue'] }),
    node('5', {
      role: 'overlay',
      mounts: ['/run/docker/netns/1-x'],
      owners: [owner('docker', 'backend', 'bb77', { network: 'backend' })],
    }),
    node('6', { role: 'loadbalancer', owners: [owner('docker', 'lb-backend', 'bb77', { network: 'backend' })] }),
    node('7', {
      role: 'container',
      owners: [
        owner('docker', 'clab-fabric-leaf1', 'cd', { labels: { containerlab: 'fabric', 'clab-node-name': 'leaf1' } }),
      ],
    }),
    node('8', { role: 'sandbox', owners: [owner('netwright', 'box', 's1')] }),
    node('9', { holders: [{ kind: 'thread', pid: 900, tid: 901 }] }),
    node('10', { role: 'container', owners: [owner('podman', 'mail', 'ee')] }),
    node('11', { role: 'container', owners: [owner('docker', 'twin', 'f1'.repeat(32))] }),
    node('12', { role: 'container', owners: [owner('docker', 'twin', 'f2'.repeat(32))] }),
  ],
  [network('backend', '5'), network('bridge', null)],
)
const resolve = (word: string): string =>
  resolveTarget(word, world, (path) => (path === '/some/file' ? '4' : undefined)).inode

test.each([
  ['host', '1'],
  ['ns:web', '4'],
  ['pid:50', '2'],
  ['pid:901', '9'],
  ['inode:9', '9'],
  ['path:/run/docker/netns/1-x', '5'],
  ['path:/some/file', '4'],
  ['docker:web', '2'],
  ['docker:ab12', '2'],
  ['docker:lb-backend', '6'],
  ['podman:mail', '10'],
  ['lab:fabric/leaf1', '7'],
  ['sandbox:box', '8'],
  ['network:backend', '5'],
])('finds %s', (word, inode) => {
  expect(resolve(word)).toBe(inode)
})

test.each([
  ['blue', '4'],
  ['db', '3'],
  ['mail', '10'],
  ['900', '1'],
  ['/some/file', '4'],
  ['fabric/leaf1', '7'],
  ['box', '8'],
  ['backend', '5'],
])('finds the bare word %s', (word, inode) => {
  expect(resolve(word)).toBe(inode)
})

test('a bare word that means two namespaces is refused and both are named', () => {
  expect(() => resolve('web')).toThrow(TargetAmbiguousError)
  expect(() => resolve('web')).toThrow('web is ambiguous: ns:web (namespace 4), docker:web (namespace 2); say which')
})

test('containers of the same name are told apart by their ids', () => {
  expect(() => resolve('docker:twin')).toThrow(
    'docker:twin is ambiguous: docker:f1f1f1f1f1f1 (namespace 11), docker:f2f2f2f2f2f2 (namespace 12); say which',
  )
})

test('the beginning of an id that two containers share is ambiguous', () => {
  expect(() => resolve('docker:ab')).toThrow(TargetUnknownError)
  const twins = graphOf([
    node('2', { owners: [owner('docker', 'one', 'abc1'.repeat(16))] }),
    node('3', { owners: [owner('docker', 'two', 'abc9'.repeat(16))] }),
  ])
  expect(() => resolveTarget('docker:abc', twins)).toThrow('docker:one (namespace 2), docker:two (namespace 3)')
})

test('two words for the same namespace are not ambiguous', () => {
  const shared = graphOf([node('2', { names: ['web'], owners: [owner('docker', 'web', 'ab')] })])
  expect(resolveTarget('web', shared)).toMatchObject({ inode: '2', label: 'ns:web' })
})

test('an unknown word is answered with what looks like it', () => {
  expect(() => resolve('docker:wbe')).toThrow(
    'no such target "docker:wbe": docker runs nothing of that name or id; did you mean docker:web?',
  )
  expect(() => resolve('bleu')).toThrow('did you mean ns:blue?')
})

test('a network without a namespace of its own is explained', () => {
  expect(() => resolve('network:bridge')).toThrow('that bridge network has no namespace of its own')
})

test('a word of ten thousand characters makes a short sentence', () => {
  const word = `docker:${'x'.repeat(10_000)}`
  expect(() => resolve(word)).toThrow(TargetUnknownError)
  try {
    resolve(word)
  } catch (error) {
    expect((error as Error).message.length).toBeLessThan(300)
  }
})
