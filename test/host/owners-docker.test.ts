/** Docker's claims, asked of real daemons. */
import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { askOwners } from '../../src/host/owners/ask-owners.ts'
import { dockerSource } from '../../src/host/owners/docker/docker-source.ts'
import type { OwnerAnswer } from '../../src/host/owners/owner-source.ts'
import { type Dockerd, startDockerd } from '../support/dockerd.ts'
import { gatherEvidence, inodeOf } from '../support/owner-evidence.ts'

/** Asks with the evidence of these daemons alone, whatever else runs on the machine. */
function ask(...dockers: Dockerd[]): Promise<OwnerAnswer> {
  const evidence = gatherEvidence((pid) => dockers.some((docker) => docker.owns(pid)))
  return askOwners(evidence, [dockerSource({})], { deadlineMilliseconds: 10_000 })
}

function namespaceOf(docker: Dockerd, container: string): string {
  return inodeOf(Number(docker.run('inspect', '--format', '{{.State.Pid}}', container)))
}

/** Names of the owners of a namespace, and its role. */
function wordOn(answer: OwnerAnswer, inode: string) {
  const claims = answer.claims.filter((claim) => claim.inode === inode)
  return { owners: claims.map((claim) => claim.owner.name), role: claims[0]?.role }
}

describe('a daemon with bridge networks', () => {
  let docker: Dockerd
  let answer: OwnerAnswer

  beforeAll(async () => {
    docker = await startDockerd()
    docker.run('network', 'create', '--subnet', '10.99.0.0/24', 'shop')
    docker.runContainer('web', '--network', 'shop', '--label', 'tier=front')
    docker.runContainer('db', '--network', 'shop')
    docker.runContainer('lone')
    docker.runContainer('sidecar', '--network', 'container:web')
    docker.runContainer('wide', '--network', 'host')
    docker.runContainer('hermit', '--network', 'none')
    answer = await ask(docker)
  })
  afterAll(() => docker.stop())

  test('names the container of each namespace', () => {
    for (const name of ['db', 'lone', 'hermit']) {
      expect(wordOn(answer, namespaceOf(docker, name))).toEqual({ owners: [name], role: 'container' })
    }
    expect(answer.warnings).toEqual([])
  })

  test('names both containers that share a namespace, the one that it was made for first', () => {
    expect(wordOn(answer, namespaceOf(docker, 'web'))).toEqual({ owners: ['web', 'sidecar'], role: 'container' })
  })

  test("names a container with the host's network as an owner of the daemon's namespace, which is no container's", () => {
    const own = answer.claims.filter((claim) => claim.inode === inodeOf(docker.pid))
    expect(own.map((claim) => [claim.owner.name, claim.role])).toEqual([['wide', 'anonymous']])
  })

  test('keeps ids, labels and the interfaces that the daemon made', () => {
    const claim = answer.claims.find(({ owner }) => owner.name === 'web')
    expect(claim?.owner.id).toBe(docker.run('inspect', '--format', '{{.Id}}', 'web'))
    expect(claim?.owner.labels).toEqual({ tier: 'front' })
    const mac = docker.run('inspect', '--format', '{{.NetworkSettings.Networks.shop.MacAddress}}', 'web')
    expect(claim?.endpoints).toEqual([{ network: 'shop', mac, addresses: ['10.99.0.2/24'] }])
  })

  test('describes each network with its bridge and members, and leaves out those that connect nothing', () => {
    expect(answer.networks.map((network) => network.name).sort()).toEqual(['bridge', 'shop'])
    const shop = answer.networks.find((network) => network.name === 'shop')
    expect(shop).toMatchObject({ driver: 'bridge', subnets: ['10.99.0.0/24'], daemonInode: inodeOf(docker.pid) })
    expect(shop?.members.map((member) => member.name).sort()).toEqual(['db', 'web'])
    const links = execFileSync('ip', ['-n', docker.namespace, '-o', 'link', 'show', 'type', 'bridge'], {
      encoding: 'utf8',
    })
    expect(links).toContain(` ${shop?.bridgeName}: `)
    expect(answer.networks.find((network) => network.name === 'bridge')?.bridgeName).toBe('docker0')
  })

  test('finds the namespace of a container none of whose processes were seen', async () => {
    const evidence = { ...gatherEvidence((pid) => docker.owns(pid)), processes: [] }
    const blind = await askOwners(evidence, [dockerSource({})], { deadlineMilliseconds: 10_000 })
    expect(wordOn(blind, namespaceOf(docker, 'db'))).toEqual({ owners: ['db'], role: 'container' })
    expect(wordOn(blind, namespaceOf(docker, 'web'))).toEqual({ owners: ['web', 'sidecar'], role: 'container' })
  })

  test('finds a daemon that only DOCKER_HOST names, once even when its process was seen too', async () => {
    const environment = { DOCKER_HOST: `unix://${docker.socket}` }
    const { processes, mounts, daemons } = gatherEvidence((pid) => docker.owns(pid))
    for (const known of [daemons, []]) {
      const told = await askOwners({ processes, mounts, daemons: known }, [dockerSource(environment)], {
        deadlineMilliseconds: 10_000,
      })
      expect(told.claims).toHaveLength(answer.claims.length)
      expect(wordOn(told, namespaceOf(docker, 'lone'))).toEqual({ owners: ['lone'], role: 'container' })
    }
  })
})

