/** What the notes and files of runtimes tell, without a kernel. */
import { expect, test } from 'vitest'
import { parseMonitor } from './conmon.ts'
import { dockerTraces } from './docker/docker-traces.ts'
import { withOwnersFromLabels } from './from-labels.ts'
import { kubernetesPod } from './kubernetes.ts'
import { parseBundle } from './oci-bundle.ts'
import type { OwnedProcess, OwnerClaim } from './owner-source.ts'
import { parseCniList, parseNetavarkNetwork } from './podman-networks.ts'
import { oldestProcessSource } from './process.ts'

const ID = 'd'.repeat(64)
const { signal } = new AbortController()

function containerClaim(labels: Record<string, string>): OwnerClaim {
  return { inode: '1', role: 'container', owner: { runtime: 'docker', id: ID, name: 'clab-dc-leaf1', labels } }
}

test("a container of containerlab's is a lab's node as well, and keeps its own name first", () => {
  const claims = withOwnersFromLabels(
    containerClaim({
      containerlab: 'dc',
      'clab-node-name': 'leaf1',
      'clab-node-kind': 'linux',
      'clab-node-group': 'x',
    }),
  )
  expect(claims.map(({ role, owner }) => [role, owner.runtime, owner.id, owner.name])).toEqual([
    ['lab-node', 'docker', ID, 'clab-dc-leaf1'],
    ['lab-node', 'containerlab', 'dc/leaf1', 'leaf1'],
  ])
  expect(withOwnersFromLabels(containerClaim({ containerlab: 'dc' }))).toHaveLength(1)
})

test.each([
  [
    'containerd',
    {
      'io.kubernetes.cri.sandbox-name': 'api-0',
      'io.kubernetes.cri.sandbox-namespace': 'prod',
      'io.kubernetes.cri.sandbox-uid': 'u1',
    },
  ],
  [
    'CRI-O and dockershim',
    { 'io.kubernetes.pod.name': 'api-0', 'io.kubernetes.pod.namespace': 'prod', 'io.kubernetes.pod.uid': 'u1' },
  ],
])('a pod is named before its containers, by the notes of %s', (_, notes) => {
  const claims = withOwnersFromLabels(containerClaim(notes))
  expect(claims.map(({ owner }) => [owner.runtime, owner.id, owner.name])).toEqual([
    ['kubernetes', 'u1', 'prod/api-0'],
    ['docker', ID, 'clab-dc-leaf1'],
  ])
  expect(claims[0]?.owner.labels).toEqual(notes)
})

test('notes that tell of no pod', () => {
  expect(kubernetesPod({})).toBeUndefined()
  expect(kubernetesPod({ 'io.kubernetes.pod.namespace': 'prod' })).toBeUndefined()
  expect(kubernetesPod({ 'io.kubernetes.pod.name': '' })).toBeUndefined()
})

test("a monitor's arguments, as Podman 4.3 gives them", () => {
  const argv = [
    '/usr/bin/conmon',
    '--api-version',
    '1',
    '-c',
    ID,
    '-u',
    ID,
    '-r',
    '/usr/bin/runc',
    '-b',
    '/data/userdata',
    '-n',
    'web',
  ]
  const cleanUp = [
    '--root',
    '/data',
    '--network-config-dir',
    '',
    '--network-backend',
    'cni',
    'container',
    'cleanup',
    ID,
  ]
  const passed = cleanUp.flatMap((argument) => ['--exit-command-arg', argument])
  expect(parseMonitor(9, [...argv, '--exit-command', '/usr/bin/podman', ...passed])).toEqual({
    monitor: 9,
    id: ID,
    name: 'web',
    bundle: '/data/userdata',
    storageRoot: '/data',
    networkBackend: 'cni',
    networkDirectory: undefined,
  })
})

test('a monitor that names no container is passed over; one without a name is called by the id', () => {
  for (const argv of [[], ['conmon', '-c'], ['conmon', '-c', '../../etc'], ['conmon', '-c', ID.slice(1)]]) {
    expect(parseMonitor(9, argv)).toBeUndefined()
  }
  expect(parseMonitor(9, ['conmon', '-c', ID])?.name).toBe('dddddddddddd')
  expect(parseMonitor(9, ['conmon', '-c', ID, '-n', 'x'.repeat(10_000)])?.name).toHaveLength(256)
})

