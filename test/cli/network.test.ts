/** `netwright network` and `netwright sandbox`, through a daemon and without one. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { DaemonWorld } from '../daemon/daemon-world.ts'
import { runProgram } from '../support/program.ts'
import { schemaFaults } from '../support/schema.ts'

describe.each([['through a daemon'], ['without a daemon']])('%s', (way) => {
  const world = new DaemonWorld(way === 'through a daemon' ? 'cli-net' : 'cli-net-own')
  beforeAll(async () => {
    if (way === 'through a daemon') await world.startDaemon()
  })
  afterAll(() => world.close())
  afterEach(() => {
    const sandboxes = world.netwright('sandbox', 'list', '--quiet').answer.split('\n').filter(Boolean)
    if (sandboxes.length > 0) world.netwright('sandbox', 'remove', ...sandboxes)
    const networks = world.netwright('network', 'list', '--quiet').answer.split('\n').filter(Boolean)
    if (networks.length > 0) world.netwright('network', 'remove', '--force', ...networks)
  })

  const json = (...words: string[]) => {
    const { code, answer, remarks } = world.netwright(...words, '--json')
    expect(code, remarks).toBe(0)
    return JSON.parse(answer)
  }

  test('a network with all that Docker’s users know', () => {
    const words = ['--subnet', '10.74.0.0/24', '--gateway', '10.74.0.254', '--ip-range', '10.74.0.128/25']
    const more = ['--aux-address', 'router=10.74.0.130', '--internal', '--label', 'team=a', '--attachable']
    const options = ['-d', 'bridge', '-o', 'com.docker.network.driver.mtu=1400']
    const network = json('network', 'create', ...words, ...more, ...options, 'blue')
    expect(schemaFaults('network', network)).toEqual([])
    expect(network).toMatchObject({
      name: 'blue',
      driver: 'bridge',
      internal: true,
      attachable: true,
      labels: { team: 'a' },
      options: { 'com.docker.network.driver.mtu': '1400' },
      pools: [
        {
          pool: '10.74.0.0/24',
          subPool: '10.74.0.128/25',
          gateway: '10.74.0.254/24',
          auxiliary: { router: '10.74.0.130/24' },
        },
      ],
    })
    const { answer } = world.netwright('network', 'inspect', 'blue')
    for (const words of ['blue', '10.74.0.128/25', 'router=10.74.0.130', 'com.docker.network.driver.mtu  1400']) {
      expect(answer).toContain(words)
    }
  })

  test('two families, each option with the subnet that it lies in', () => {
    const subnets = ['--ipv6', '--subnet', 'fd00:74::/64', '--subnet', '10.74.1.0/24']
    const { pools } = json('network', 'create', ...subnets, '--gateway', '10.74.1.9', '--gateway', 'fd00:74::9', 'both')
    const gateways = Object.fromEntries(
      pools.map((each: { pool: string; gateway: string }) => [each.pool, each.gateway]),
    )
    expect(gateways).toEqual({ '10.74.1.0/24': '10.74.1.9/24', 'fd00:74::/64': 'fd00:74::9/64' })
  })

  test('a sandbox is connected, listed, disconnected and removed', () => {
    json('network', 'create', '--subnet', '10.74.2.0/24', 'blue')
    json('network', 'create', '--subnet', '10.74.3.0/24', 'green')
    const made = json('sandbox', 'create', '--network', 'blue', '--hostname', 'web', '--label', 'a=b', 'web')
    expect(schemaFaults('sandbox', made)).toEqual([])
    const endpoint = json('network', 'connect', '--ip', '10.74.3.77', '--alias', 'www', 'green', 'web')
    expect(schemaFaults('endpoint', endpoint)).toEqual([])
    expect(endpoint).toMatchObject({ interfaceName: 'eth1', addresses: ['10.74.3.77/24'], aliases: ['www'] })
    const { sandboxes } = json('sandbox', 'list')
    expect(sandboxes[0].endpoints.map((each: { network: { name: string } }) => each.network.name).sort()).toEqual([
      'blue',
      'green',
    ])
    expect(world.netwright('sandbox', 'inspect', 'web').answer).toMatch(/green +web +eth1 +10\.74\.3\.77\/24/)
    expect(world.netwright('network', 'disconnect', 'green', 'web')).toMatchObject({ code: 0, answer: '' })
    expect(world.netwright('network', 'inspect', 'green').answer).not.toContain('Endpoints')
    expect(json('sandbox', 'remove', 'web')).toEqual({ schema: 'netwright/removed/v1', removed: ['web'] })
    expect(json('network', 'list').networks.map((each: { endpointCount: number }) => each.endpointCount)).toEqual([
      0, 0,
    ])
  })

  test('a process’s namespace is adopted, and stays', () => {
    const made = json('sandbox', 'create', '--path', `/run/netns/${world.namespace}`, 'host-copy')
    expect(made).toMatchObject({ origin: 'path' })
    expect(world.netwright('sandbox', 'remove', 'host-copy').code).toBe(0)
  })

  test('removing tells which went and which did not', () => {
    json('network', 'create', 'one')
    json('network', 'create', 'two')
    const { code, answer, remarks } = world.netwright('network', 'remove', 'one', 'nosuch', 'two')
    expect({ code, answer }).toEqual({ code: 3, answer: 'one\ntwo\n' })
    expect(remarks).toBe('netwright network remove: there is no network "nosuch"\n')
  })

  test('a network in use is kept, unless by force; pruning leaves it', () => {
    json('network', 'create', 'blue')
    json('network', 'create', 'idle')
    json('sandbox', 'create', '--network', 'blue', 'web')
    expect(world.netwright('network', 'remove', 'blue')).toMatchObject({ code: 3, answer: '' })
    expect(json('network', 'prune')).toEqual({ schema: 'netwright/removed/v1', removed: ['idle'] })
    expect(world.netwright('network', 'remove', '--force', 'blue')).toMatchObject({ code: 0, answer: 'blue\n' })
    expect(json('sandbox', 'inspect', 'web').endpoints).toEqual([])
  })

  test('a sandbox that one of its networks does not take is not made', () => {
    json('network', 'create', 'blue')
    const { code, remarks } = world.netwright('sandbox', 'create', '--network', 'blue', '--network', 'nosuch', 'web')
    expect(code).toBe(3)
    expect(remarks).toContain('there is no network "nosuch"')
    expect(json('sandbox', 'list').sandboxes).toEqual([])
    expect(json('network', 'inspect', 'blue').endpoints).toEqual([])
  })

  test('a name that would play with the terminal is shown harmlessly', () => {
    json('network', 'create', '--label', 'a=\u001b[31mred', 'blue')
    expect(world.netwright('network', 'inspect', 'blue').answer).toContain('\\x1b[31mred')
  })
})

test.each([
  [['network', 'create'], 'argument NAME is missing'],
  [['network', 'create', '--gateway', '10.0.0.1', 'x'], '--gateway 10.0.0.1 lies in no --subnet'],
  [['network', 'create', '--subnet', '10.0.0.0/33', 'x'], '--subnet 10.0.0.0/33 is not an address range'],
  [['network', 'create', '--label', '=b', 'x'], 'KEY=VALUE is wanted'],
  [['network', 'connect', '-p', '80/icmp', 'x', 'y'], '--publish 80/icmp is not of the form'],
  [['network', 'connect', '--priority', 'high', 'x', 'y'], '--priority high is not a whole number'],
  [['sandbox', 'create'], 'a name is missing'],
  [['sandbox', 'create', '--pid', '0'], 'is not the number of a process'],
  [['sandbox', 'create', '--add-host', 'web', 'x'], 'is not of the form NAME:ADDRESS'],
  [['sandbox', 'create', '--dns', 'web', 'x'], 'is not an IP address'],
])('%j cannot be understood', (words, sentence) => {
  const { code, answer, remarks } = runProgram(words)
  expect({ code, answer }).toEqual({ code: 2, answer: '' })
  expect(remarks).toContain(sentence)
})

test('without a daemon, who holds the engine is told', async () => {
  const world = new DaemonWorld('cli-held')
  try {
    await world.startDaemon(['--socket', `${world.directory}/elsewhere.sock`])
    const { code, remarks } = world.netwright('network', 'list')
    expect(code).toBe(3)
    expect(remarks).toMatch(/is in use by process \d+/)
  } finally {
    await world.close()
  }
})

test('completion offers the names of networks and sandboxes that the daemon has', async () => {
  const world = new DaemonWorld('cli-names')
  try {
    expect(world.netwright('__complete', 'networks')).toMatchObject({ code: 0, answer: '' })
    await world.startDaemon()
    world.netwright('network', 'create', 'blue')
    world.netwright('network', 'create', 'with space')
    world.netwright('sandbox', 'create', 'web')
    expect(world.netwright('__complete', 'networks').answer).toBe('blue\n')
    expect(world.netwright('__complete', 'sandboxes').answer).toBe('web\n')
  } finally {
    await world.close()
  }
})
