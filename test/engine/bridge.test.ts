import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { BridgeOption } from '../../src/engine/drivers/bridge/bridge-options.ts'
import { ask, BridgeWorld, interfacesOf, networkRecord, pool, reaches, run, runIn } from './bridge-world.ts'

let world: BridgeWorld

beforeEach(() => {
  world = new BridgeWorld('br')
})

afterEach(async () => {
  await world.close()
})

/** What `ip` tells of an interface, with details. */
function link(namespace: string, name: string): Record<string, unknown> {
  return JSON.parse(run('ip', '-n', namespace, '-j', '-d', 'link', 'show', name))[0]
}

const tables = (): string => runIn(world.hostName, 'nft', 'list', 'tables')

test('two sandboxes reach each other, and the outside, which knows no way back to them', async () => {
  const network = networkRecord(1, { ipv6: true })
  await world.driver.createNetwork(network)
  const one = await world.join(network, 2)
  const two = await world.join(network, 3)
  expect(reaches(one.name, '10.61.0.3')).toBe(true)
  expect(reaches(two.name, 'fd00:61::2')).toBe(true)
  expect(reaches(one.name, '192.0.2.2')).toBe(true)
  // Who has just come up misses the first solicitation; the next one follows after a second.
  expect(reaches(one.name, '2001:db8::2', 3)).toBe(true)
  expect(world.notices.join()).toContain('net.ipv4.ip_forward=1')
})

test('an endpoint is a pair of interfaces, named, marked and sized as the network says', async () => {
  const network = networkRecord(1, {
    options: { [BridgeOption.mtu]: '1400', [BridgeOption.interfacePrefix]: 'net', [BridgeOption.name]: 'lan' },
  })
  await world.driver.createNetwork(network)
  const { name, endpoint } = await world.join(network, 9)
  expect(endpoint.macAddress).toBe('02:42:0a:3d:00:09')
  expect(link(name, 'net0')).toMatchObject({ mtu: 1400, address: '02:42:0a:3d:00:09', operstate: 'UP' })
  const info = await world.driver.inspect(network, endpoint)
  const outer = link(world.hostName, String(info['hostInterface']))
  expect(outer).toMatchObject({
    mtu: 1400,
    master: 'lan',
    ifalias: `netwright:${endpoint.id}`,
    inet6_addr_gen_mode: 'none',
  })
  expect(link(world.hostName, 'lan')).toMatchObject({ mtu: 1400, ifalias: `netwright:${network.id}` })
})

test('an endpoint may choose the name of its interface', async () => {
  const network = networkRecord(1)
  await world.driver.createNetwork(network)
  const options = { 'com.docker.network.endpoint.ifname': 'inner' }
  const { name } = await world.join(network, 2, { options })
  expect(interfacesOf(name)).toContain('inner')
  const wrong = { options: { 'com.docker.network.endpoint.ifname': 'a/b' } }
  await expect(world.join(network, 3, wrong)).rejects.toMatchObject({ code: 'option-invalid' })
})

test('networks do not reach each other, and it is our rule that keeps them apart', async () => {
  const [first, second] = [networkRecord(1), networkRecord(2)]
  await world.driver.createNetwork(first)
  await world.driver.createNetwork(second)
  const one = await world.join(first, 2)
  await world.join(second, 2)
  expect(reaches(one.name, '10.62.0.2')).toBe(false)
  runIn(world.hostName, 'nft', 'flush', 'chain', 'inet', 'netwright-bridge', 'to-222222222222')
  expect(reaches(one.name, '10.62.0.2')).toBe(true)
})

test('the outside does not reach a container that it has a route to, unless the interface is trusted', async () => {
  const shut = networkRecord(1)
  const open = networkRecord(2, { options: { [BridgeOption.trustedHostInterfaces]: 'other0:up0' } })
  for (const network of [shut, open]) {
    await world.driver.createNetwork(network)
    await world.join(network, 2)
    run('ip', '-n', world.outside, 'route', 'add', network.pools[0]!.pool, 'via', '192.0.2.1')
  }
  expect(reaches(world.outside, '10.61.0.2')).toBe(false)
  expect(reaches(world.outside, '10.62.0.2')).toBe(true)
})

