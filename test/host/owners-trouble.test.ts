/** Daemons that are slow, broken, lying or hostile: each costs at most the deadline and one sentence. */
import { expect, test } from 'vitest'
import { askOwners } from '../../src/host/owners/ask-owners.ts'
import { dockerSource } from '../../src/host/owners/docker/docker-source.ts'
import { EngineClient } from '../../src/host/owners/docker/engine-client.ts'
import type { OwnerEvidence } from '../../src/host/owners/owner-source.ts'
import { controlGroupOf } from '../../src/kernel/proc/index.ts'
import { answering, startFakeDaemon } from '../support/fake-daemon.ts'

const ID = 'a'.repeat(64)

/** Evidence of dockerd processes with these sockets. Our own process and its parent stand for them: they see the same files. */
function daemonsAt(...paths: string[]): OwnerEvidence {
  const pids = [process.pid, process.ppid]
  return {
    processes: [{ pid: 7, inode: '4026539999', command: 'sh', cgroup: `${controlGroupOf(process.pid)}/docker/${ID}` }],
    daemons: paths.map((path, i) => ({
      pid: pids[i] ?? 0,
      command: 'dockerd',
      arguments: ['dockerd', '-H', `unix://${path}`],
    })),
    mounts: [],
  }
}

const container = { Id: ID, Names: ['/web'], HostConfig: { NetworkMode: 'bridge' }, NetworkSettings: { Networks: {} } }

test('a daemon that never answers costs the deadline and one warning that names its socket, and is let go', async () => {
  await using silent = await startFakeDaemon(() => {})
  const begin = performance.now()
  const answer = await askOwners(daemonsAt(silent.path), [dockerSource({})], { deadlineMilliseconds: 300 })
  expect(performance.now() - begin).toBeLessThan(1000)
  expect(answer.claims).toEqual([])
  expect(answer.warnings).toHaveLength(1)
  expect(answer.warnings[0]).toContain('did not answer in time')
  expect(answer.warnings[0]).toContain(`docker at unix://${silent.path}`)
  await expect.poll(() => silent.connections()).toBe(0)
})

test('a daemon that answers byte by byte without end is cut off as well', async () => {
  await using dripping = await startFakeDaemon((_, socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n[')
    const timer = setInterval(() => socket.write(' '), 5)
    socket.on('close', () => clearInterval(timer))
  })
  const answer = await askOwners(daemonsAt(dripping.path), [dockerSource({})], { deadlineMilliseconds: 200 })
  expect(answer.warnings).toEqual([expect.stringContaining('did not answer in time')])
  await expect.poll(() => dripping.connections()).toBe(0)
})

test('a slow daemon does not cost the answer of a good one', async () => {
  await using silent = await startFakeDaemon(() => {})
  await using good = await startFakeDaemon(answering({ '/containers/json': [container], '/networks': [] }))
  const evidence = daemonsAt(silent.path, good.path)
  const answer = await askOwners(evidence, [dockerSource({})], { deadlineMilliseconds: 300 })
  expect(answer.claims.map(({ owner }) => owner.name)).toEqual(['web'])
  expect(answer.warnings).toEqual([expect.stringContaining(silent.path)])
})

test("time in which this thread is busy is not the daemon's fault", async () => {
  await using good = await startFakeDaemon(answering({ '/containers/json': [container], '/networks': [] }))
  const asking = askOwners(daemonsAt(good.path), [dockerSource({})], { deadlineMilliseconds: 200 })
  await new Promise((resolve) => setImmediate(resolve))
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500)
  expect((await asking).claims.map(({ owner }) => owner.name)).toEqual(['web'])
})

