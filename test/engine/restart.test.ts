/** What outlives a controller: real namespaces and links, over closing, killing and dying containers. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Controller, type ControllerOptions } from '../../src/engine/index.ts'
import { Namespace, pinNamespace, unpinNamespace } from '../../src/kernel/index.ts'

let host: Namespace
let directory: string
let controllers: Controller[]
let children: ChildProcess[]

beforeEach(() => {
  host = Namespace.create('host of the test')
  directory = mkdtempSync(join(tmpdir(), 'nwt-restart-'))
  controllers = []
  children = []
})
afterEach(async () => {
  for (const child of children) if (child.exitCode === null) child.kill('SIGKILL')
  for (const controller of controllers) await controller.close()
  const last = await open()
  for (const sandbox of last.sandboxes()) await sandbox.delete()
  for (const network of last.networks()) await network.delete({ force: true })
  await last.close()
  host.close()
  rmSync(directory, { recursive: true, force: true })
})

async function open(options: Partial<ControllerOptions> = {}): Promise<Controller> {
  const paths = { state: join(directory, 'state'), run: join(directory, 'run') }
  const controller = await Controller.open({ ...paths, host, ...options })
  controllers.push(controller)
  return controller
}

/** Links of the host by `ip`, with what they are marked with. */
function hostLinks(): { ifname: string; ifalias?: string }[] {
  return JSON.parse(host.enter(() => execFileSync('ip', ['-j', 'link'], { encoding: 'utf8' })))
}

