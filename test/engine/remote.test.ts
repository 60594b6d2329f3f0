import { execFileSync } from 'node:child_process'
import { afterAll, describe, expect, test } from 'vitest'
import type { JoiningSandbox, NetworkDriver } from '../../src/engine/drivers/driver.ts'
import { createRemoteDriver } from '../../src/engine/drivers/remote/index.ts'
import { Controller, dockerPlugins, type EndpointRecord, type NetworkRecord } from '../../src/engine/index.ts'
import { DefaultIpam } from '../../src/engine/ipam/index.ts'
import { openPlugin } from '../../src/engine/plugins/index.ts'
import { MemoryStore } from '../../src/engine/store/memory-store.ts'
import { Namespace } from '../../src/kernel/index.ts'
import { type Answer, type PluginStandIn, PluginWorld } from './plugin-stand-in.ts'

const here = Namespace.open('own')
afterAll(() => here.close())

const NETWORK = 'a'.repeat(64)
const ENDPOINT = 'b'.repeat(64)

const network: NetworkRecord = {
  id: NETWORK,
  name: 'net',
  driver: 'fake',
  scope: 'local',
  internal: true,
  attachable: false,
  ipv4: true,
  ipv6: false,
  configOnly: false,
  configFrom: null,
  options: { colour: 'blue' },
  labels: {},
  ipamDriver: 'default',
  ipamOptions: {},
  pools: [
    {
      family: 4,
      poolId: 'LocalDefault/10.9.0.0/24',
      pool: '10.9.0.0/24',
      subPool: null,
      gateway: '10.9.0.1/24',
      auxiliary: { printer: '10.9.0.7/24' },
      data: {},
    },
  ],
  created: '2026-01-01T00:00:00.000Z',
}

const endpoint: EndpointRecord = {
  id: ENDPOINT,
  name: 'web',
  networkId: NETWORK,
  macAddress: '02:42:0a:09:00:02',
  addresses: ['10.9.0.2/24'],
  linkLocalAddresses: [],
  aliases: [],
  anonymous: false,
  options: { weight: '3' },
  labels: {},
  portMappings: [
    { protocol: 'tcp', containerPort: 80, hostPort: 8080 },
    { protocol: 'udp', containerPort: 53, hostAddress: '192.0.2.1' },
  ],
  exposedPorts: [{ protocol: 'sctp', port: 99 }],
  sandboxId: null,
  priority: 0,
  join: null,
  ports: [],
  created: '2026-01-01T00:00:00.000Z',
}

interface Remote {
  readonly driver: NetworkDriver
  readonly plugin: PluginStandIn
  readonly notices: string[]
}

/** A driver over a plugin whose driver methods answer as the table says, and `{}` to what every plugin has. */
async function remote(world: PluginWorld, answers: Record<string, Answer>, host = here): Promise<Remote> {
  const own = Object.fromEntries(Object.entries(answers).map(([name, answer]) => [`NetworkDriver.${name}`, answer]))
  const plugin = await world.plugin('fake', {
    'NetworkDriver.GetCapabilities': { Scope: 'local' },
    ...Object.fromEntries(
      ['CreateNetwork', 'DeleteNetwork', 'DeleteEndpoint', 'Leave'].map((m) => [`NetworkDriver.${m}`, {}]),
    ),
    ...own,
  })
  const notices: string[] = []
  const client = await openPlugin('fake', 'NetworkDriver', world)
  const driver = await createRemoteDriver({ host, plugin: client!, notice: (sentence) => notices.push(sentence) })
  return { driver, plugin, notices }
}

const sandbox: JoiningSandbox = {
  id: 's',
  containerId: 'c',
  key: '/run/netns/c',
  namespace: { fd: -1 },
  freeInterfaceName: (prefix) => `${prefix}0`,
}

