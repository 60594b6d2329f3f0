/** Two nodes of a real Docker swarm: an overlay that is well gives no finding, and entries that are lost are named. */
import { execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { examine, type Finding, readIntent, takeScene } from '../../src/diagnose/index.ts'
import { type Dockerd, IMAGE, startDockerd } from '../support/dockerd.ts'

const NETWORK = 'nwt-doctor-ov'
let manager: Dockerd
let worker: Dockerd

beforeAll(async () => {
  manager = await startDockerd({ swarm: true })
  worker = await startDockerd({ joins: manager })
  manager.run('network', 'create', '--driver', 'overlay', '--attachable', NETWORK)
  manager.run('run', '--detach', '--name', 'near', '--network', NETWORK, IMAGE, 'sleep', '600')
  worker.run('run', '--detach', '--name', 'far', '--network', NETWORK, IMAGE, 'sleep', '600')
})
afterAll(async () => {
  await worker?.stop()
  await manager?.stop()
})

interface Look {
  readonly troubles: readonly Finding[]
  /** Entries of the manager’s overlay that lead to the worker: a path to the namespace, the MAC and where it is. */
  readonly entries: readonly {
    readonly path: string
    readonly device: string
    readonly mac: string
    readonly remote: string
  }[]
}

async function look(): Promise<Look> {
  const scene = await takeScene({ ownerDeadline: 10_000 })
  try {
    const daemons = [manager, worker]
    const ours = scene
      .places()
      .filter(
        ({ node }) =>
          node.pids.some((pid) => daemons.some((daemon) => daemon.owns(pid))) ||
          daemons.some(
            (daemon) =>
              node.names.includes(daemon.namespace) ||
              node.mounts.some((path) => path.startsWith(`/proc/${daemon.pid}/`)),
          ),
      )
    const own = new Set(ours.map(({ inode }) => inode))
    const { findings } = await examine(scene, { intent: await readIntent(scene.graph, { deadline: 10_000 }) })
    const overlay = ours.filter(({ node }) => node.owners.some(({ network }) => network === NETWORK))
    return {
      troubles: findings.filter(({ subject, severity }) => severity !== 'info' && own.has(String(subject.namespace))),
      entries: overlay.flatMap((place) =>
        place.forwarding.flatMap(({ index, lladdr, destination }) =>
          destination === worker.address && lladdr !== undefined
            ? [
                {
                  path: place.node.mounts[0]!,
                  device: place.link(index)?.name ?? 'vxlan0',
                  mac: lladdr,
                  remote: destination,
                },
              ]
            : [],
        ),
      ),
    }
  } finally {
    scene.close()
  }
}

/** What gossip has not told yet is not there yet. */
async function untilTold(): Promise<Look> {
  const end = Date.now() + 20_000
  for (;;) {
    const seen = await look()
    if ((seen.entries.length > 0 && seen.troubles.length === 0) || Date.now() > end) return seen
    await sleep(200)
  }
}

test('an overlay that is well, and one whose entries are lost', { timeout: 90_000 }, async () => {
  const well = await untilTold()
  expect(well.troubles).toEqual([])
  expect(well.entries).not.toEqual([])

  for (const { path, device, mac, remote } of well.entries) {
    execFileSync('nsenter', [`--net=${path}`, 'bridge', 'fdb', 'del', mac, 'dev', device, 'dst', remote, 'self'])
  }
  const { troubles } = await look()
  expect(new Set(troubles.map(({ code }) => code))).toEqual(new Set(['fdb-missing']))
  for (const command of troubles.flatMap(({ fix }) => fix?.commands ?? [])) execFileSync('bash', ['-c', command])
  expect((await look()).troubles).toEqual([])
})