test('an internal network has no way out and none in, but to the host', async () => {
  const network = networkRecord(1, { internal: true, ipv6: true })
  await world.driver.createNetwork(network)
  const one = await world.join(network, 2)
  await world.join(network, 3)
  expect(one.endpoint.join).toMatchObject({ gateway: null, gatewayIPv6: null })
  run('ip', '-n', one.name, 'route', 'add', 'default', 'via', '10.61.0.1')
  run('ip', '-n', world.outside, 'route', 'add', '10.61.0.0/24', 'via', '192.0.2.1')
  runIn(world.hostName, 'sysctl', '-qw', 'net.ipv4.ip_forward=1')
  expect(reaches(one.name, '10.61.0.3')).toBe(true)
  expect(reaches(one.name, 'fd00:61::3')).toBe(true)
  expect(reaches(one.name, '10.61.0.1')).toBe(true)
  expect(reaches(one.name, '192.0.2.2')).toBe(false)
  expect(reaches(world.outside, '10.61.0.2')).toBe(false)
})

test('without inter-container traffic neither frames nor packets by way of the gateway pass', async () => {
  const network = networkRecord(1, { ipv6: true, options: { [BridgeOption.icc]: 'false' } })
  await world.driver.createNetwork(network)
  const one = await world.join(network, 2)
  await world.join(network, 3)
  expect(reaches(one.name, '10.61.0.3')).toBe(false)
  expect(reaches(one.name, 'fd00:61::3')).toBe(false)
  run('ip', '-n', one.name, 'route', 'add', '10.61.0.3', 'via', '10.61.0.1')
  expect(reaches(one.name, '10.61.0.3')).toBe(false)
  expect(reaches(one.name, '192.0.2.2')).toBe(true)
})

test('a source address may be chosen for what leaves, and translation switched off', async () => {
  run('ip', '-n', world.hostName, 'address', 'add', '192.0.2.77/24', 'dev', 'up0')
  const chosen = networkRecord(1, { options: { [BridgeOption.hostIPv4]: '192.0.2.77' } })
  const plain = networkRecord(2, { options: { [BridgeOption.masquerade]: 'false' } })
  await world.driver.createNetwork(chosen)
  await world.driver.createNetwork(plain)
  await world.serve(world.outside, [80])
  const one = await world.join(chosen, 2)
  const two = await world.join(plain, 2)
  expect(ask(one.name, '192.0.2.2', 80)).toBe(`${world.outside} 192.0.2.77`)
  expect(reaches(two.name, '192.0.2.2')).toBe(false)
  run('ip', '-n', world.outside, 'route', 'add', '10.62.0.0/24', 'via', '192.0.2.1')
  expect(ask(two.name, '192.0.2.2', 80)).toBe(`${world.outside} 10.62.0.2`)
})

test('routed networks keep their addresses and open published ports only', async () => {
  const routed = { [BridgeOption.gatewayModeIPv4]: 'routed', [BridgeOption.gatewayModeIPv6]: 'routed' }
  const network = networkRecord(1, { ipv6: true, options: routed })
  await world.driver.createNetwork(network)
  const portMappings = [{ protocol: 'tcp', containerPort: 80, hostPort: 8080 }] as const
  const { name, endpoint } = await world.join(network, 2, { portMappings })
  await world.serve(name, [80, 81])
  for (const [prefix, gateway] of [
    ['10.61.0.0/24', '192.0.2.1'],
    ['fd00:61::/64', '2001:db8::1'],
  ]) {
    run('ip', '-n', world.outside, 'route', 'add', prefix!, 'via', gateway!)
  }
  expect(reaches(world.outside, '10.61.0.2')).toBe(true)
  expect(ask(world.outside, '10.61.0.2', 80)).toBe('silence')
  expect(await world.driver.expose(network, endpoint)).toEqual([
    { protocol: 'tcp', containerPort: 80, hostAddress: '10.61.0.2', hostPort: 80 },
    { protocol: 'tcp', containerPort: 80, hostAddress: 'fd00:61::2', hostPort: 80 },
  ])
  expect(ask(world.outside, '10.61.0.2', 80)).toBe(`${name} 192.0.2.2`)
  expect(ask(world.outside, 'fd00:61::2', 80)).toBe(`${name} 2001:db8::2`)
  expect(ask(world.outside, '10.61.0.2', 81)).toBe('silence')
  await world.driver.conceal(network, endpoint)
  expect(ask(world.outside, '10.61.0.2', 80)).toBe('silence')
})

