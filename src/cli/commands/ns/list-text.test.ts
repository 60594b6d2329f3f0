import { expect, test } from 'vitest'
import type { Graph, InterfaceNode, NameReport, NamespaceNode } from '../../../host/index.ts'
import { heldBy, namespaceTable, staleNames } from './list-text.ts'

const node = (rest: Partial<NamespaceNode>): NamespaceNode => ({
  inode: '4026532000',
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
const link = (rest: Partial<InterfaceNode>): InterfaceNode => ({
  id: '4026532000/2',
  namespace: '4026532000',
  index: 2,
  name: 'eth0',
  kind: 'veth',
  mac: null,
  mtu: 1500,
  up: true,
  carrier: true,
  addresses: [],
  master: null,
  details: {},
  ...rest,
})
const graphOf = (namespaces: NamespaceNode[], interfaces: InterfaceNode[] = []): Graph => ({
  schema: 'netwright/graph/v1',
  host: 'test',
  takenAt: '2026-01-01T00:00:00Z',
  namespaces,
  interfaces,
  links: [],
  networks: [],
  warnings: [],
})
const report = (rest: Partial<NameReport>): NameReport => ({
  name: 'web',
  condition: 'live',
  stale: false,
  attached: false,
  inode: null,
  summary: '',
  rightful: null,
  obstacle: null,
  entry: { name: 'web', kind: 'mount', namespace: undefined, link: undefined },
  ...rest,
})
const plain = (_style: unknown, text: string): string => text
const lines = (graph: Graph, names: NameReport[] = []): string[] => namespaceTable(graph, names, plain).split('\n')

test('a line says whose a namespace is, what holds it and what is in it', () => {
  const web = node({
    role: 'container',
    pids: [4711, 4712],
    names: ['web'],
    mounts: ['/run/netns/web', '/run/docker/netns/ab'],
    owners: [{ runtime: 'docker', id: 'ab', name: 'web', labels: {} }],
  })
  const links = [
    link({ name: 'lo' }),
    link({ addresses: ['172.17.0.2/16', 'fe80::1/64'] }),
    link({ name: 'eth1', up: false }),
  ]
  expect(lines(graphOf([web], links))[1]).toBe(
    'docker:web  container  4026532000  4711 +1    /run/netns/web, +1  eth0 172.17.0.2/16, eth1 down',
  )
})

test('a name that is stale is marked where it stands, and explained below', () => {
  const stale = report({ stale: true, summary: 'it is a link to process 7, which is no more' })
  expect(lines(graphOf([node({ names: ['web'] })]), [stale])[1]).toContain('/run/netns/web (stale)')
  expect(staleNames([stale], plain)).toBe(
    '\nStale names in /run/netns (netwright ns repair mends them):\n  web: it is a link to process 7, which is no more\n',
  )
  expect(staleNames([report({})], plain)).toBe('')
})

test('every holder is told once, whichever mount namespace it was seen in', () => {
  const holders = [
    { kind: 'mount', pid: 900, command: 'dockerd', path: '/run/docker/netns/ab' },
    { kind: 'thread', pid: 7, tid: 8, command: 'router' },
    { kind: 'socket', pid: 9, fd: 3 },
    { kind: 'socket', pid: 9, fd: 5 },
    { kind: 'neighbour', interface: '1/2' },
  ] as const
  expect(heldBy(node({ mounts: ['/proc/900/root/run/docker/netns/ab'], holders }))).toEqual([
    'mount /run/docker/netns/ab',
    'thread 8 of router (7)',
    'sockets 3 5 of process 9',
    'link 1/2',
  ])
})

test('of a namespace that only a link leads to, the list says which link', () => {
  const blue = node({ inode: '7', names: ['blue'] })
  const behind = node({ inode: 'behind:7/2', holders: [{ kind: 'neighbour', interface: '7/2' }] })
  const line = lines(graphOf([blue, behind], [link({ id: '7/2', namespace: '7', name: 'near0' })]))[2]
  expect(line).toBe('inode:behind:7/2  anonymous  -      -          link near0 of ns:blue  -')
})

test('in a narrow terminal a line tells less, and paths are cut in the middle', () => {
  const web = node({
    role: 'container',
    pids: [4711],
    owners: [{ runtime: 'docker', id: 'ab', name: 'web', labels: {} }],
  })
  const pinned = node({ inode: '4026532001', mounts: ['/run/docker/netns/1-ab34cd56ef'] })
  const links = [link({ addresses: ['172.17.0.2/16'] }), link({ name: 'eth1' })]
  expect(namespaceTable(graphOf([web, pinned], links), [], plain, 80).split('\n')).toEqual([
    'NAMESPACE         INODE       HELD BY                   INTERFACES',
    'docker:web        4026532000  process 4711              eth0 172.17.0.2/16, +1',
    'inode:4026532001  4026532001  mount /run/d…-ab34cd56ef  -',
    '',
  ])
})

test('a name of ten thousand bytes with terminal commands in it neither widens the table nor reaches the terminal', () => {
  const name = `\u001b[2J${'x'.repeat(10_000)}\u202e`
  const hostile = node({ names: [name], owners: [{ runtime: 'docker', id: 'ab', name, labels: {} }] })
  const text = namespaceTable(graphOf([hostile], [link({ name })]), [], plain)
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(500)
})