/** A process in a namespace of its own, which ends when it is told so. */
async function container(): Promise<ChildProcess> {
  const child = spawn('unshare', ['--net', 'sh', '-c', 'echo ready; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  await once(child.stdout!, 'data')
  return child
}

test('networks, endpoints and sandboxes are there after a restart, joined and with their addresses taken', async () => {
  const first = await open()
  const network = await first.createNetwork({ name: 'net', ipam: [{ pool: '10.63.0.0/24' }] })
  const endpoint = await network.createEndpoint({ name: 'web' })
  const sandbox = await first.createSandbox({ containerId: 'c' })
  await endpoint.join(sandbox)
  const before = endpoint.record()
  const links = hostLinks()
  await first.close()
  const second = await open()
  expect(second.recovery).toEqual({ steps: [], lost: [], failures: [] })
  expect(second.endpoint('web').record()).toEqual(before)
  expect(hostLinks()).toEqual(links)
  const next = await second.network('net').createEndpoint({ name: 'next' })
  expect(next.info().addresses).toEqual(['10.63.0.3/24'])
  await next.join(second.sandbox('c'))
  expect(Object.keys(second.sandbox('c').statistics()).sort()).toEqual(['eth0', 'eth1'])
})

test('the sandbox of a process that has ended is deleted at the next start, and its addresses are free', async () => {
  const first = await open()
  const network = await first.createNetwork({ name: 'net', ipam: [{ pool: '10.64.0.0/24' }] })
  const endpoint = await network.createEndpoint({ name: 'web' })
  const process = await container()
  const sandbox = await first.createSandbox({ pid: process.pid! })
  await endpoint.join(sandbox)
  expect(sandbox.key).toBe(`/proc/${process.pid}/ns/net`)
  await first.close()
  process.kill('SIGKILL')
  await once(process, 'exit')
  const second = await open()
  expect(second.recovery.lost.map(({ id }) => id)).toEqual([sandbox.id])
  expect([second.sandboxes(), second.endpoints()]).toEqual([[], []])
  expect(readdirSync(join(directory, 'run', 'sandboxes'))).toEqual([])
  expect((await second.network('net').createEndpoint({ name: 'again' })).info().addresses).toEqual(['10.64.0.2/24'])
})

test('a namespace that ends while the controller runs is told at the next join, and its endpoints can go', async () => {
  const controller = await open()
  const network = await controller.createNetwork({ name: 'net' })
  const endpoint = await network.createEndpoint({ name: 'web' })
  const late = await network.createEndpoint({ name: 'late' })
  const process = await container()
  const sandbox = await controller.createSandbox({ pid: process.pid!, containerId: 'c' })
  await endpoint.join(sandbox)
  process.kill('SIGKILL')
  await once(process, 'exit')
  await expect(late.join(sandbox)).rejects.toMatchObject({ code: 'sandbox-gone' })
  expect(() => sandbox.statistics()).toThrow(/gone/)
  await endpoint.leave(sandbox)
  await sandbox.delete()
})

test('an adopted namespace outlives its sandbox, without the interfaces that it was given', async () => {
  const path = join(directory, 'adopted')
  const namespace = Namespace.create()
  pinNamespace(namespace, path)
  namespace.close()
  try {
    const controller = await open()
    const network = await controller.createNetwork({ name: 'net', ipv6: true })
    const endpoint = await network.createEndpoint({ name: 'web' })
    const sandbox = await controller.createSandbox({ path })
    await endpoint.join(sandbox)
    expect(Object.keys(sandbox.statistics())).toEqual(['eth0'])
    await sandbox.delete()
    expect(existsSync(path)).toBe(true)
    await network.delete()
    await controller.close()
    const links = JSON.parse(execFileSync('nsenter', [`--net=${path}`, 'ip', '-j', 'link'], { encoding: 'utf8' }))
    expect(links).toHaveLength(1)
  } finally {
    unpinNamespace(path)
  }
})

const LOAD = `
const { Controller } = await import(process.env.ENGINE)
const { Namespace } = await import(process.env.KERNEL)
const host = Namespace.open({ path: process.env.HOST })
const controller = await Controller.open({ state: process.env.DIR + '/state', run: process.env.DIR + '/run', host })
process.stdout.write(JSON.stringify(controller.recovery.failures) + '\\n')
for (let round = 0; ; round++) {
  const actor = async (n) => {
    const network = await controller.createNetwork({ name: 'net' + n + '-' + round })
    const sandbox = await controller.createSandbox({ containerId: 'c' + n + '-' + round })
    for (const i of [0, 1]) {
      const endpoint = await network.createEndpoint({ name: 'e' + i, portMappings: [{ protocol: 'tcp', containerPort: 80 }] })
      await endpoint.join(sandbox)
      if (i === 0) { await endpoint.leave(sandbox); await endpoint.delete() }
    }
    await sandbox.delete()
    await network.delete()
  }
  await Promise.all([actor(0), actor(1)])
}
`

test('killed at random instants under load, every next start agrees with the kernel', {
  timeout: 120_000,
}, async () => {
  const pinned = join(directory, 'host')
  pinNamespace(host, pinned)
  const root = new URL('../../src/', import.meta.url)
  const env = {
    ...process.env,
    ENGINE: new URL('engine/index.ts', root).href,
    KERNEL: new URL('kernel/index.ts', root).href,
    HOST: pinned,
    DIR: directory,
  }
  try {
    let interrupted = 0
    for (let kill = 0; kill < 8; kill++) {
      const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', LOAD], {
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      children.push(child)
      const [said] = await once(child.stdout, 'data')
      expect(String(said)).toBe('[]\n')
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 120))
      child.kill('SIGKILL')
      await once(child, 'exit')
      const controller = await open()
      expect(controller.recovery.failures).toEqual([])
      interrupted += controller.recovery.steps.length
      await expectAgreement(controller)
      for (const sandbox of controller.sandboxes()) await sandbox.delete()
      for (const network of controller.networks()) await network.delete({ force: true })
      await controller.close()
      expect(hostLinks().map(({ ifname }) => ifname)).toEqual(['lo'])
      expect(readdirSync(join(directory, 'run', 'netns'))).toEqual([])
    }
    expect(interrupted).toBeGreaterThan(0)
  } finally {
    unpinNamespace(pinned)
  }
})

async function expectAgreement(controller: Controller): Promise<void> {
  const joined = controller.endpoints().filter((endpoint) => endpoint.info().sandbox !== null)
  const marked = hostLinks().flatMap(({ ifalias }) => ifalias?.split(':')[1] ?? [])
  const wanted = [...controller.networks(), ...joined].map(({ id }) => id)
  expect(marked.sort()).toEqual(wanted.sort())
  expect(readdirSync(join(directory, 'run', 'netns')).sort()).toEqual(
    controller
      .sandboxes()
      .map(({ id }) => id.slice(0, 12))
      .sort(),
  )
  expect(readdirSync(join(directory, 'run', 'sandboxes')).sort()).toEqual(
    controller
      .sandboxes()
      .map(({ id }) => id)
      .sort(),
  )
  for (const sandbox of controller.sandboxes()) {
    const names = sandbox.endpoints().map((endpoint) => endpoint.record().join?.interfaceName)
    expect(Object.keys(sandbox.statistics()).sort()).toEqual(names.sort())
  }
}