const broken: [string, string, Parameters<typeof startFakeDaemon>[0]][] = [
  ['speaks no HTTP', 'not HTTP', (_, socket) => socket.end('\0\x01\x02 garbage\r\n\r\n')],
  ['hangs up', 'hung up', (_, socket) => socket.destroy()],
  ['hangs up in the middle', 'hung up', (_, socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n[')],
  ['answers with an error', 'status 500', (_, socket) => socket.end('HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n')],
  ['answers with half a document', 'not JSON', (_, socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n[{"Id":')],
  ['answers with another document', 'list of containers', answering({ '/containers/json': {}, '/networks': [] })],
]

test.each(broken)('a daemon that %s is one warning that says so', async (_, reason, react) => {
  await using daemon = await startFakeDaemon(react)
  const answer = await askOwners(daemonsAt(daemon.path), [dockerSource({})])
  expect(answer.claims).toEqual([])
  expect(answer.warnings).toEqual([expect.stringContaining(reason)])
  expect(answer.warnings[0]).toContain(daemon.path)
})

test('an answer without end is refused at the limit', async () => {
  const spaces = Buffer.alloc(65536, ' ')
  await using endless = await startFakeDaemon((_, socket) => {
    const fill = (): void => {
      while (socket.write(spaces));
    }
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    socket.on('drain', fill)
    fill()
  })
  const { signal } = new AbortController()
  const client = await EngineClient.open({ socketPath: endless.path }, { signal, maximumBytes: 1_000_000 })
  await expect(client.get('/networks')).rejects.toThrow('more than 1000000 bytes')
  client.close()
  await expect.poll(() => endless.connections()).toBe(0)
})

test('names of any length and bytes are cut and otherwise left as they are', async () => {
  const evil = `\x1b]0;owned\x07${'\u202e'.repeat(10_000)}`
  const labels = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`label-${i}`, 'x'.repeat(10_000)]))
  const hostile = { ...container, Names: [`/${evil}`], Labels: { ...labels, ['__proto__']: 'polluted' } }
  await using daemon = await startFakeDaemon(answering({ '/containers/json': [hostile], '/networks': [] }))
  const { claims } = await askOwners(daemonsAt(daemon.path), [dockerSource({})])
  expect(claims[0]?.owner.name).toBe(`/${evil}`.slice(1, 256))
  expect(JSON.stringify(claims).length).toBeLessThan(128 * 5000)
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
})

test('elements without an id are left out, and counted in one warning', async () => {
  const containers = [container, 7, null, { Id: 3 }, { Id: '' }]
  await using daemon = await startFakeDaemon(answering({ '/containers/json': containers, '/networks': [] }))
  const answer = await askOwners(daemonsAt(daemon.path), [dockerSource({})])
  expect(answer.claims.map(({ owner }) => owner.name)).toEqual(['web'])
  expect(answer.warnings).toEqual([expect.stringContaining('4 containers without an id')])
})

test('containers that cannot be placed are inspected, in bounded number, and refusals do no harm', async () => {
  const ids = Array.from({ length: 400 }, (_, i) => i.toString(16).padStart(64, 'b'))
  const containers = ids.map((Id) => ({ ...container, Id }))
  await using daemon = await startFakeDaemon(answering({ '/containers/json': containers, '/networks': [] }))
  const warnings: Error[] = []
  const hear = (warning: Error): void => void warnings.push(warning)
  process.on('warning', hear)
  const answer = await askOwners(daemonsAt(daemon.path), [dockerSource({})])
  process.off('warning', hear)
  expect(answer.claims).toEqual([])
  expect(answer.warnings).toEqual([])
  expect(daemon.requests.filter((path) => path.startsWith('/containers/bbb'))).toHaveLength(256)
  expect(warnings).toEqual([])
})

test('DOCKER_HOST that leads nowhere is told, an absent default daemon is not', async () => {
  const nobody: OwnerEvidence = { processes: [], daemons: [], mounts: [] }
  const ask = (DOCKER_HOST: string, more = {}) => askOwners(nobody, [dockerSource({ DOCKER_HOST, ...more })])
  expect((await ask('unix:///nowhere/docker.sock')).warnings).toEqual([expect.stringContaining('cannot be reached')])
  expect((await ask('tcp://127.0.0.1:1')).warnings).toEqual([expect.stringContaining('cannot be reached')])
  expect((await ask('ssh://host')).warnings).toEqual([expect.stringContaining('only unix:// and tcp://')])
  expect((await ask('tcp://127.0.0.1:2376', { DOCKER_TLS_VERIFY: '1' })).warnings).toEqual([
    expect.stringContaining('wants TLS'),
  ])
})

test('two sockets of one process are one daemon', async () => {
  await using first = await startFakeDaemon(answering({ '/containers/json': [container], '/networks': [] }))
  await using second = await startFakeDaemon(answering({ '/containers/json': [container], '/networks': [] }))
  const evidence = daemonsAt(first.path)
  const both = {
    ...evidence,
    daemons: evidence.daemons.map((daemon) => ({
      ...daemon,
      arguments: ['dockerd', `-H=unix://${first.path}`, '--host', `unix://${second.path}`],
    })),
  }
  await askOwners(both, [dockerSource({})])
  expect(first.requests.length).toBeGreaterThan(0)
  expect(second.requests).toEqual([])
})