test('nat-unprotected opens every port to the outside, but not to other networks', async () => {
  const network = networkRecord(1, { options: { [BridgeOption.gatewayModeIPv4]: 'nat-unprotected' } })
  const other = networkRecord(2)
  await world.driver.createNetwork(network)
  await world.driver.createNetwork(other)
  await world.join(network, 2)
  const stranger = await world.join(other, 2)
  run('ip', '-n', world.outside, 'route', 'add', '10.61.0.0/24', 'via', '192.0.2.1')
  expect(reaches(world.outside, '10.61.0.2')).toBe(true)
  expect(reaches(stranger.name, '10.61.0.2')).toBe(false)
})

test('an isolated network has no address of the host', async () => {
  const options = { [BridgeOption.gatewayModeIPv4]: 'isolated' }
  const network = networkRecord(1, { internal: true, options })
  await world.driver.createNetwork(network)
  const one = await world.join(network, 2)
  await world.join(network, 3)
  expect(reaches(one.name, '10.61.0.3')).toBe(true)
  expect(run('ip', '-n', world.hostName, '-4', 'address', 'show', 'dev', 'br-111111111111')).toBe('')
})

test('a bridge that was there before is used and stays, without what was added to it', async () => {
  run('ip', '-n', world.hostName, 'link', 'add', 'site0', 'type', 'bridge')
  run('ip', '-n', world.hostName, 'address', 'add', '10.99.0.1/24', 'dev', 'site0')
  const network = networkRecord(1, { options: { [BridgeOption.name]: 'site0' } })
  await world.driver.createNetwork(network)
  const one = await world.join(network, 2)
  expect(reaches(one.name, '192.0.2.2')).toBe(true)
  await world.driver.leave(network, one.endpoint, null)
  await world.driver.deleteNetwork(network)
  const left = run('ip', '-n', world.hostName, '-4', 'address', 'show', 'dev', 'site0')
  expect(left).toContain('10.99.0.1/24')
  expect(left).not.toContain('10.61.0.1')
})

test('a name that something else has is refused, and that is left alone', async () => {
  run('ip', '-n', world.hostName, 'link', 'add', 'br-111111111111', 'type', 'bridge')
  await expect(world.driver.createNetwork(networkRecord(1))).rejects.toMatchObject({ code: 'bridge-taken' })
  const veth = networkRecord(2, { options: { [BridgeOption.name]: 'up0' } })
  await expect(world.driver.createNetwork(veth)).rejects.toMatchObject({ code: 'bridge-taken' })
  expect(link(world.hostName, 'br-111111111111')).not.toHaveProperty('ifalias')
})

test('the gateway may be another machine on the network', async () => {
  const other = { ...pool('10.61.0.0/24'), auxiliary: { DefaultGatewayIPv4: '10.61.0.200' } }
  const network = networkRecord(1, { pools: [other], options: { [BridgeOption.inhibitIPv4]: 'true' } })
  await world.driver.createNetwork(network)
  const { endpoint } = await world.join(network, 2)
  expect(endpoint.join).toMatchObject({ gateway: '10.61.0.200' })
  expect(run('ip', '-n', world.hostName, '-4', 'address', 'show', 'dev', 'br-111111111111')).toBe('')
})

test('who leaves does not wait for the kernel, is off the network at once, and may come back under the same name', async () => {
  const network = networkRecord(1)
  await world.driver.createNetwork(network)
  const one = await world.join(network, 2)
  const two = await world.join(network, 3)
  const started = performance.now()
  await world.driver.leave(network, two.endpoint, null)
  expect(performance.now() - started).toBeLessThan(10)
  await sleep(60)
  expect(reaches(one.name, '10.61.0.3')).toBe(false)
  const again = await world.join(network, 4)
  expect(reaches(one.name, '10.61.0.4')).toBe(true)
  expect(again.endpoint.join?.interfaceName).toBe('eth0')
})

test('a deleted network leaves no link and no rule', async () => {
  const before = interfacesOf(world.hostName)
  const network = networkRecord(1, { ipv6: true })
  await world.driver.createNetwork(network)
  await world.driver.createNetwork(network)
  const { endpoint } = await world.join(network, 2)
  await world.driver.leave(network, endpoint, null)
  await world.driver.deleteEndpoint(network, endpoint)
  await world.driver.deleteNetwork(network)
  await world.driver.deleteNetwork(network)
  expect(interfacesOf(world.hostName)).toEqual(before)
  const left = runIn(world.hostName, 'nft', 'list', 'table', 'inet', 'netwright-bridge')
  expect(left).not.toContain('111111111111')
  await world.newDriver().restore([], [])
  expect(tables()).toBe('')
})
