/** Kernel settings of an endpoint's interface, under libnetwork's option. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Controller, isEngineError } from '../../src/engine/index.ts'
import { Namespace, readSysctl } from '../../src/kernel/index.ts'

const OPTION = 'com.docker.network.endpoint.sysctls'
let directory: string
let host: Namespace
let controller: Controller

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'nwt-sysctls-'))
  host = Namespace.create('host of the test')
  const [state, run] = [join(directory, 'state'), join(directory, 'run')]
  controller = await Controller.open({ state, run, host, names: null, plugins: null })
  await controller.createNetwork({ name: 'blue', ipam: [{ pool: '10.60.0.0/24' }] })
})
afterEach(async () => {
  for (const sandbox of controller.sandboxes()) await sandbox.delete()
  await controller.close()
  host.close()
  rmSync(directory, { recursive: true })
})

async function joined(sysctls: string, ifname = '') {
  const sandbox = await controller.createSandbox({ containerId: 'one' })
  const options = { [OPTION]: sysctls, 'com.docker.network.endpoint.ifname': ifname }
  const endpoint = await controller.network('blue').createEndpoint({ name: 'end', options })
  await endpoint.join(sandbox)
  return sandbox
}

test.each(['', 'eth0.7'])('the interface has them in its sandbox, also as %j', async (ifname) => {
  const sandbox = await joined('net.ipv4.conf.IFNAME.log_martians=1,net.ipv4.neigh.IFNAME.gc_stale_time=77', ifname)
  using namespace = Namespace.open({ path: sandbox.key })
  const name = ifname === '' ? 'eth0' : ifname
  expect(readSysctl(namespace, `net/ipv4/conf/${name}/log_martians`)).toBe('1')
  expect(readSysctl(namespace, `net/ipv4/neigh/${name}/gc_stale_time`)).toBe('77')
})

test.each([
  ['net.ipv4.conf.IFNAME.no_such_setting=1', 'no such setting'],
  ['net.ipv4.conf.IFNAME.log_martians=perhaps', 'does not take'],
])('%s: the join is refused, and leaves nothing', async (sysctls, words) => {
  const thrown = await joined(sysctls).catch((error: unknown) => error)
  expect(isEngineError(thrown, 'kernel-refused'), String(thrown)).toBe(true)
  expect(String(thrown)).toContain(words)
  expect(controller.network('blue').endpoints()[0]?.info().sandbox).toBeNull()
  await controller.network('blue').endpoints()[0]!.delete()
})

test('what is no such option is refused before anything is made', async () => {
  await expect(joined('net.ipv4.ip_forward=1')).rejects.toThrow('IFNAME')
  expect(controller.network('blue').endpoints()).toEqual([])
})
