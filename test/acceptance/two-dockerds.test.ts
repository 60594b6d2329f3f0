/** A host on which two Docker daemons serve a bridge network and a swarm's overlay: what each command says of it. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Graph, InterfaceNode, Link, NamespaceNode, Network } from '../../src/host/index.ts'
import type { Dockerd } from '../support/dockerd.ts'
import { namespaceOf } from '../support/holder.ts'
import { runProgram } from '../support/program.ts'
import { schemaFaults } from '../support/schema.ts'
import { type Swarm, startSwarm } from '../support/swarm.ts'

/** Part of the name of whatever is made here: nobody else's containers and networks are meant. */
const own = `nwt-accept-${process.pid}`
const named = (name: string): string => `${own}-${name}`
const BRIDGED = ['web', 'db', 'cache'].map(named)
/** Containers on the overlay: the first two at the manager, the others at the worker. */
const MESHED = ['api', 'queue', 'far', 'farther'].map(named)
const DRAWN = { environment: { LC_ALL: 'C.UTF-8' } }

let swarm: Swarm
let manager: Dockerd
let worker: Dockerd
let graph: Graph
let directory: string

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), `${own}-`))
  swarm = await startSwarm(2)
  manager = swarm.manager
  worker = swarm.nodes[1]!
  manager.run('network', 'create', '--subnet', '10.97.0.0/24', named('shop'))
  for (const name of BRIDGED) manager.runContainer(name, '--network', named('shop'))
  manager.run('network', 'create', '--driver', 'overlay', '--attachable', '--subnet', '10.96.0.0/24', named('mesh'))
  for (const [at, name] of MESHED.entries()) nodeOf(at).runContainer(name, '--network', named('mesh'))
  // Both get 172.17.0.2 and the MAC that Docker makes of it.
  for (const [at, docker] of swarm.nodes.entries()) docker.runContainer(named(`twin${at}`))
  graph = await graphWithTunnels()
})
afterAll(async () => {
  rmSync(directory, { recursive: true })
  await swarm?.stop()
})

const nodeOf = (at: number): Dockerd => (at < 2 ? manager : worker)

/** The daemons tell each other of their containers only some time after these have started. */
async function graphWithTunnels(): Promise<Graph> {
  for (let attempt = 0; ; attempt++) {
    const taken: Graph = JSON.parse(runProgram(['map', '--json']).answer)
    const known = overlays(taken).map((node) => tunnelsOf(taken, node)[0]?.details['macs'] as string[] | undefined)
    if (attempt === 50 || (known.length === 2 && known.every((macs) => (macs?.length ?? 0) >= 3))) return taken
    await sleep(100)
  }
}

function inodeOf(docker: Dockerd, container: string): string {
  return namespaceOf(Number(docker.run('inspect', '--format', '{{.State.Pid}}', container)))
}

/** Inodes of the namespaces that a daemon has mounted. */
function mountedBy(docker: Dockerd): string[] {
  const directory = `/proc/${docker.pid}/root/run/docker/netns`
  return readdirSync(directory).map((name) => String(statSync(join(directory, name)).ino))
}

/** Both daemons' namespaces of the overlay, the manager's first. */
function overlays({ namespaces }: Graph): NamespaceNode[] {
  const found = namespaces.filter(
    ({ role, owners }) => role === 'overlay' && owners.some(({ name }) => name === named('mesh')),
  )
  return swarm.nodes.flatMap((docker) => {
    const mounted = mountedBy(docker)
    return found.filter(({ inode }) => mounted.includes(inode))
  })
}

function interfaceOf({ interfaces }: Graph, namespace: string | undefined, name: string): InterfaceNode {
  return interfaces.find((node) => node.namespace === namespace && node.name === name)!
}

function tunnelsOf(taken: Graph, overlay: NamespaceNode): Link[] {
  const { id } = interfaceOf(taken, overlay.inode, 'vxlan0')
  return taken.links.filter((link) => link.kind === 'vxlan' && link.from === id)
}

/** The far end of an interface's veth link. */
function farEnd({ links, interfaces }: Graph, { id }: InterfaceNode): InterfaceNode | undefined {
  const link = links.find((one) => one.kind === 'veth' && (one.from === id || one.to === id))
  return interfaces.find((node) => node.id === (link?.from === id ? link.to : link?.from))
}

/** Index of the far end of a container's eth0, as the kernel tells the container. */
function indexOutside(docker: Dockerd, container: string): number {
  return Number(docker.run('exec', container, 'cat', '/sys/class/net/eth0/iflink'))
}

/** `ip -json -details` inside a namespace that has a path. */
function ipAt(path: string, ...words: string[]): Record<string, unknown>[] {
  const answer = execFileSync('nsenter', [`--net=${path}`, 'ip', '-json', '-details', ...words], { encoding: 'utf8' })
  return JSON.parse(answer)
}

/** What `ip -details` says of a vxlan interface. */
interface VxlanFacts {
  readonly info_data: { readonly id: number }
}

function networks(name: string): Network[] {
  return graph.networks.filter((network) => network.name === named(name))
}