describe('a swarm', () => {
  let docker: Dockerd
  let answer: OwnerAnswer

  beforeAll(async () => {
    docker = await startDockerd({ swarm: true })
    docker.run('network', 'create', '--driver', 'overlay', '--attachable', '--subnet', '10.98.0.0/24', 'mesh')
    docker.runContainer('one', '--network', 'mesh')
    docker.runContainer('two', '--network', 'mesh')
    const service = ['--detach', '--name', 'shop', '--network', 'mesh', '--publish', '8080:80']
    docker.run('service', 'create', ...service, 'busybox', 'sleep', '3600')
    // Without --detach the command watches the task for five seconds more.
    await vi.waitUntil(() => docker.run('ps', '--quiet', '--filter', 'name=shop') !== '', { timeout: 20_000 })
    answer = await ask(docker)
  })
  afterAll(() => docker.stop())

  test('tells the namespace of each overlay, joined to its network', () => {
    const id = docker.run('network', 'inspect', '--format', '{{.Id}}', 'mesh')
    const claim = answer.claims.find(({ owner, role }) => role === 'overlay' && owner.network === 'mesh')
    expect(claim?.owner).toMatchObject({ runtime: 'docker', id, name: 'mesh' })
    const links = execFileSync(
      'nsenter',
      [`--net=${mountOf(docker, claim?.inode)}`, 'ip', '-o', 'link', 'show', 'type', 'vxlan'],
      { encoding: 'utf8' },
    )
    const network = answer.networks.find(({ name }) => name === 'mesh')
    expect(network).toMatchObject({
      driver: 'overlay',
      subnets: ['10.98.0.0/24'],
      namespaceInode: claim?.inode,
      bridgeName: null,
    })
    expect(links).toContain('vxlan0')
    expect(network?.vxlanIds).toHaveLength(1)
    expect(network?.members.map(({ name }) => name)).toEqual(expect.arrayContaining(['one', 'two']))
  })

  test('tells the namespaces of the ingress and of load balancers', () => {
    const serving = answer.claims.filter(({ role }) => role === 'ingress' || role === 'loadbalancer')
    expect(serving.map(({ owner, role }) => [role, owner.name, owner.network]).sort()).toEqual([
      ['ingress', 'ingress-sbox', 'ingress'],
      ['loadbalancer', 'lb-mesh', 'mesh'],
    ])
  })

  test("keeps a task's service in its labels", () => {
    const task = answer.claims.find(({ owner }) => owner.name.startsWith('shop.1.'))
    expect(task?.role).toBe('container')
    expect(task?.owner.labels).toMatchObject({ 'com.docker.swarm.service.name': 'shop' })
    expect(task?.endpoints?.map(({ network }) => network).sort()).toEqual(['ingress', 'mesh'])
  })
})

/** The path of a namespace's mount, reached through the daemon. */
function mountOf(docker: Dockerd, inode: string | undefined): string {
  return gatherEvidence((pid) => docker.owns(pid)).mounts.find((mount) => mount.inode === inode)?.reachable ?? 'missing'
}

describe('two daemons at the same path in mount namespaces of their own', () => {
  let manager: Dockerd
  let worker: Dockerd
  let answer: OwnerAnswer

  beforeAll(async () => {
    manager = await startDockerd({ swarm: true })
    worker = await startDockerd({ joins: manager })
    manager.run('network', 'create', '--driver', 'overlay', '--attachable', 'mesh')
    manager.runContainer('here', '--network', 'mesh')
    worker.runContainer('there', '--network', 'mesh')
    answer = await ask(manager, worker)
  })
  afterAll(async () => {
    await worker?.stop()
    await manager?.stop()
  })

  test('both are asked, and each names its own', () => {
    expect(wordOn(answer, namespaceOf(manager, 'here'))).toEqual({ owners: ['here'], role: 'container' })
    expect(wordOn(answer, namespaceOf(worker, 'there'))).toEqual({ owners: ['there'], role: 'container' })
    expect(answer.warnings).toEqual([])
  })

  test('an overlay that both serve has a namespace at each, under the same name', () => {
    const overlays = answer.networks.filter(({ name }) => name === 'mesh')
    expect(overlays.map(({ daemonInode }) => daemonInode).sort()).toEqual(
      [inodeOf(manager.pid), inodeOf(worker.pid)].sort(),
    )
    expect(new Set(overlays.map(({ namespaceInode }) => namespaceInode)).size).toBe(2)
    expect(overlays.map(({ members }) => members.map(({ name }) => name)).sort()).toEqual([['here'], ['there']])
  })
})
