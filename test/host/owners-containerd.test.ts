/**
 * containerd's claims. The bundles are recorded ones, cut down to what is read: with the annotations that its Kubernetes
 * plugin and nerdctl write. Our own process stands for the shim, which sees the same files.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { askOwners } from '../../src/host/owners/ask-owners.ts'
import { defaultSources } from '../../src/host/owners/default-sources.ts'
import type { OwnedProcess, OwnerEvidence } from '../../src/host/owners/owner-source.ts'

const PAUSE = '1'.repeat(64)
const APP = '2'.repeat(64)
const NERD = '3'.repeat(64)
const DOCKERS = '4'.repeat(64)

let state: string
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'nwt-containerd-'))
})
afterEach(() => rmSync(state, { recursive: true, force: true }))

function writeBundle(namespace: string, id: string, annotations: Record<string, string>, hostname = ''): void {
  const directory = join(state, 'io.containerd.runtime.v2.task', namespace, id)
  mkdirSync(directory, { recursive: true })
  const linux = { namespaces: [{ type: 'network', path: '/var/run/netns/cni-1' }] }
  writeFileSync(join(directory, 'config.json'), JSON.stringify({ ociVersion: '1.1.0', hostname, annotations, linux }))
}

function shimOf(namespace: string, id: string): OwnerEvidence['daemons'][number] {
  const address = join(state, 'containerd.sock')
  const argv = ['/usr/bin/containerd-shim-runc-v2', '-namespace', namespace, '-id', id, '-address', address]
  return { pid: process.pid, command: 'containerd-shim', arguments: argv }
}

function processIn(inode: string, cgroup: string): OwnedProcess {
  return { pid: 7, inode, command: 'app', cgroup }
}

async function ask(processes: OwnedProcess[], daemons: OwnerEvidence['daemons']) {
  const answer = await askOwners({ processes, daemons, mounts: [] }, defaultSources({}))
  return answer.claims.map(({ inode, role, owner }) => [inode, role, owner.runtime, owner.name])
}

const pod = {
  'io.kubernetes.cri.sandbox-id': PAUSE,
  'io.kubernetes.cri.sandbox-name': 'api-0',
  'io.kubernetes.cri.sandbox-namespace': 'prod',
  'io.kubernetes.cri.sandbox-uid': '8f4c0b5e',
}

test('a pod is told once, before its containers, the one that only holds its namespaces last', async () => {
  writeBundle('k8s.io', PAUSE, { ...pod, 'io.kubernetes.cri.container-type': 'sandbox' }, 'api-0')
  writeBundle('k8s.io', APP, {
    ...pod,
    'io.kubernetes.cri.container-type': 'container',
    'io.kubernetes.cri.container-name': 'server',
  })
  const slice = '/kubepods.slice/kubepods-pod8f4c0b5e.slice'
  const processes = [PAUSE, APP].map((id) => processIn('10', `${slice}/cri-containerd-${id}.scope`))
  expect(await ask(processes, [shimOf('k8s.io', PAUSE)])).toEqual([
    ['10', 'container', 'kubernetes', 'prod/api-0'],
    ['10', 'container', 'containerd', 'server'],
    ['10', 'container', 'containerd', 'pause'],
  ])
})

test("a container of nerdctl's has the name that its user gave; another client's the host name, or its id", async () => {
  writeBundle('default', NERD, { 'nerdctl/name': 'web' }, 'abc')
  expect(await ask([processIn('10', `/default/${NERD}`)], [shimOf('default', NERD)])).toEqual([
    ['10', 'container', 'containerd', 'web'],
  ])
  writeBundle('default', APP, {}, 'abc')
  expect(await ask([processIn('10', `/default/${APP}`)], [shimOf('default', APP)])).toEqual([
    ['10', 'container', 'containerd', 'abc'],
  ])
})

test("the containers that Docker runs through containerd are Docker's, even when it cannot be asked", async () => {
  writeBundle('moby', DOCKERS, {}, 'abc')
  expect(await ask([processIn('10', `/docker/${DOCKERS}`)], [shimOf('moby', DOCKERS)])).toEqual([
    ['10', 'container', 'docker', '444444444444'],
  ])
})

test('a bundle that is broken or gone leaves what the control group tells', async () => {
  const slice = '/kubepods.slice/kubepods-pod1.slice'
  const process = processIn('10', `${slice}/cri-containerd-${APP}.scope`)
  const unnamed = [['10', 'container', 'containerd', '222222222222']]
  expect(await ask([process], [shimOf('k8s.io', APP)])).toEqual(unnamed)
  writeBundle('k8s.io', APP, {})
  writeFileSync(join(state, 'io.containerd.runtime.v2.task/k8s.io', APP, 'config.json'), '{"ociVersion":')
  expect(await ask([process], [shimOf('k8s.io', APP)])).toEqual(unnamed)
})

test("a shim's arguments cannot lead out of the state directory", async () => {
  writeBundle('default', APP, { 'nerdctl/name': 'web' })
  const shim = shimOf('../io.containerd.runtime.v2.task/default', APP)
  expect(await ask([processIn('10', `/default/${APP}`)], [shim])).toEqual([['10', 'anonymous', 'process', 'app']])
})