describe('a plugin is sent', () => {
  test('a network with its options and pools', async () => {
    await using world = new PluginWorld()
    const { driver, plugin } = await remote(world, {})
    await driver.createNetwork(network)
    expect(plugin.calls.at(-1)!.body).toEqual({
      NetworkID: NETWORK,
      Options: {
        'com.docker.network.generic': { colour: 'blue' },
        'com.docker.network.enable_ipv4': true,
        'com.docker.network.enable_ipv6': false,
        'com.docker.network.internal': true,
      },
      IPv4Data: [
        {
          AddressSpace: 'LocalDefault',
          Pool: '10.9.0.0/24',
          Gateway: '10.9.0.1/24',
          AuxAddresses: { printer: '10.9.0.7/24' },
        },
      ],
      IPv6Data: [],
    })
  })

  test('an endpoint with its addresses and ports', async () => {
    await using world = new PluginWorld()
    const { driver, plugin } = await remote(world, { CreateEndpoint: {} })
    expect(await driver.createEndpoint(network, endpoint)).toEqual({})
    expect(plugin.calls.at(-1)!.body).toEqual({
      NetworkID: NETWORK,
      EndpointID: ENDPOINT,
      Interface: { Address: '10.9.0.2/24', AddressIPv6: '', MacAddress: '02:42:0a:09:00:02' },
      Options: {
        weight: '3',
        'com.docker.network.portmap': [
          { Proto: 6, IP: '', Port: 80, HostIP: '', HostPort: 8080, HostPortEnd: 8080 },
          { Proto: 17, IP: '', Port: 53, HostIP: '192.0.2.1', HostPort: 0, HostPortEnd: 0 },
        ],
        'com.docker.network.endpoint.exposedports': [{ Proto: 132, Port: 99 }],
        'com.docker.network.endpoint.macaddress': 'AkIKCQAC',
      },
    })
  })
})

describe('what a plugin answers', () => {
  test('may fill in what was left open', async () => {
    await using world = new PluginWorld()
    const { driver } = await remote(world, {
      CreateEndpoint: { Interface: { Address: '10.9.0.8/24', MacAddress: '02:AA:00:00:00:01' } },
    })
    const open = { ...endpoint, macAddress: null, addresses: [] }
    expect(await driver.createEndpoint(network, open)).toEqual({
      macAddress: '02:aa:00:00:00:01',
      addresses: ['10.9.0.8/24'],
    })
  })

  test.each([
    ['changes an address', { Interface: { Address: '10.9.0.3/24' } }, 'must not change'],
    ['repeats the MAC address', { Interface: { MacAddress: '02:42:0a:09:00:02' } }, 'must not change'],
    ['gives IPv4 for IPv6', { Interface: { AddressIPv6: '10.9.0.3/24' } }, 'an IPv6 address'],
    ['gives an address without length', { Interface: { AddressIPv6: 'fd00::1' } }, 'with prefix length'],
    ['gives a number', { Interface: { AddressIPv6: 7 } }, 'text is wanted'],
    ['gives a list', { Interface: [] }, 'an object is wanted'],
  ])('is refused for an endpoint when it %s', async (_, answer, why) => {
    await using world = new PluginWorld()
    const { driver } = await remote(world, { CreateEndpoint: answer })
    const failure = await driver.createEndpoint(network, endpoint).catch((error) => error)
    expect(failure.code).toBe('plugin-failed')
    expect(failure.message).toContain('the plugin fake answered NetworkDriver.CreateEndpoint with')
    expect(failure.message).toContain(why)
  })

  const named = { SrcName: 'lo0', DstPrefix: 'eth' }
  test.each([
    ['an unreadable gateway', { InterfaceName: named, Gateway: '10.9.0' }],
    ['a gateway of the other family', { InterfaceName: named, GatewayIPv6: '10.9.0.1' }],
    ['an unreadable destination', { InterfaceName: named, StaticRoutes: [{ Destination: '10.9.0.0', RouteType: 1 }] }],
    [
      'a route of no known type',
      { InterfaceName: named, StaticRoutes: [{ Destination: '10.9.0.0/16', RouteType: 2 }] },
    ],
    ['a route without next hop', { InterfaceName: named, StaticRoutes: [{ Destination: '10.9.0.0/16' }] }],
    ['a list of routes that is none', { InterfaceName: named, StaticRoutes: 'all' }],
    ['a name that is none', { InterfaceName: { SrcName: 'a/b' } }],
    ['the loopback interface', { InterfaceName: { SrcName: 'lo' } }],
    ['a prefix that is none', { InterfaceName: { SrcName: 'x', DstPrefix: '$(x)' } }],
    ['a gateway without an interface', { Gateway: '10.9.0.1' }],
    ['an interface that the host lacks', { InterfaceName: { SrcName: 'nwt-none0' } }],
  ])('is refused for a join when it has %s', async (_, answer) => {
    await using world = new PluginWorld()
    const { driver } = await remote(world, { Join: answer })
    const failure = await driver.join(network, endpoint, sandbox, {}).catch((error) => error)
    expect(failure.code).toBe('plugin-failed')
    expect(failure.message).toContain('the plugin fake answered NetworkDriver.Join with')
  })

  test.each([[{ Scope: 'galactic' }], [{}], [{ Scope: 1 }]])(
    'is no driver with the capabilities %j',
    async (answer) => {
      await using world = new PluginWorld()
      await expect(remote(world, { GetCapabilities: answer })).rejects.toThrow('GetCapabilities')
    },
  )

  test('may be that it offers no way out to program; a join without an interface is none', async () => {
    await using world = new PluginWorld()
    const { driver } = await remote(world, { Join: { DisableGatewayService: true } })
    expect(await driver.expose(network, endpoint)).toEqual([])
    await driver.conceal(network, endpoint)
    expect(await driver.join(network, endpoint, sandbox, {})).toMatchObject({
      placed: 'none',
      disableGatewayService: true,
    })
  })

  test('tells which ports it published, where that is certain, and what lies behind an endpoint', async () => {
    await using world = new PluginWorld()
    const { driver } = await remote(world, {
      ProgramExternalConnectivity: {},
      EndpointOperInfo: { Value: { tunnel: 'up' } },
    })
    expect(await driver.expose(network, endpoint)).toEqual([
      { protocol: 'tcp', containerPort: 80, hostAddress: '0.0.0.0', hostPort: 8080 },
    ])
    expect(await driver.inspect(network, endpoint)).toEqual({ tunnel: 'up' })
  })

  test('keeps nothing alive when it refuses to take it away', async () => {
    await using world = new PluginWorld()
    const { driver, notices } = await remote(world, { DeleteNetwork: { Err: 'never heard of it' } })
    await driver.deleteNetwork(network)
    expect(notices).toEqual(['the plugin fake, called for NetworkDriver.DeleteNetwork, refused it: never heard of it'])
  })
})

