import { afterEach, beforeEach, expect, test } from 'vitest'
import { BridgeOption } from '../../src/engine/drivers/bridge/bridge-options.ts'
import type { NetworkRecord, PortBinding, PortMapping } from '../../src/engine/model.ts'
import { ask, askUdp, BridgeWorld, type Joined, networkRecord, runIn } from './bridge-world.ts'

let world: BridgeWorld

beforeEach(() => {
  world = new BridgeWorld('ports')
})

afterEach(async () => {
  await world.close()
})

/** A network with one endpoint whose mappings are published, and a server on port 80 behind it. */
async function publish(
  network: NetworkRecord,
  host: number,
  ...portMappings: PortMapping[]
): Promise<Joined & { ports: readonly PortBinding[] }> {
  const joined = await world.join(network, host, { portMappings })
  await world.serve(joined.name, [80])
  const ports = await world.driver.expose(network, joined.endpoint)
  return { ...joined, endpoint: { ...joined.endpoint, ports }, ports }
}

async function made(number: number, change: Partial<NetworkRecord> = {}): Promise<NetworkRecord> {
  const network = networkRecord(number, change)
  await world.driver.createNetwork(network)
  return network
}

/** Whether frames on the host's bridges pass the rules for packets; a kernel without br_netfilter has no such setting. */
function bridgeNetfilter(value: 0 | 1): void {
  const settings = ['iptables', 'ip6tables'].map((name) => `net.bridge.bridge-nf-call-${name}=${value}`)
  runIn(world.hostName, 'sysctl', '-qe', ...settings)
}

test.each([0, 1] as const)(
  'with bridge-nf-call %i a published port answers from outside, from the host, from a neighbour and from the container itself',
  async (filtering) => {
    bridgeNetfilter(filtering)
    const network = await made(1, { ipv6: true })
    const other = await made(2, { ipv6: true })
    const { name, ports } = await publish(network, 2, { protocol: 'tcp', containerPort: 80, hostPort: 8080 })
    expect(ports).toEqual([
      { protocol: 'tcp', containerPort: 80, hostAddress: '0.0.0.0', hostPort: 8080 },
      { protocol: 'tcp', containerPort: 80, hostAddress: '::', hostPort: 8080 },
    ])
    const neighbour = await world.join(network, 3)
    const stranger = await world.join(other, 2)
    // The outside is seen as it is; who would be answered directly is seen as the gateway.
    expect(ask(world.outside, '192.0.2.1', 8080)).toBe(`${name} 192.0.2.2`)
    expect(ask(world.outside, '2001:db8::1', 8080)).toBe(`${name} 2001:db8::2`)
    expect(ask(world.hostName, '127.0.0.1', 8080)).toBe(`${name} 10.61.0.1`)
    expect(ask(world.hostName, '192.0.2.1', 8080)).toBe(`${name} 192.0.2.1`)
    expect(ask(world.hostName, '2001:db8::1', 8080)).toBe(`${name} 2001:db8::1`)
    expect(ask(neighbour.name, '192.0.2.1', 8080)).toBe(`${name} 10.61.0.1`)
    expect(ask(neighbour.name, '10.61.0.1', 8080)).toBe(`${name} 10.61.0.1`)
    expect(ask(name, '2001:db8::1', 8080)).toBe(`${name} fd00:61::1`)
    expect(ask(name, '192.0.2.1', 8080)).toBe(`${name} 10.61.0.1`)
    expect(ask(stranger.name, '192.0.2.1', 8080)).toContain(name)
  },
)

test('on the loopback of IPv6, from which nothing leads to a container, a published port is refused at once', async () => {
  const network = await made(1, { ipv6: true })
  const mapping = { protocol: 'tcp', containerPort: 80, hostPort: 8080 } as const
  await publish(network, 2, mapping)
  expect(ask(world.hostName, '::1', 8080)).toBe('refused')
  await expect(publish(network, 3, { ...mapping, hostAddress: '::1' })).rejects.toMatchObject({
    code: 'port-invalid',
    message: expect.stringContaining('use 127.0.0.1'),
  })
})

