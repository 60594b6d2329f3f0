/** Docker's plugin with a real dockerd: networks of the netwright driver outlive restarts of either side. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { shownCommands } from '../support/shown-commands.ts'
import { DockerWorld } from './docker-world.ts'

let world: DockerWorld
beforeAll(async () => {
  world = await DockerWorld.start()
}, 90_000)
afterAll(async () => {
  await world?.close()
})

const DOCUMENT = join(import.meta.dirname, '../../docs/docker.md')
const PAGE = 'a page\n'
const SERVE = `mkdir -p /www && printf 'a page\\n' > /www/page && exec httpd -f -p 80 -h /www`

/** Names, neighbours, the way out to the host and the published port. */
async function everythingWorks(): Promise<void> {
  expect(await world.pings('one', 'two'), 'one reaches two').toBe(true)
  expect(await world.pings('two', 'web'), 'two reaches web').toBe(true)
  expect(await world.pings('web', 'one'), 'web reaches one').toBe(true)
  expect(await world.pings('one', '10.80.0.1'), 'one reaches its gateway').toBe(true)
  expect(await world.fetch('http://127.0.0.1:8080/page'), 'the published port answers on loopback').toBe(PAGE)
  expect(await world.fetch('http://10.80.0.1:8080/page'), 'the published port answers on an address').toBe(PAGE)
}

test('three containers find each other by name, and a published port answers', { timeout: 60_000 }, async () => {
  const network = ['network', 'create', '--driver', 'netwright', '--ipam-driver', 'netwright']
  world.docker(...network, '--subnet', '10.80.0.0/24', 'net')
  world.runContainer('one', ['--network', 'net'])
  world.runContainer('two', ['--network', 'net', '--ip', '10.80.0.77'])
  world.runContainer('web', ['--network', 'net', '--publish', '8080:80'], ['sh', '-c', SERVE])
  await everythingWorks()
  expect(world.docker('exec', 'two', 'ip', 'address', 'show', 'eth0')).toContain('10.80.0.77/24')
  expect(world.docker('exec', 'two', 'ip', 'link', 'show', 'eth0')).toContain('02:42:0a:50:00:4d')
  expect(world.docker('exec', 'one', 'ip', 'route')).toContain('default via 10.80.0.1 dev eth0')
})

test('a container is restarted', { timeout: 60_000 }, async () => {
  world.docker('restart', '--time', '0', 'web', 'one')
  await everythingWorks()
})

test('the plugin is stopped and started', { timeout: 60_000 }, async () => {
  await world.endPlugin('SIGTERM')
  await world.startPlugin()
  await everythingWorks()
})

test('the plugin is killed, and containers start and stop after it is back', { timeout: 60_000 }, async () => {
  await world.endPlugin('SIGKILL')
  expect(await world.pings('one', 'two'), 'the data path needs no plugin').toBe(true)
  await world.startPlugin()
  await everythingWorks()
  world.runContainer('late', ['--network', 'net'])
  expect(await world.pings('late', 'web')).toBe(true)
  world.docker('rm', '--force', 'late')
  world.docker('restart', '--time', '0', 'web')
  await everythingWorks()
})

test('dockerd is restarted', { timeout: 90_000 }, async () => {
  await world.endDockerd()
  await world.startDockerd()
  await everythingWorks()
})

test('dockerd is killed', { timeout: 90_000 }, async () => {
  await world.killDockerd()
  await world.startDockerd()
  await everythingWorks()
})

test('bad options are refused, and leave the pool free', () => {
  const create = [
    'network',
    'create',
    '--driver',
    'netwright',
    '--ipam-driver',
    'netwright',
    '--subnet',
    '10.81.0.0/24',
  ]
  expect(() => world.docker(...create, '--opt', 'com.example.nothing=1', 'bad')).toThrow('no network option')
  expect(() => world.docker(...create, '--opt', 'com.docker.network.driver.mtu=none', 'bad')).toThrow('mtu')
  world.docker(...create, 'good')
  const overlapping = create.map((word) => (word === '10.81.0.0/24' ? '10.81.0.128/25' : word))
  expect(() => world.docker(...overlapping, 'bad')).toThrow('overlap')
  world.docker('network', 'rm', 'good')
})

test('pools and addresses are chosen when none are asked for, in both families', { timeout: 60_000 }, async () => {
  const create = ['network', 'create', '--driver', 'netwright', '--ipam-driver', 'netwright']
  world.docker(...create, 'first')
  world.docker(...create, 'second')
  const subnetOf = (name: string): string =>
    world.docker('network', 'inspect', '--format', '{{range .IPAM.Config}}{{.Subnet}}{{end}}', name)
  expect(subnetOf('first')).toMatch(/^[\d.]+\/\d+$/)
  expect(subnetOf('first')).not.toBe(subnetOf('second'))
  world.docker(...create, '--ipv6', '--subnet', '10.82.0.0/24', '--subnet', 'fd00:82::/64', 'dual')
  world.runContainer('six', ['--network', 'dual'])
  world.runContainer('seven', ['--network', 'dual'])
  const address = world.docker('inspect', '--format', '{{.NetworkSettings.Networks.dual.GlobalIPv6Address}}', 'seven')
  expect(address).toMatch(/^fd00:82::/)
  expect(await world.pings('six', address)).toBe(true)
  world.docker('rm', '--force', 'six', 'seven')
  world.docker('network', 'rm', 'first', 'second', 'dual')
})

/** Whether a network of ours is left: interfaces, and tables of rules. */
const left = (): string[] => [
  ...world.interfaces().filter((name) => /^(veth|br-|nwt)/.test(name)),
  ...world
    .inHost('nft', 'list', 'ruleset')
    .split('\n')
    .filter((line) => /^table .*nwt|8080|10\.70\./.test(line)),
]

test('the commands of the document, as it shows them', { timeout: 60_000 }, async () => {
  const others = new Set(left())
  const commands = shownCommands(DOCUMENT)
  expect(commands.length).toBeGreaterThan(4)
  world.docker('rm', '--force', 'web')
  for (const command of commands) {
    const { code, remarks } = world.shell(command)
    expect(code, `${command}: ${remarks}`).toBe(0)
  }
  await expect.poll(() => left().filter((name) => !others.has(name))).toEqual([])
})

test('removal leaves nothing', { timeout: 60_000 }, async () => {
  world.docker('rm', '--force', 'one', 'two')
  world.docker('network', 'rm', 'net')
  await expect.poll(left).toEqual([])
  const rules = world.inHost('nft', 'list', 'ruleset')
  expect(rules).not.toMatch(/10\.8[0-2]\.|8080/)
  // The addresses are free again, also for a network with the same ones.
  const network = ['network', 'create', '--driver', 'netwright', '--ipam-driver', 'netwright']
  world.docker(...network, '--subnet', '10.80.0.0/24', '--gateway', '10.80.0.77', 'again')
  world.docker('network', 'rm', 'again')
})