describe('with a controller', () => {
  /** A plugin that makes a pair of interfaces in the host's namespace, as real ones do. */
  const pairs = (host: string): Record<string, Answer> => ({
    CreateEndpoint: (response) => {
      execFileSync('ip', ['-n', host, 'link', 'add', 'inner0', 'type', 'veth', 'peer', 'name', 'outer0'])
      response.end('{"Interface":null}')
    },
    DeleteEndpoint: (response) => {
      execFileSync('ip', ['-n', host, 'link', 'delete', 'inner0'])
      response.end('{}')
    },
    ProgramExternalConnectivity: {},
    RevokeExternalConnectivity: {},
  })

  async function withController(
    name: string,
    answers: Record<string, Answer>,
    work: (controller: Controller, plugin: PluginStandIn) => Promise<void>,
  ): Promise<void> {
    await using world = new PluginWorld()
    execFileSync('ip', ['netns', 'add', name])
    const host = Namespace.open({ name })
    let controller: Controller | undefined
    try {
      const { driver, plugin } = await remote(world, { ...pairs(name), ...answers }, host)
      controller = await Controller.open({
        state: `${world.root}/state`,
        run: `${world.root}/engine`,
        host,
        store: new MemoryStore(),
        plugins: null,
        names: null,
        drivers: new Map([['fake', () => driver]]),
        ipamDrivers: new Map([['default', () => new DefaultIpam()]]),
      })
      await work(controller, plugin)
    } finally {
      for (const each of controller?.sandboxes() ?? []) await each.delete()
      await controller?.close()
      host.close()
      execFileSync('ip', ['netns', 'delete', name])
    }
  }

  const linksOf = (host: string): string[] =>
    JSON.parse(execFileSync('ip', ['-n', host, '-j', 'link'], { encoding: 'utf8' })).map(
      (l: { ifname: string }) => l.ifname,
    )

  test('the plugin’s interface moves into the sandbox and back; calls come in dockerd’s order', async () => {
    const name = `nwt-remote-${process.pid}`
    const join = {
      InterfaceName: { SrcName: 'inner0', DstPrefix: 'net' },
      Gateway: '10.9.0.1',
      StaticRoutes: [{ Destination: '10.50.0.0/16', RouteType: 0, NextHop: '10.9.0.9' }],
    }
    await withController(name, { Join: join }, async (controller, plugin) => {
      const made = await controller.createNetwork({ name: 'n', driver: 'fake', ipam: [{ pool: '10.9.0.0/24' }] })
      const point = await made.createEndpoint({ name: 'e', macAddress: '02:00:00:00:00:05' })
      const box = await controller.createSandbox({ containerId: 'c' })
      await point.join(box)
      const inside = (...words: string[]) =>
        JSON.parse(execFileSync('nsenter', [`--net=${box.key}`, 'ip', '-j', ...words], { encoding: 'utf8' }))
      expect(inside('addr', 'show', 'net0')[0]).toMatchObject({ address: '02:00:00:00:00:05' })
      expect(inside('route').map((r: { dst: string; gateway?: string }) => [r.dst, r.gateway])).toEqual([
        ['default', '10.9.0.1'],
        ['10.9.0.0/24', undefined],
        ['10.50.0.0/16', '10.9.0.9'],
      ])
      expect(linksOf(name)).toEqual(['lo', 'outer0'])
      await point.leave(box)
      expect(linksOf(name).sort()).toEqual(['inner0', 'lo', 'outer0'])
      await point.delete()
      await made.delete()
      expect(linksOf(name)).toEqual(['lo'])
      expect(plugin.methods()).toEqual([
        'GetCapabilities',
        'CreateNetwork',
        'CreateEndpoint',
        'Join',
        'ProgramExternalConnectivity',
        'RevokeExternalConnectivity',
        'Leave',
        'DeleteEndpoint',
        'DeleteNetwork',
      ])
    })
  })

  test('an answer that cannot be used undoes the join, and the creation of an endpoint', async () => {
    const name = `nwt-remotf-${process.pid}`
    await withController(
      name,
      { Join: { InterfaceName: { SrcName: 'inner0' }, Gateway: 'x' } },
      async (controller, plugin) => {
        const made = await controller.createNetwork({ name: 'n', driver: 'fake', ipam: [{ pool: '10.9.0.0/24' }] })
        const point = await made.createEndpoint({ name: 'e' })
        const box = await controller.createSandbox({ containerId: 'c' })
        await expect(point.join(box)).rejects.toThrow('as Gateway')
        expect(plugin.methods()).toContain('Leave')
        expect(point.info().sandbox).toBeNull()
        await point.delete()
        plugin.answers['NetworkDriver.CreateEndpoint'] = { Interface: { Address: '10.9.0.77/24' } }
        plugin.answers['NetworkDriver.DeleteEndpoint'] = {}
        await expect(made.createEndpoint({ name: 'f' })).rejects.toThrow('must not change')
        expect(plugin.methods().at(-1)).toBe('DeleteEndpoint')
        expect(controller.endpoints()).toEqual([])
      },
    )
  })

  test('a plugin is found by the name of the driver and of the address manager when a network wants it', async () => {
    await using world = new PluginWorld()
    await world.plugin('both', {
      'NetworkDriver.GetCapabilities': { Scope: 'local' },
      'NetworkDriver.CreateNetwork': {},
      'IpamDriver.GetDefaultAddressSpaces': { LocalDefaultAddressSpace: 'here', GlobalDefaultAddressSpace: 'there' },
      'IpamDriver.RequestPool': { PoolID: 'p1', Pool: '10.44.0.0/24', Data: {} },
      'IpamDriver.RequestAddress': { Address: '10.44.0.1/24' },
    })
    const controller = await Controller.open({
      state: `${world.root}/state`,
      run: `${world.root}/engine`,
      host: here,
      store: new MemoryStore(),
      plugins: dockerPlugins(world),
      names: null,
    })
    const made = await controller.createNetwork({ name: 'n', driver: 'both', ipamDriver: 'both' })
    expect(made.info().pools).toMatchObject([{ poolId: 'p1', pool: '10.44.0.0/24', gateway: '10.44.0.1/24' }])
    const absent = controller.createNetwork({ name: 'm', driver: 'absent' })
    await expect(absent).rejects.toMatchObject({ code: 'driver-unknown' })
    await controller.close()
  })
})