test('a port of the loopback is for the host alone', async () => {
  const network = await made(1)
  const { name } = await publish(network, 2, {
    protocol: 'tcp',
    containerPort: 80,
    hostPort: 8080,
    hostAddress: '127.0.0.1',
  })
  await world.serve(world.hostName, [9000])
  expect(ask(world.hostName, '127.0.0.1', 8080)).toBe(`${name} 10.61.0.1`)
  expect(ask(world.outside, '192.0.2.1', 8080)).toBe('refused')
  // route_localnet is on at the bridge: a container that routes 127.0.0.0/8 to its gateway still gets nowhere.
  runIn(name, 'sysctl', '-qw', 'net.ipv4.conf.all.route_localnet=1')
  runIn(name, 'ip', 'route', 'del', 'local', '127.0.0.0/8', 'dev', 'lo', 'table', 'local')
  runIn(name, 'ip', 'route', 'del', 'local', '127.0.0.1', 'dev', 'lo', 'table', 'local')
  runIn(name, 'ip', 'route', 'add', '127.0.0.0/8', 'via', '10.61.0.1', 'src', '10.61.0.2')
  expect(ask(name, '127.0.0.1', 9000)).toBe('silence')
  expect(ask(name, '127.0.0.1', 8080)).toBe('silence')
})

test('UDP is answered from the address that was asked', async () => {
  const network = await made(1, { ipv6: true })
  const { name } = await publish(network, 2, { protocol: 'udp', containerPort: 80, hostPort: 5353 })
  expect(askUdp(world.outside, '192.0.2.1', 5353)).toBe(`${name} 192.0.2.2`)
  expect(askUdp(world.outside, '2001:db8::1', 5353)).toBe(`${name} 2001:db8::2`)
  expect(askUdp(world.hostName, '127.0.0.1', 5353)).toBe(`${name} 10.61.0.1`)
})

test('a UDP sender is led to whom the port belongs now', async () => {
  const network = await made(1)
  const mapping = { protocol: 'udp', containerPort: 80, hostPort: 5353 } as const
  const one = await publish(network, 2, mapping)
  expect(askUdp(world.outside, '192.0.2.1', 5353, 4000)).toContain(one.name)
  await world.driver.conceal(network, one.endpoint)
  // Nobody has it: this sender's flow is now one to the host itself.
  expect(askUdp(world.outside, '192.0.2.1', 5353, 4000)).not.toContain(one.name)
  const two = await publish(network, 3, mapping)
  expect(askUdp(world.outside, '192.0.2.1', 5353, 4000)).toContain(two.name)
})

test('what is not published, or no longer, is refused by the host', async () => {
  const network = await made(1)
  const { endpoint } = await publish(network, 2, { protocol: 'tcp', containerPort: 80, hostPort: 8080 })
  expect(ask(world.outside, '192.0.2.1', 8081)).toBe('refused')
  await world.driver.conceal(network, endpoint)
  expect(ask(world.outside, '192.0.2.1', 8080)).toBe('refused')
  expect(runIn(world.hostName, 'ss', '-Hltn')).toBe('')
})

test('a port is held against other programs, and its holder is named to those who want it', async () => {
  const network = await made(1)
  const mapping = { protocol: 'tcp', containerPort: 80, hostPort: 8080 } as const
  const one = await publish(network, 2, mapping)
  const listening = runIn(world.hostName, 'ss', '-Hltnp')
  expect(listening).toContain('0.0.0.0:8080')
  await expect(publish(network, 3, { ...mapping, hostAddress: '192.0.2.1' })).rejects.toMatchObject({
    code: 'port-taken',
    message: expect.stringContaining(`192.0.2.1:8080/tcp is taken by endpoint ${one.endpoint.name}`),
  })
  const server = await world.serve(world.hostName, [9000])
  await expect(publish(network, 4, { ...mapping, hostPort: 9000 })).rejects.toMatchObject({
    code: 'port-taken',
    message: expect.stringMatching(new RegExp(`taken by \\S+ \\(pid ${server.pid}\\)`)),
  })
  await expect(publish(network, 5, { ...mapping, hostPort: 8090, hostAddress: '198.51.100.7' })).rejects.toMatchObject({
    code: 'port-invalid',
    message: expect.stringContaining('no such address'),
  })
})

test('an automatic port is one that is free on every address and not reserved', async () => {
  const network = await made(1, { ipv6: true })
  runIn(world.hostName, 'sysctl', '-qw', 'net.ipv4.ip_local_port_range=40000 40005')
  runIn(world.hostName, 'sysctl', '-qw', 'net.ipv4.ip_local_reserved_ports=40000,40002-40003')
  await world.serve(world.hostName, [40001])
  const { ports } = await publish(network, 2, { protocol: 'tcp', containerPort: 80 })
  expect(ports.map((port) => port.hostPort)).toEqual([40004, 40004])
  const next = await publish(network, 3, { protocol: 'tcp', containerPort: 80 })
  expect(next.ports[0]?.hostPort).toBe(40005)
  await expect(publish(network, 4, { protocol: 'tcp', containerPort: 80 })).rejects.toMatchObject({
    code: 'ports-exhausted',
  })
})