const memberNames = ({ members }: Network): string[] => members.map(({ name }) => name).filter((n) => n.startsWith(own))

describe('map --json', () => {
  test('follows its schema', () => {
    expect(schemaFaults('graph', graph)).toEqual([])
  })

  test('joins eth0 of each container of the bridge network with its host end, a port of the network’s bridge', () => {
    const [shop] = networks('shop')
    const daemon = namespaceOf(manager.pid)
    for (const name of BRIDGED) {
      const outside = farEnd(graph, interfaceOf(graph, inodeOf(manager, name), 'eth0'))
      const [expected] = ipAt(`/proc/${manager.pid}/ns/net`, 'link', 'show').filter(
        ({ ifindex }) => ifindex === indexOutside(manager, name),
      )
      expect(outside).toMatchObject({ namespace: daemon, name: expected?.['ifname'], master: shop?.bridge })
    }
    expect(interfaceOf(graph, daemon, `br-${shop?.id.slice(0, 12)}`).id).toBe(shop?.bridge)
  })

  test('joins eth0 of each container of the overlay with its end in that daemon’s overlay namespace', () => {
    for (const [at, name] of MESHED.entries()) {
      const overlay = overlays(graph)[at < 2 ? 0 : 1]!
      const outside = farEnd(graph, interfaceOf(graph, inodeOf(nodeOf(at), name), 'eth0'))
      const expected = ipAt(overlay.mounts[0]!, 'link', 'show').find(
        ({ ifindex }) => ifindex === indexOutside(nodeOf(at), name),
      )
      expect(outside).toMatchObject({ namespace: overlay.inode, name: expected?.['ifname'] })
      expect(outside?.master).toBe(interfaceOf(graph, overlay.inode, 'br0').id)
    }
  })

  test('has the overlay’s VXLAN id and tunnel ends, which are each other’s vxlan interfaces', () => {
    const [near, far] = overlays(graph) as [NamespaceNode, NamespaceNode]
    for (const [here, there, remote] of [
      [near, far, worker.address],
      [far, near, manager.address],
    ] as const) {
      const [link] = ipAt(here.mounts[0]!, 'link', 'show', 'type', 'vxlan') as [{ linkinfo: VxlanFacts }]
      const vni = link.linkinfo.info_data.id
      expect(tunnelsOf(graph, here)).toMatchObject([
        { to: interfaceOf(graph, there.inode, 'vxlan0').id, details: { vni, remote, port: 4789 } },
      ])
    }
  })

  test('knows behind which tunnel end each container of the other daemon is', () => {
    const [tunnel] = tunnelsOf(graph, overlays(graph)[0]!)
    const macs = MESHED.slice(2).map((name) => interfaceOf(graph, inodeOf(worker, name), 'eth0').mac)
    expect(tunnel?.details['macs']).toEqual(expect.arrayContaining(macs))
  })

  test('gives each network its members, each with its interface', () => {
    expect(networks('shop').map((network) => memberNames(network).sort())).toEqual([[...BRIDGED].sort()])
    const meshes = networks('mesh')
    expect(meshes.map((network) => memberNames(network).sort()).sort()).toEqual(
      [MESHED.slice(0, 2), MESHED.slice(2)].map((names) => [...names].sort()).sort(),
    )
    expect(new Set(meshes.map(({ namespace }) => namespace))).toEqual(
      new Set(overlays(graph).map(({ inode }) => inode)),
    )
    for (const { members } of [...networks('shop'), ...meshes]) {
      expect(members.filter((member) => member.interface === null)).toEqual([])
    }
  })

  test('does not mix up containers of the same address at two daemons', () => {
    for (const [at, docker] of swarm.nodes.entries()) {
      const id = docker.run('network', 'inspect', '--format', '{{.Id}}', 'bridge')
      const network = graph.networks.find((one) => one.id === id)
      const eth0 = interfaceOf(graph, inodeOf(docker, named(`twin${at}`)), 'eth0')
      expect(eth0.addresses).toContain('172.17.0.2/16')
      expect(network?.members).toMatchObject([{ name: named(`twin${at}`), interface: eth0.id }])
    }
  })

  test('tells the ingress and the load balancers of both daemons', () => {
    for (const docker of swarm.nodes) {
      const mounted = mountedBy(docker)
      const serving = graph.namespaces.filter(({ inode, role }) => mounted.includes(inode) && role !== 'container')
      expect(serving.map(({ role, owners }) => `${role} ${owners[0]?.network}`).sort()).toEqual([
        'ingress ingress',
        `loadbalancer ${named('mesh')}`,
        'overlay ingress',
        `overlay ${named('mesh')}`,
      ])
    }
  })

  test('says the same from within one of the daemons’ network namespaces', () => {
    const inside = execFileSync(
      'nsenter',
      [`--net=/run/netns/${worker.namespace}`, process.execPath, 'dist/bin/netwright.cjs', 'map', '--json'],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
        maxBuffer: 64 * 1024 * 1024,
        cwd: join(import.meta.dirname, '../..'),
      },
    )
    const taken: Graph = JSON.parse(inside)
    expect(schemaFaults('graph', taken)).toEqual([])
    for (const [at, name] of MESHED.entries()) {
      const eth0 = interfaceOf(taken, inodeOf(nodeOf(at), name), 'eth0')
      expect(farEnd(taken, eth0)?.id).toBe(farEnd(graph, eth0)?.id)
    }
    const ends = (one: Graph) => overlays(one).map((overlay) => tunnelsOf(one, overlay).map(({ to }) => to))
    expect(ends(taken)).toEqual(ends(graph))
    expect(taken.namespaces.find(({ role }) => role === 'host')?.inode).toBe(namespaceOf('self'))
  })
})

