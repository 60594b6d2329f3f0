import { expect, test } from 'vitest'
import type { NamespaceRole } from '../graph.ts'
import { askOwners } from './ask-owners.ts'
import type { OwnerAnswer, OwnerClaim, OwnerEvidence, OwnerSource } from './owner-source.ts'

const evidence: OwnerEvidence = {
  processes: [
    { pid: 1, inode: '10', command: 'a', cgroup: '/' },
    { pid: 2, inode: '20', command: 'b', cgroup: '/' },
  ],
  daemons: [],
  mounts: [],
}

function claim(inode: string, runtime: string, role: NamespaceRole = 'container', id = 'id'): OwnerClaim {
  return { inode, role, owner: { runtime, id, name: runtime, labels: {} } }
}

function source(runtime: string, claims: readonly OwnerClaim[], more: Partial<OwnerSource> = {}): OwnerSource {
  return { runtime, ask: async () => ({ claims, networks: [], warnings: [] }), ...more }
}

function told(answer: OwnerAnswer): string[] {
  return answer.claims.map(({ inode, owner }) => `${inode} ${owner.runtime}`)
}

test('several runtimes may own one namespace, in the order of the sources', async () => {
  const answer = await askOwners(evidence, [
    source('docker', [claim('10', 'docker')]),
    source('podman', [claim('10', 'podman')]),
  ])
  expect(told(answer)).toEqual(['10 docker', '10 podman'])
})

test('a last resort is asked about what is left, and its word counts only there', async () => {
  let seen: OwnerEvidence | undefined
  const last: OwnerSource = {
    runtime: 'process',
    lastResort: true,
    async ask(given) {
      seen = given
      return { claims: given.processes.map(({ inode }) => claim(inode, 'process')), networks: [], warnings: [] }
    },
  }
  const answer = await askOwners(evidence, [last, source('docker', [claim('10', 'docker')])])
  expect(seen?.processes.map(({ inode }) => inode)).toEqual(['20'])
  expect(told(answer)).toEqual(['10 docker', '20 process'])
})

test('of last resorts, the first that knows an owner is believed', async () => {
  const systemd = source('systemd', [claim('10', 'systemd')], { lastResort: true })
  const everything: OwnerSource = {
    runtime: 'process',
    lastResort: true,
    ask: async (given) => ({
      claims: given.processes.map(({ inode }) => claim(inode, 'process')),
      networks: [],
      warnings: [],
    }),
  }
  expect(told(await askOwners(evidence, [systemd, everything]))).toEqual(['10 systemd', '20 process'])
})

test('a claim that gives no role stands behind one that does, so that the role is found', async () => {
  const host = source('docker', [claim('10', 'docker', 'anonymous')])
  expect(told(await askOwners(evidence, [host, source('podman', [claim('10', 'podman')])]))).toEqual([
    '10 podman',
    '10 docker',
  ])
})

test('an owner that several sources or containers tell of is named once', async () => {
  const pod = claim('10', 'kubernetes', 'container', 'uid')
  expect(told(await askOwners(evidence, [source('a', [pod, pod]), source('b', [pod])]))).toEqual(['10 kubernetes'])
})

test('of an owner that two sources know, the first word stands, and the second adds to it', async () => {
  const known = claim('10', 'podman')
  const files = { ...known, owner: { ...known.owner, labels: { a: 'first' } } }
  const endpoints = [{ network: 'shop', mac: null, addresses: [] }]
  const api: OwnerClaim = {
    ...known,
    role: 'anonymous',
    endpoints,
    owner: { ...known.owner, name: 'x', labels: { a: 'second', b: 'more' } },
  }
  expect((await askOwners(evidence, [source('files', [files]), source('api', [api])])).claims).toEqual([
    { ...files, endpoints, owner: { ...files.owner, labels: { a: 'first', b: 'more' } } },
  ])
})

test('a source that rejects or throws is one warning; the others count', async () => {
  const rejecting: OwnerSource = { runtime: 'podman', ask: () => Promise.reject(new Error('no disk')) }
  const throwing: OwnerSource = {
    runtime: 'lxc',
    ask: () => {
      throw 'something that is no error'
    },
  }
  const answer = await askOwners(evidence, [rejecting, throwing, source('docker', [claim('10', 'docker')])])
  expect(told(answer)).toEqual(['10 docker'])
  expect(answer.warnings).toEqual([
    'podman cannot be asked: no disk; what it owns has no names here',
    'lxc cannot be asked: something that is no error; what it owns has no names here',
  ])
})

test('a source that never answers is cut off at the deadline, and its signal has ended before', async () => {
  let signal: AbortSignal | undefined
  const deaf: OwnerSource = {
    runtime: 'docker',
    ask(_, given) {
      signal = given
      return new Promise(() => {})
    },
  }
  const begin = performance.now()
  const answer = await askOwners(evidence, [deaf, source('podman', [claim('10', 'podman')])], {
    deadlineMilliseconds: 60,
  })
  expect(performance.now() - begin).toBeLessThan(1000)
  expect(signal?.aborted).toBe(true)
  expect(told(answer)).toEqual(['10 podman'])
  expect(answer.warnings).toEqual(['docker did not answer in time; what it owns has no names here'])
})

test('what a source has when its signal ends still counts', async () => {
  const slow: OwnerSource = {
    runtime: 'docker',
    ask: (_, signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve({ claims: [claim('10', 'docker')], networks: [], warnings: [] }))
      }),
  }
  expect(told(await askOwners(evidence, [slow], { deadlineMilliseconds: 50 }))).toEqual(['10 docker'])
})