test('of a range the first free one is taken; a failed endpoint holds nothing', async () => {
  const network = await made(1)
  await world.serve(world.hostName, [7000])
  const mapping = { protocol: 'tcp', containerPort: 80, hostPort: 7000, hostPortEnd: 7001 } as const
  const one = await publish(network, 2, mapping)
  expect(one.ports.map((port) => port.hostPort)).toEqual([7001])
  const free = { protocol: 'udp', containerPort: 80, hostPort: 7005 } as const
  await expect(publish(network, 3, free, mapping)).rejects.toMatchObject({ code: 'ports-exhausted' })
  await expect(publish(network, 4, free)).resolves.toMatchObject({ ports: [{ hostPort: 7005 }] })
})

test('a port of one address leaves the others free', async () => {
  runIn(world.hostName, 'ip', 'address', 'add', '192.0.2.50/24', 'dev', 'up0')
  const network = await made(1, { options: { [BridgeOption.hostBinding]: '192.0.2.50' } })
  const one = await publish(network, 2, { protocol: 'tcp', containerPort: 80, hostPort: 8080 })
  const two = await publish(network, 3, {
    protocol: 'tcp',
    containerPort: 80,
    hostPort: 8080,
    hostAddress: '192.0.2.1',
  })
  expect(ask(world.outside, '192.0.2.50', 8080)).toContain(one.name)
  expect(ask(world.outside, '192.0.2.1', 8080)).toContain(two.name)
})

test('families are not translated into each other', async () => {
  const network = await made(1)
  const mapping = { protocol: 'tcp', containerPort: 80, hostPort: 8080, hostAddress: '::' } as const
  await expect(publish(network, 2, mapping)).rejects.toMatchObject({
    code: 'port-invalid',
    message: expect.stringContaining('no IPv6 address'),
  })
})

test('ports of an internal network are not published', async () => {
  const network = await made(1, { internal: true })
  const { ports } = await publish(network, 2, { protocol: 'tcp', containerPort: 80, hostPort: 8080 })
  expect(ports).toEqual([])
  expect(ask(world.hostName, '127.0.0.1', 8080)).toBe('refused')
})

test('after a restart ports are held and lead as before, and nothing was interrupted', async () => {
  const network = await made(1, { ipv6: true })
  const one = await publish(network, 2, { protocol: 'tcp', containerPort: 80, hostPort: 8080 })
  const stray = await publish(network, 3, { protocol: 'tcp', containerPort: 80, hostPort: 8081 })
  await world.driver.close()
  expect(ask(world.outside, '192.0.2.1', 8080)).toContain(one.name)
  const restarted = world.newDriver()
  try {
    runIn(world.hostName, 'ip', 'link', 'delete', 'br-111111111111')
    await restarted.restore([network], [one.endpoint])
    expect(ask(world.outside, '192.0.2.1', 8080)).toContain(one.name)
    expect(ask(world.outside, '2001:db8::1', 8080)).toContain(one.name)
    expect(ask(world.outside, '192.0.2.1', 8081)).toBe('refused')
    expect(runIn(world.hostName, 'ss', '-Hltn')).toContain('0.0.0.0:8080')
    expect(runIn(world.hostName, 'ip', '-o', 'link')).not.toContain(stray.endpoint.id)
    await restarted.conceal(network, one.endpoint)
    expect(ask(world.outside, '192.0.2.1', 8080)).toBe('refused')
  } finally {
    await restarted.close()
  }
})

test('SCTP is led too, whether or not the host itself speaks it', async () => {
  const network = await made(1)
  const { ports } = await publish(network, 2, { protocol: 'sctp', containerPort: 80, hostPort: 8080 })
  expect(ports).toHaveLength(1)
  const rules = runIn(world.hostName, 'nft', 'list', 'map', 'inet', 'netwright-bridge', 'any4-address')
  expect(rules).toContain('sctp . 8080 : 10.61.0.2')
  await expect(publish(network, 3, { protocol: 'sctp', containerPort: 80, hostPort: 8080 })).rejects.toMatchObject({
    code: 'port-taken',
  })
})