describe('map', () => {
  test('names both ends of each container’s link, the VXLAN id and the tunnel end', () => {
    const lines = runProgram(['map'], DRAWN).answer.split('\n')
    for (const name of [...BRIDGED, ...MESHED]) {
      const docker = MESHED.indexOf(name) < 2 ? manager : worker
      const outside = farEnd(graph, interfaceOf(graph, inodeOf(docker, name), 'eth0'))
      expect(lines.find((line) => line.includes(`── eth0 of ${name} (docker)`))).toContain(` ${outside?.name} `)
    }
    const vni = tunnelsOf(graph, overlays(graph)[0]!)[0]?.details['vni']
    for (const { address, namespace } of swarm.nodes) {
      expect(lines.some((line) => line.includes(`vxlan id ${vni}, port 4789, over uplink0 of ${namespace}`))).toBe(true)
      expect(lines.some((line) => line.includes(`⇢ ${address} ── vxlan0 of overlay ${named('mesh')}`))).toBe(true)
    }
  })

  test('around a container names whose addresses lie behind its overlay’s tunnel', () => {
    const { answer } = runProgram(['map', `docker:${MESHED[0]}`], DRAWN)
    for (const name of MESHED.slice(2)) {
      const { mac } = interfaceOf(graph, inodeOf(worker, name), 'eth0')
      expect(answer).toContain(`${mac} (${name})`)
    }
  })

  test.each(['dot', 'mermaid', 'svg'])('as %s has every container', (format) => {
    const { code, answer } = runProgram(['map', '--format', format])
    expect(code).toBe(0)
    for (const name of [...BRIDGED, ...MESHED]) expect(answer).toContain(name)
  })
})

test('show tells a container’s links with their far ends, and follows its schema', () => {
  const target = `docker:${MESHED[0]}`
  const outside = farEnd(graph, interfaceOf(graph, inodeOf(manager, MESHED[0]!), 'eth0'))
  expect(runProgram(['show', target]).answer).toMatch(
    new RegExp(`eth0 +veth +up .* -> ${outside?.name} in network:${named('mesh')}\n +10\\.96\\.0\\.\\d+/24\n`),
  )
  const run = runProgram(['show', target, '--json'])
  expect(run.code).toBe(0)
  expect(schemaFaults('namespace', JSON.parse(run.answer))).toEqual([])
})

test('a network that two daemons serve is ambiguous as a target, and its namespaces are told apart', () => {
  const { code, remarks } = runProgram(['show', `network:${named('mesh')}`])
  expect(code).toBe(3)
  for (const { inode } of overlays(graph)) expect(remarks).toContain(`inode:${inode}`)
  for (const { namespace } of swarm.nodes) expect(remarks).toContain(namespace)
})

test('diff says in words that a container came, and that it went', () => {
  const saved = join(directory, 'before.json')
  const later = join(directory, 'between.json')
  const guest = named('guest')
  writeFileSync(saved, runProgram(['map', '--json']).answer)
  manager.runContainer(guest, '--network', named('shop'))
  const came = runProgram(['diff', saved])
  expect(came.code).toBe(1)
  expect(came.answer).toMatch(`${guest} (docker)\n  + appeared, with eth0\n`)
  expect(came.answer).toMatch(
    new RegExp(`network ${named('shop')} .*\n  \\+ ${guest} \\(10\\.97\\.0\\.\\d+/24\\) joined`),
  )
  writeFileSync(later, runProgram(['map', '--json']).answer)
  const document: unknown = JSON.parse(runProgram(['diff', saved, later, '--json']).answer)
  expect(schemaFaults('diff', document)).toEqual([])
  manager.run('rm', '--force', guest)
  expect(runProgram(['diff', later]).answer).toContain(`${guest} (docker)\n  - `)
})

test('ns exec runs a program of the host inside a container', () => {
  const run = runProgram(['ns', 'exec', `docker:${BRIDGED[0]}`, '--', 'ip', '-json', 'address'])
  expect(run.code).toBe(0)
  const links = JSON.parse(run.answer) as { ifname: string; addr_info: { local: string }[] }[]
  const { mac, addresses } = interfaceOf(graph, inodeOf(manager, BRIDGED[0]!), 'eth0')
  expect(links.find(({ ifname }) => ifname === 'eth0')).toMatchObject({
    address: mac,
    addr_info: [{ local: addresses[0]?.split('/')[0] }],
  })
})
