/** Real Docker daemons: what is whole is delivered without alarm; each kind of network is broken in five ways and named. */
import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runProgram } from '../support/program.ts'
import { DockerHosts } from './docker-hosts.ts'
import { ping } from './fault.ts'

let hosts: DockerHosts
beforeAll(async () => {
  hosts = await DockerHosts.start()
})
afterAll(() => hosts?.stop())

interface Answer {
  readonly verdict: string
  readonly cause: {
    readonly code: string
    readonly where: { readonly namespace: string; readonly rule?: unknown }
  } | null
  readonly fix: { readonly safe: boolean; readonly commands: readonly string[] } | null
}
interface Finding {
  readonly code: string
  readonly severity: string
  readonly summary: string
  readonly subject: { readonly namespace: string | null; readonly names: readonly string[] }
}
interface DockerFault {
  readonly name: string
  readonly break: () => unknown
  readonly trace?: { readonly from: string; readonly to: () => string; readonly flags?: readonly string[] }
  readonly codes: readonly string[]
  /** Namespaces one of which must be named. */
  readonly at: readonly string[]
  readonly rule?: RegExp
  /** Doctor must report it too, with one of these codes. */
  readonly doctor?: readonly string[]
  /** Brings back what the printed commands did not. */
  readonly undo: () => unknown
  /** Holds again after the printed commands. */
  readonly mended?: readonly [place: string, test: () => string]
}