test("a bundle's annotations, and whether its network namespace is its own", () => {
  const bundle = (namespaces: unknown) =>
    parseBundle(
      JSON.stringify({ ociVersion: '1.0.2', hostname: 'h', annotations: { a: 'b', c: 7 }, linux: { namespaces } }),
    )
  expect(bundle([{ type: 'network', path: '/run/netns/netns-1' }])).toEqual({
    annotations: { a: 'b' },
    hostname: 'h',
    network: 'private',
  })
  expect(bundle([{ type: 'network' }])?.network).toBe('private')
  expect(bundle([{ type: 'network', path: '/proc/77/ns/net' }])?.network).toBe('joined')
  expect(bundle([{ type: 'pid' }])?.network).toBe('host')
  for (const broken of ['', '{', '7', '[]', '{"linux":{}}']) expect(parseBundle(broken)).toBeUndefined()
})

test("netavark's networks", () => {
  const network = {
    name: 'shop',
    id: ID,
    driver: 'bridge',
    network_interface: 'podman1',
    subnets: [{ subnet: '10.89.0.0/24', gateway: '10.89.0.1' }, 7],
  }
  expect(parseNetavarkNetwork(JSON.stringify(network))).toEqual({
    id: ID,
    name: 'shop',
    driver: 'bridge',
    subnets: ['10.89.0.0/24'],
    bridgeName: 'podman1',
  })
  expect(parseNetavarkNetwork(JSON.stringify({ ...network, driver: 'macvlan' }))?.bridgeName).toBeNull()
  for (const broken of ['', '{}', '[]', 'null', '{"name":7}']) expect(parseNetavarkNetwork(broken)).toBeUndefined()
})

test("CNI's networks", () => {
  const ranges = [[{ subnet: '10.97.0.0/24', gateway: '10.97.0.1' }], [{ subnet: 'fd00::/64' }], 7]
  const list = {
    cniVersion: '0.4.0',
    name: 'pnet',
    plugins: [{ type: 'bridge', bridge: 'cni-podman1', ipam: { ranges } }, { type: 'portmap' }],
  }
  expect(parseCniList(JSON.stringify(list))).toEqual({
    id: 'pnet',
    name: 'pnet',
    driver: 'bridge',
    subnets: ['10.97.0.0/24', 'fd00::/64'],
    bridgeName: 'cni-podman1',
  })
  for (const broken of ['', '{}', '{"name":"x","plugins":[]}', '{"name":"x","plugins":7}'])
    expect(parseCniList(broken)).toBeUndefined()
})

test("Docker's mounts tell roles when the daemon is gone", async () => {
  const mounts = ['default', 'ingress_sbox', '1-povttvslnq', 'lb_ar41maqss', '65c66ebfaa09', 'else'].map((name, i) => ({
    inode: String(i),
    path: `/run/docker/netns/${name}`,
    reachable: `/run/docker/netns/${name}`,
  }))
  const { claims } = await dockerTraces().ask({ processes: [], daemons: [], mounts }, signal)
  expect(claims.map(({ inode, role, owner }) => [inode, role, owner.name, owner.network])).toEqual([
    ['1', 'ingress', 'ingress-sbox', 'ingress'],
    ['2', 'overlay', 'povttvslnq', 'povttvslnq'],
    ['3', 'loadbalancer', 'lb-ar41maqss', 'ar41maqss'],
    ['4', 'container', '65c66ebfaa09', undefined],
  ])
})

test('the oldest process is the one that was started first, whatever its number', async () => {
  const processes: OwnedProcess[] = [3, 1, 2].map((pid) => ({ pid, inode: '1', command: `c${pid}`, cgroup: '/' }))
  const ask = async (starts: Record<number, number>) => {
    const { claims } = await oldestProcessSource((pid) => starts[pid]).ask(
      { processes, daemons: [], mounts: [] },
      signal,
    )
    return claims.map(({ role, owner }) => [role, owner.id, owner.name])
  }
  expect(await ask({ 1: 900, 2: 900, 3: 5 })).toEqual([['anonymous', '3', 'c3']])
  // Those that ended meanwhile are not preferred; of equals, the lower number.
  expect(await ask({ 2: 7, 3: 7 })).toEqual([['anonymous', '2', 'c2']])
  expect(await ask({})).toEqual([['anonymous', '1', 'c1']])
})
