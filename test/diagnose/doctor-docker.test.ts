/** What doctor says of a real Docker daemon's containers: nothing when they are well, the root when they are not. */
import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { examine, type Finding, readIntent, takeScene } from '../../src/diagnose/index.ts'
import { type Dockerd, IMAGE, startDockerd } from '../support/dockerd.ts'

let docker: Dockerd

beforeAll(async () => {
  docker = await startDockerd()
  docker.run('network', 'create', '--subnet', '10.97.1.0/24', 'shop')
  docker.run('network', 'create', '--internal', '--subnet', '10.97.2.0/24', 'vault')
  const serve = ['httpd', '-f', '-p', '80']
  docker.run('run', '--detach', '--name', 'web', '--publish', '8080:80', IMAGE, ...serve)
  docker.run('run', '--detach', '--name', 'app', '--network', 'shop', '--publish', '8081:80', IMAGE, ...serve)
  docker.run('run', '--detach', '--name', 'db', '--network', 'vault', IMAGE, ...serve)
  docker.run('run', '--detach', '--name', 'bare', '--network', 'none', IMAGE, 'sleep', '600')
  docker.run('run', '--detach', '--name', 'beside', '--network', 'container:web', IMAGE, 'sleep', '600')
})
afterAll(() => docker?.stop())

/** What is said of the daemon and its containers; remarks left aside. */
async function troubles(): Promise<Finding[]> {
  const scene = await takeScene()
  try {
    const own = new Set(
      scene.graph.namespaces
        .filter(({ pids, names }) => names.includes(docker.namespace) || pids.some((pid) => docker.owns(pid)))
        .map(({ inode }) => inode),
    )
    const { findings } = await examine(scene, { intent: await readIntent(scene.graph, { deadline: 10_000 }) })
    return findings.filter(({ subject, severity }) => severity !== 'info' && own.has(String(subject.namespace)))
  } finally {
    scene.close()
  }
}

/** Runs a shell line in the daemon's namespace, or in a container's. */
function inside(where: string, script: string): string {
  const path =
    where === 'host'
      ? `/run/netns/${docker.namespace}`
      : `/proc/${docker.run('inspect', '--format', '{{.State.Pid}}', where)}/ns/net`
  return execFileSync('nsenter', [`--net=${path}`, 'bash', '-euc', script], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

function nearEnd(container: string): string {
  const index = inside(container, 'ip -o link show eth0').match(/@if(\d+)/)![1]
  return inside('host', 'ip -o link').match(new RegExp(`^${index}: (veth\\w+)`, 'm'))![1]!
}

/** A container of the shop reaches the host’s uplink. */
const reachesOut = (): boolean => {
  try {
    inside('app', `for i in 1 2 3; do ping -n -q -c1 -W0.5 ${docker.address} && exit 0; done; exit 1`)
    return true
  } catch {
    return false
  }
}

test('healthy: nothing to say but remarks', async () => {
  expect(await troubles()).toEqual([])
})

describe('each root is named, and mended by what is printed', { timeout: 90_000 }, () => {
  test.each<[name: string, fault: () => void, code: string]>([
    ['the address of a container is gone', () => inside('app', 'ip address flush dev eth0'), 'address-missing'],
    ['the default route of a container is gone', () => inside('app', 'ip route delete default'), 'route-missing'],
    [
      'the cable of a container hangs loose',
      () => inside('host', `ip link set ${nearEnd('app')} nomaster`),
      'bridge-port-missing',
    ],
    ['the interface of a container is off', () => inside('app', 'ip link set eth0 down'), 'interface-down'],
    ['forwarding is off', () => inside('host', 'sysctl -qw net.ipv4.ip_forward=0'), 'forwarding-disabled'],
    // Docker calls the new interface otherwise.
    ['the interface of a container is gone', () => inside('app', 'ip link delete eth0'), 'link-peer-missing'],
  ])('%s', async (_, fault, code) => {
    fault()
    const first = await troubles()
    expect(first.map((finding) => finding.code)).toEqual([code])
    let left = first
    for (let round = 0; round < 3 && left.length > 0; round++) {
      for (const command of left.flatMap(({ fix }) => fix?.commands ?? []))
        execFileSync('bash', ['-c', command], { stdio: 'pipe' })
      left = await troubles()
    }
    expect(left).toEqual([])
    expect(reachesOut()).toBe(true)
  })

  test('a firewall that was reloaded: translation rules are flushed', async () => {
    inside('host', 'iptables -t nat -F')
    const findings = await troubles()
    expect(findings.map(({ code, severity }) => [code, severity])).toEqual([
      ['nat-missing', 'error'],
      ['nat-missing', 'warning'],
    ])
    for (const command of findings.flatMap(({ fix }) => fix!.commands))
      execFileSync('bash', ['-c', command], { stdio: 'pipe' })
    expect(await troubles()).toEqual([])
    inside('host', 'nft delete table ip netwright_mend')
  })

  test('a port that is redirected to another address than the container’s', async () => {
    inside('host', 'iptables -t nat -I PREROUTING -p tcp --dport 8081 -j DNAT --to-destination 10.97.1.77:80')
    const findings = await troubles()
    expect(findings.map(({ code }) => code)).toContain('nat-target-missing')
    for (const command of findings.flatMap(({ fix }) => fix?.commands ?? []))
      execFileSync('bash', ['-c', command], { stdio: 'pipe' })
    expect((await troubles()).map(({ code }) => code)).not.toContain('nat-target-missing')
    inside('host', 'nft delete table ip netwright_mend 2>/dev/null || true')
  })

  test('rules that accept are flushed, and the policy stays', async () => {
    inside('host', 'iptables -P FORWARD DROP; iptables -F FORWARD; iptables -t nat -F')
    const findings = await troubles()
    const filtered = findings.find(({ code }) => code === 'filtered')
    expect(filtered).toMatchObject({ severity: 'error', fix: { safe: false } })
    expect(filtered?.summary).toContain('policy of chain FORWARD')
    for (const command of findings.flatMap(({ fix }) => fix?.commands ?? []))
      execFileSync('bash', ['-c', command], { stdio: 'pipe' })
    expect((await troubles()).map(({ code }) => code)).not.toContain('filtered')
  })

  test('a program that listens on loopback only, and one that does not listen at all', async () => {
    docker.run('run', '--detach', '--name', 'shy', '--publish', '8082:80', IMAGE, 'httpd', '-f', '-p', '127.0.0.1:80')
    docker.run('run', '--detach', '--name', 'idle', '--publish', '8083:80', IMAGE, 'sleep', '600')
    const findings = await troubles()
    const about = (name: string): string[] =>
      findings.filter(({ subject }) => subject.names.includes(name)).map(({ code }) => code)
    expect(about('shy')).toEqual(['listener-on-loopback'])
    expect(about('idle')).toEqual(['port-closed'])
  })

  test('the bridge of a network that is no more', async () => {
    inside('host', 'ip link add br-0123456789ab type bridge')
    const findings = await troubles()
    expect(findings.map(({ code }) => code)).toContain('interface-orphaned')
    inside('host', 'ip link delete br-0123456789ab')
  })
})