const container = (name: string) => () => `docker:${hosts.name(name)}`
function target(place: string): string {
  return place === 'manager' || place === 'worker' ? `path:${hosts.path(place)}` : `docker:${hosts.name(place)}`
}
function trace(from: string, to: string, flags: readonly string[] = []): Answer {
  const run = runProgram(['trace', target(from), to, ...flags, '--json'])
  expect(run.answer, run.remarks).toMatch(/^\{/)
  return JSON.parse(run.answer)
}
function findings(): Finding[] {
  const places = ['manager', 'worker', 'manager/back', 'worker/back', ...CONTAINERS].map((place) => {
    try {
      return hosts.inode(place)
    } catch {
      return ''
    }
  })
  const run = runProgram(['doctor', '--json'])
  expect(run.answer, run.remarks).toMatch(/^\{/)
  return (JSON.parse(run.answer) as { findings: Finding[] }).findings.filter(({ subject }) =>
    places.includes(String(subject.namespace)),
  )
}
const CONTAINERS = ['web', 'db', 'tool', 'safe', 'key', 'api', 'far']

async function judge(fault: DockerFault): Promise<void> {
  if (fault.mended !== undefined) expect(hosts.succeeds(fault.mended[0], fault.mended[1]()), 'works before').toBe(true)
  for (const place of ['manager', ...CONTAINERS]) hosts.inside(place, 'ip neigh flush all')
  fault.break()
  try {
    let commands: readonly string[] = []
    if (fault.trace !== undefined) {
      const said = trace(fault.trace.from, fault.trace.to(), fault.trace.flags)
      const told = JSON.stringify(said.cause)
      expect(said.verdict, told).not.toBe('delivered')
      expect(fault.codes, told).toContain(said.cause?.code)
      expect(
        fault.at.map((place) => hosts.inode(place)),
        told,
      ).toContain(said.cause?.where.namespace)
      if (fault.rule !== undefined) expect(JSON.stringify(said.cause?.where.rule)).toMatch(fault.rule)
      commands = said.fix?.commands ?? []
    }
    if (fault.doctor !== undefined) {
      const all = findings()
      const at = fault.at.map((place) => hosts.inode(place))
      const hit = all.find(
        ({ code, subject }) => fault.doctor!.includes(code) && at.includes(String(subject.namespace)),
      )
      expect(hit, JSON.stringify(all.map(({ code, summary }) => [code, summary]))).toBeDefined()
    }
    if (fault.mended !== undefined) {
      for (const command of commands) execFileSync('bash', ['-c', command], { stdio: 'pipe' })
      const works = await hosts.soonSucceeds(fault.mended[0], fault.mended[1]())
      expect(works, `mended by ${JSON.stringify(commands)}`).toBe(true)
    }
  } finally {
    fault.undo()
  }
}

describe('whole', () => {
  test.each([
    ['web', 'db', []],
    ['db', 'web', ['--tcp', '80']],
    ['safe', 'key', []],
    ['api', 'far', []],
    ['far', 'api', []],
  ] as const)('%s reaches %s %j', (from, to, flags) => {
    expect(trace(from, target(to), flags)).toMatchObject({ verdict: 'delivered', cause: null })
  })

  test('a published port answers from another machine, from the host and from a container beside it', () => {
    const published = ['--tcp', '8080']
    expect(trace('worker', hosts.manager.address, published)).toMatchObject({ verdict: 'delivered' })
    expect(trace('manager', hosts.manager.address, published)).toMatchObject({ verdict: 'delivered' })
    expect(trace('manager', '127.0.0.1', published)).toMatchObject({ verdict: 'delivered' })
    expect(trace('db', hosts.manager.address, published)).toMatchObject({ verdict: 'delivered' })
  })

  test('containers reach the outside', () => {
    expect(trace('db', hosts.worker.address)).toMatchObject({ verdict: 'delivered' })
  })

  test('names are resolved by Docker’s own resolver', () => {
    expect(trace('web', hosts.name('db'))).toMatchObject({ verdict: 'delivered' })
    expect(trace('api', hosts.name('far'))).toMatchObject({ verdict: 'delivered' })
    expect(trace('web', `${hosts.name('nobody')}.test`).cause?.code).toMatch(/^dns-/)
  })

  test('doctor raises no alarm', () => {
    expect(findings().filter(({ severity }) => severity === 'error')).toEqual([])
  })
})

describe('one bridge', () => {
  const asked = { from: 'web', to: container('db') }
  const mended = ['web', () => ping(hosts.addressOf('db'))] as const
  test.each<DockerFault>([
    {
      name: 'the host end of the link is down',
      break: () => hosts.inside('manager', `ip link set ${hosts.portOf('db')} down`),
      trace: asked,
      codes: ['interface-down'],
      at: ['manager'],
      doctor: ['interface-down'],
      mended,
      undo: () => hosts.inside('manager', `ip link set ${hosts.portOf('db')} up`),
    },
    {
      name: 'the host end left the bridge',
      break: () => hosts.inside('manager', `ip link set ${hosts.portOf('db')} nomaster`),
      trace: asked,
      codes: ['bridge-port-missing'],
      at: ['manager'],
      doctor: ['bridge-port-missing'],
      mended,
      undo: () => hosts.inside('manager', `ip link set ${hosts.portOf('db')} master ${hosts.bridgeOf('shop')}`),
    },
    {
      name: 'the container’s interface is down',
      break: () => hosts.inside('db', 'ip link set eth0 down'),
      trace: asked,
      codes: ['interface-down'],
      at: ['db'],
      doctor: ['interface-down'],
      mended,
      undo: () => hosts.inside('db', 'ip link set eth0 up'),
    },
    {
      name: 'the container has lost the address that Docker gave it',
      break: () => hosts.inside('db', 'ip addr flush dev eth0'),
      trace: asked,
      codes: ['address-missing'],
      at: ['db'],
      doctor: ['address-missing'],
      mended,
      undo: () => hosts.manager.run('restart', '--time', '0', hosts.name('db')),
    },
    {
      name: 'a filter in the bridge family',
      break: () =>
        hosts.inside(
          'manager',
          `nft add table bridge guard; nft 'add chain bridge guard f { type filter hook forward priority 0; }'; nft add rule bridge guard f ip daddr ${hosts.addressOf('db')} drop`,
        ),
      trace: asked,
      codes: ['filtered'],
      at: ['manager'],
      rule: /guard/,
      mended,
      undo: () => hosts.inside('manager', 'nft delete table bridge guard'),
    },
    {
      name: 'the container’s link is gone',
      break: () => hosts.inside('manager', `ip link del ${hosts.portOf('db')}`),
      trace: asked,
      codes: ['link-peer-missing', 'address-missing'],
      at: ['db', 'manager'],
      doctor: ['link-peer-missing', 'address-missing'],
      undo: () => hosts.manager.run('restart', '--time', '0', hosts.name('db')),
    },
  ])('$name', judge)
})

describe('two bridges', () => {
  const asked = { from: 'web', to: container('tool') }
  test.each<DockerFault>([
    {
      name: 'Docker isolates its networks from each other',
      break: () => undefined,
      trace: asked,
      codes: ['filtered'],
      at: ['manager'],
      rule: /DOCKER-ISOLATION/,
      undo: () => undefined,
    },
    {
      name: 'the host does not forward',
      break: () => hosts.inside('manager', 'sysctl -qw net.ipv4.ip_forward=0'),
      trace: asked,
      codes: ['forwarding-disabled'],
      at: ['manager'],
      doctor: ['forwarding-disabled'],
      undo: () => hosts.inside('manager', 'sysctl -qw net.ipv4.ip_forward=1'),
    },
    {
      name: 'the asking container has no default route',
      break: () => hosts.inside('web', 'ip route del default'),
      trace: asked,
      codes: ['route-missing'],
      at: ['web'],
      doctor: ['route-missing'],
      undo: () => hosts.manager.run('restart', '--time', '0', hosts.name('web')),
    },
    {
      name: 'the bridge of the asking container is down',
      break: () => hosts.inside('manager', `ip link set ${hosts.bridgeOf('shop')} down`),
      trace: asked,
      codes: ['interface-down'],
      at: ['manager'],
      doctor: ['interface-down'],
      undo: () => hosts.inside('manager', `ip link set ${hosts.bridgeOf('shop')} up`),
    },
    {
      name: 'the gateway’s address is gone from the bridge',
      break: () => hosts.inside('manager', `ip -4 addr flush dev ${hosts.bridgeOf('shop')}`),
      trace: asked,
      codes: ['address-missing', 'gateway-unreachable'],
      at: ['manager', 'web'],
      doctor: ['address-missing', 'gateway-unreachable'],
      undo: () => hosts.inside('manager', `ip addr add ${gatewayOf('shop')} dev ${hosts.bridgeOf('shop')}`),
    },
  ])('$name', judge)
})

function gatewayOf(network: string): string {
  const format = '{{range .IPAM.Config}}{{.Gateway}} {{.Subnet}}{{end}}'
  const [gateway, subnet] = hosts.manager.run('network', 'inspect', '--format', format, hosts.name(network)).split(' ')
  return `${gateway}/${subnet!.split('/')[1]}`
}

describe('a published port', () => {
  const asked = { from: 'worker', to: () => hosts.manager.address, flags: ['--tcp', '8080'] }
  const mended = ['worker', () => `timeout 1 bash -c '</dev/tcp/${hosts.manager.address}/8080'`] as const
  const restore = () => {
    hosts.inside('manager', 'iptables -t nat -F DOCKER')
    hosts.manager.run('restart', '--time', '0', hosts.name('web'))
  }
  test.each<DockerFault>([
    {
      name: 'a rule of the administrator’s own drops it',
      break: () => hosts.inside('manager', 'iptables -I DOCKER-USER -p tcp --dport 80 -j DROP'),
      trace: asked,
      codes: ['filtered'],
      at: ['manager'],
      rule: /DOCKER-USER/,
      mended,
      undo: () => hosts.inside('manager', 'iptables -F DOCKER-USER; iptables -A DOCKER-USER -j RETURN'),
    },
    {
      name: 'the translation leads to an address that nobody has',
      break: () =>
        hosts.inside(
          'manager',
          `iptables -t nat -F DOCKER; iptables -t nat -A DOCKER ! -i ${hosts.bridgeOf('shop')} -p tcp --dport 8080 -j DNAT --to-destination ${hosts.addressOf('web').replace(/\d+$/, '200')}:80`,
        ),
      trace: asked,
      codes: ['nat-target-missing'],
      at: ['manager'],
      doctor: ['nat-target-missing'],
      undo: restore,
    },
    {
      name: 'a firewall was reloaded and has flushed what Docker accepts',
      break: () => hosts.inside('manager', 'iptables -F DOCKER'),
      trace: asked,
      codes: ['filtered'],
      at: ['manager'],
      doctor: ['filtered'],
      undo: restore,
    },
    {
      name: 'the container behind it is down',
      break: () => hosts.inside('web', 'ip link set eth0 down'),
      trace: asked,
      codes: ['interface-down'],
      at: ['web'],
      doctor: ['interface-down'],
      undo: restore,
    },
    {
      name: 'masquerading was flushed',
      break: () => hosts.inside('manager', 'iptables -t nat -F POSTROUTING'),
      trace: { from: 'db', to: () => hosts.worker.address },
      codes: ['nat-missing'],
      at: ['manager'],
      doctor: ['nat-missing'],
      undo: () =>
        hosts.inside(
          'manager',
          `iptables -t nat -A POSTROUTING -s ${gatewayOf('shop').replace(/\.\d+\//, '.0/')} ! -o ${hosts.bridgeOf('shop')} -j MASQUERADE`,
        ),
    },
  ])('$name', judge)
})

describe('an internal network', () => {
  const asked = { from: 'safe', to: container('key') }
  const mended = ['safe', () => ping(hosts.addressOf('key'))] as const
  test.each<DockerFault>([
    {
      name: 'it has no way out, as it is meant',
      break: () => undefined,
      trace: { from: 'safe', to: () => hosts.worker.address },
      codes: ['route-missing', 'filtered'],
      at: ['safe', 'manager'],
      undo: () => undefined,
    },
    {
      name: 'two ports are isolated',
      break: () =>
        hosts.inside(
          'manager',
          `bridge link set dev ${hosts.portOf('safe')} isolated on; bridge link set dev ${hosts.portOf('key')} isolated on`,
        ),
      trace: asked,
      codes: ['bridge-port-isolated'],
      at: ['manager'],
      mended,
      undo: () =>
        hosts.inside(
          'manager',
          `bridge link set dev ${hosts.portOf('safe')} isolated off; bridge link set dev ${hosts.portOf('key')} isolated off`,
        ),
    },
    {
      name: 'a port is disabled',
      break: () => hosts.inside('manager', `bridge link set dev ${hosts.portOf('key')} state 0`),
      trace: asked,
      codes: ['bridge-port-blocked'],
      at: ['manager'],
      doctor: ['bridge-port-blocked'],
      mended,
      undo: () => hosts.inside('manager', `bridge link set dev ${hosts.portOf('key')} state 3`),
    },
    {
      name: 'an input rule inside a container',
      break: () => hosts.inside('key', 'iptables -A INPUT -p icmp -j DROP'),
      trace: asked,
      codes: ['filtered'],
      at: ['key'],
      rule: /INPUT/,
      mended,
      undo: () => hosts.inside('key', 'iptables -F INPUT'),
    },
    {
      name: 'both containers have one address',
      break: () => hosts.inside('key', `ip addr add ${hosts.addressOf('safe')}/16 dev eth0`),
      codes: [],
      at: ['safe', 'key'],
      doctor: ['address-duplicate'],
      undo: () => hosts.inside('key', `ip addr del ${hosts.addressOf('safe')}/16 dev eth0`),
    },
  ])('$name', judge)
})

describe('an overlay network', () => {
  const asked = { from: 'api', to: container('far') }
  const mended = ['api', () => ping(hosts.addressOf('far'))] as const
  const vxlan = () => /\d+: (vxlan[^:@\s]*)/.exec(hosts.inside('manager/back', 'ip -o link show type vxlan'))![1]!
  const entry = () => `${hosts.macOf('far')} dev ${vxlan()} dst ${hosts.worker.address} self`
  test.each<DockerFault>([
    {
      name: 'the forwarding entry of a remote container is gone',
      break: () => hosts.inside('manager/back', `bridge fdb del ${entry()}`),
      trace: asked,
      codes: ['fdb-missing'],
      at: ['manager/back'],
      doctor: ['fdb-missing'],
      mended,
      undo: () => hosts.inside('manager/back', `bridge fdb replace ${entry()} permanent`),
    },
    {
      name: 'the neighbour entry of a remote container is gone',
      break: () => hosts.inside('manager/back', `ip neigh del ${hosts.addressOf('far')} dev ${vxlan()}`),
      trace: asked,
      codes: ['neighbour-missing'],
      at: ['manager/back'],
      doctor: ['neighbour-missing'],
      mended,
      undo: () =>
        hosts.inside(
          'manager/back',
          `ip neigh replace ${hosts.addressOf('far')} lladdr ${hosts.macOf('far')} dev ${vxlan()} nud permanent`,
        ),
    },
    {
      name: 'the other host drops what comes through tunnels',
      break: () => hosts.inside('worker', 'iptables -I INPUT -p udp --dport 4789 -j DROP'),
      trace: asked,
      codes: ['filtered'],
      at: ['worker'],
      rule: /INPUT/,
      mended,
      undo: () => hosts.inside('worker', 'iptables -D INPUT -p udp --dport 4789 -j DROP || true'),
    },
    {
      name: 'the tunnel is down on the other host',
      break: () => hosts.inside('worker/back', `ip link set ${vxlan()} down`),
      trace: asked,
      codes: ['interface-down'],
      at: ['worker/back'],
      doctor: ['interface-down'],
      // The kernel forgets a link's neighbours when it goes down, permanent ones too (neigh_ifdown, net/core/neighbour.c).
      undo: () =>
        hosts.inside(
          'worker/back',
          `ip link set ${vxlan()} up
           ip neigh replace ${hosts.addressOf('api')} lladdr ${hosts.macOf('api')} dev ${vxlan()} nud permanent
           bridge fdb replace ${hosts.macOf('api')} dev ${vxlan()} dst ${hosts.manager.address} self permanent`,
        ),
    },
    {
      name: 'the tunnel left its bridge',
      break: () => hosts.inside('manager/back', `ip link set ${vxlan()} nomaster`),
      trace: asked,
      codes: ['bridge-port-missing'],
      at: ['manager/back'],
      doctor: ['bridge-port-missing'],
      mended,
      undo: () => hosts.inside('manager/back', `ip link set ${vxlan()} master br0`),
    },
  ])('$name', judge)
})
