/** The example of the library's description, as it is written there, over a real bridge. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Controller } from '../../src/engine/index.ts'
import { Namespace } from '../../src/kernel/index.ts'

let host: Namespace
let directory: string
let controllers: Controller[]

beforeEach(() => {
  host = Namespace.create('host of the test')
  controllers = []
  directory = mkdtempSync(join(tmpdir(), 'nwt-example-'))
})
afterEach(async () => {
  for (const controller of controllers) await controller.close()
  const last = await open()
  for (const sandbox of last.sandboxes()) await sandbox.delete()
  for (const network of last.networks()) await network.delete({ force: true })
  await last.close()
  host.close()
  rmSync(directory, { recursive: true, force: true })
})

async function open(): Promise<Controller> {
  const controller = await Controller.open({ state: join(directory, 'state'), run: join(directory, 'run'), host })
  controllers.push(controller)
  return controller
}

function within(key: string, ...words: string[]): unknown {
  return JSON.parse(execFileSync('nsenter', [`--net=${key}`, ...words], { encoding: 'utf8' }))
}

test('the example runs as written, and the kernel has what it says', async () => {
  const controller = await open()
  const network = await controller.createNetwork({
    name: 'network1',
    driver: 'bridge',
    ipam: [{ pool: '10.60.0.0/24' }],
    options: {},
  })
  const endpoint = await network.createEndpoint({
    name: 'endpoint1',
    portMappings: [{ protocol: 'tcp', hostPort: 8080, containerPort: 80 }],
  })
  const sandbox = await controller.createSandbox({
    containerId: 'container1',
    hostname: 'test',
    domainname: 'example.org',
  })
  await endpoint.join(sandbox)
  const info = endpoint.info()
  expect(info).toMatchObject({ addresses: ['10.60.0.2/24'], gateway: '10.60.0.1', gatewayIPv6: null })
  expect(info.ports[0]).toMatchObject({ protocol: 'tcp', hostPort: 8080, containerPort: 80 })
  expect(within(sandbox.key, 'ip', '-j', 'address', 'show', 'eth0')).toMatchObject([
    { address: info.macAddress, operstate: 'UP', addr_info: [{ local: '10.60.0.2', prefixlen: 24 }] },
  ])
  expect(within(sandbox.key, 'ip', '-j', '-N', 'route', 'show', 'default')).toMatchObject([
    { dst: 'default', gateway: '10.60.0.1', dev: 'eth0', protocol: '90' },
  ])
  expect(Object.keys(sandbox.statistics())).toEqual(['eth0'])
  await endpoint.leave(sandbox)
  await endpoint.delete()
  await network.delete()
  await sandbox.delete()
  await controller.close()
  const links = host.enter(() => execFileSync('ip', ['-j', 'link'], { encoding: 'utf8' }))
  expect(JSON.parse(links).map((link: { ifname: string }) => link.ifname)).toEqual(['lo'])
})

test('two networks: the way out follows the priority, and moves when the endpoint leaves; IPv6 is off where none is given', async () => {
  const controller = await open()
  const red = await controller.createNetwork({ name: 'red', ipam: [{ pool: '10.61.0.0/24' }] })
  const blue = await controller.createNetwork({
    name: 'blue',
    ipam: [{ pool: '10.62.0.0/24' }, { pool: 'fd00:62::/64' }],
  })
  const sandbox = await controller.createSandbox({ containerId: 'c' })
  const first = await red.createEndpoint({ name: 'first' })
  const second = await blue.createEndpoint({ name: 'second', priority: 1 })
  await first.join(sandbox)
  await second.join(sandbox)
  const gateways = (family: string): unknown => within(sandbox.key, 'ip', '-j', family, 'route', 'show', 'default')
  expect(gateways('-4')).toMatchObject([{ gateway: '10.62.0.1', dev: 'eth1' }])
  expect(gateways('-6')).toMatchObject([{ gateway: 'fd00:62::1', dev: 'eth1' }])
  expect(within(sandbox.key, 'ip', '-j', '-6', 'address', 'show', 'eth0')).toEqual([])
  await second.leave(sandbox)
  expect(gateways('-4')).toMatchObject([{ gateway: '10.61.0.1', dev: 'eth0' }])
})
