/** `netwright map` of two real Docker daemons, each in its own network namespace with its own mounts, in one swarm. */
import { execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Graph } from '../../src/host/index.ts'
import { type Dockerd, IMAGE, startDockerd } from '../support/dockerd.ts'
import { runProgram } from '../support/program.ts'
import { schemaFaults } from '../support/schema.ts'

let manager: Dockerd | undefined
let worker: Dockerd | undefined
/** Part of every container's and network's name, so that those of other daemons on this machine are not meant. */
const own = `m${process.pid}`

const start = (docker: Dockerd, name: string, network: string) =>
  docker.run('run', '--detach', '--name', `${own}-${name}`, '--network', `${own}-${network}`, IMAGE, 'sleep', '1000')

beforeAll(async () => {
  manager = await startDockerd({ swarm: true })
  worker = await startDockerd({ joins: manager })
  manager.run('network', 'create', `${own}-shop`)
  for (const name of ['web', 'db', 'cache']) start(manager, name, 'shop')
  manager.run('network', 'create', '--driver', 'overlay', '--attachable', `${own}-back`)
  for (const name of ['api', 'queue']) start(manager, name, 'back')
  start(worker, 'far', 'back')
  await untilTunnelsAreKnown()
})

afterAll(async () => {
  await worker?.stop()
  await manager?.stop()
})

/** The daemons tell each other of their containers some time after these have started: each one of those of the other. */
async function untilTunnelsAreKnown(): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const tunnels = graphNow().links.filter((link) => link.kind === 'vxlan' && Number(link.details['entries']) >= 2)
    const remotes = new Set(tunnels.map((link) => link.details['remote']))
    if (remotes.has(worker!.address) && remotes.has(manager!.address)) return
    await sleep(200)
  }
  throw new Error('the daemons never told each other of their containers')
}

const graphNow = (): Graph => JSON.parse(runProgram(['map', '--json']).answer)
const treeOf = (target: string) =>
  runProgram(['map', target], { environment: { LC_ALL: 'C.UTF-8' } }).answer.split('\n')

/**
 * The part of a tree that names this container. Both daemons' namespaces of one overlay network are drawn, under one name: which
 * of them comes first follows from their inode numbers.
 */
function partWith(container: string, lines: readonly string[]): string[] {
  const parts = lines.join('\n').split('\n\n')
  return parts.find((part) => part.includes(`eth0 of ${container} (docker)`))!.split('\n')
}

test('each container of a bridge network is named at its port, with the name of its host end', () => {
  const lines = treeOf(`docker:${own}-web`)
  expect(lines.find((line) => line.includes('bridge'))).toContain(`network ${own}-shop (docker)`)
  for (const name of ['web', 'db', 'cache']) {
    const line = lines.find((candidate) => candidate.includes(`eth0 of ${own}-${name} (docker)`))!
    const [, port] = /(veth\w+) +── eth0/.exec(line)!
    const inside = manager!.run('exec', `${own}-${name}`, 'cat', '/sys/class/net/eth0/iflink').trim()
    const outside = execFileSync('ip', ['-n', manager!.namespace, '-j', 'link', 'show', 'dev', port!], {
      encoding: 'utf8',
    })
    expect(String(JSON.parse(outside)[0].ifindex)).toBe(inside)
  }
})

test('the overlay’s namespace is drawn with its bridge, VXLAN id, underlay and the other daemon as tunnel end', () => {
  const lines = partWith(`${own}-queue`, treeOf(`docker:${own}-api`))
  expect(lines[0]).toContain(`overlay ${own}-back (docker)`)
  expect(lines[1]).toMatch(/└─ br0 +bridge 10\./)
  expect(lines.find((line) => line.includes(`eth0 of ${own}-queue (docker)`))).toMatch(/ 10\.\d+\.\d+\.\d+\/24$/)
  expect(lines.find((line) => line.includes('vxlan id'))).toMatch(/vxlan0 +vxlan id \d+, port 4789, over uplink0 of /)
  const tunnels = lines.filter((line) => line.includes('⇢'))
  expect(tunnels).toHaveLength(1)
  expect(tunnels[0]).toContain(`⇢ ${worker!.address} ── vxlan0 of overlay ${own}-back (docker)`)
})

test('the document joins both daemons’ overlays and follows its schema', () => {
  const graph = graphNow()
  expect(schemaFaults('graph', graph)).toEqual([])
  const overlays = graph.namespaces.filter((node) =>
    node.owners.some((owner) => owner.network === `${own}-back` && node.role === 'overlay'),
  )
  expect(overlays).toHaveLength(2)
  const inodes = overlays.map((node) => node.inode)
  const tunnel = graph.links.find(
    (link) => link.kind === 'vxlan' && inodes.some((inode) => link.from.startsWith(`${inode}/`)),
  )
  expect(inodes.some((inode) => tunnel?.to?.startsWith(`${inode}/`))).toBe(true)
})
