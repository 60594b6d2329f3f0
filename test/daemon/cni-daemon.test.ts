/** The CNI plugin beside a daemon, which holds the engine's state and carries the calls out. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { programWords } from '../support/program.ts'
import { buildPlugin, CniWorld } from './cni-world.ts'

let world: CniWorld
let daemon: ChildProcess

beforeAll(async () => {
  buildPlugin()
  world = new CniWorld('cnid')
  await startDaemon()
})
afterAll(async () => {
  await endDaemon('SIGKILL')
  world.close()
})

/** Starts `netwright daemon`, as it is built, and waits until it serves. */
async function startDaemon(): Promise<void> {
  const { stateDirectory, runDirectory } = world.places
  const words = [`--net=/run/netns/${world.host}`, ...programWords(['daemon', '--docker-plugin', 'none'])]
  const environment = { ...process.env, NETWRIGHT_STATE: stateDirectory, NETWRIGHT_RUN: runDirectory }
  const started = spawn('nsenter', words, { env: environment, stdio: ['ignore', 'ignore', 'pipe'] })
  daemon = started
  let log = ''
  await new Promise<void>((resolve, reject) => {
    started.stderr.setEncoding('utf8').on('data', (chunk) => {
      log += chunk
      if (log.includes('"msg":"serving"')) resolve()
    })
    started.once('exit', () => reject(new Error(`the daemon ended: ${log}`)))
  })
}

async function endDaemon(signal: NodeJS.Signals): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return
  const ended = once(daemon, 'exit')
  daemon.kill(signal)
  await ended
}

const NETWORK = { cniVersion: '1.1.0', name: 'pods', bridge: 'pods0', ipam: { subnet: '10.73.0.0/24' } }
const call = (verb: string, container: string, change: object = {}) =>
  world.call({ verb, container, configuration: { ...NETWORK, ...change } })

test('calls go to the daemon, which alone can have the state', () => {
  const [one, two] = [world.container('one'), world.container('two')]
  const first = call('ADD', one)
  expect(first).toMatchObject({ code: 0, remarks: '', answer: { ips: [{ address: '10.73.0.2/24' }] } })
  expect(call('ADD', two)).toMatchObject({ code: 0, answer: { ips: [{ address: '10.73.0.3/24' }] } })
  expect(world.reaches(one, '10.73.0.3')).toBe(true)
  expect(call('CHECK', one, { prevResult: first.answer })).toMatchObject({ code: 0, answer: undefined })
  expect(call('ADD', one)).toMatchObject({ code: 1, answer: { code: 102 } })
  expect(call('DEL', two)).toMatchObject({ code: 0, answer: undefined })
  expect(world.interfaces(two)).toEqual(['lo'])
})

test('many calls at once are carried out one after the other', async () => {
  const containers = Array.from({ length: 6 }, (_, index) => world.container(`many${index}`))
  const configuration = { ...NETWORK, name: 'fresh', bridge: 'fresh0', ipam: { subnet: '10.74.0.0/24' } }
  const all = (verb: string) =>
    Promise.all(containers.map((container) => world.callSoon({ verb, container, configuration })))
  const added = await all('ADD')
  expect(added.map(({ code }) => code)).toEqual(Array(6).fill(0))
  expect(new Set(added.map(({ answer }) => answer.ips[0].address)).size).toBe(6)
  expect((await all('DEL')).map(({ code }) => code)).toEqual(Array(6).fill(0))
  expect(world.interfaces(world.host).filter((name) => name.startsWith('veth'))).toHaveLength(1)
})

test('garbage on its socket is answered with an error, and costs the daemon nothing', async () => {
  for (const bytes of ['', '{', '[]', '{"environment":3}', '{"environment":{"CNI_COMMAND":{}}}', randomBytes(4096)]) {
    const socket = createConnection(join(world.places.runDirectory, 'cni.sock'))
    socket.end(bytes)
    expect(JSON.parse(await text(socket))).toMatchObject({ exitCode: 1, output: { code: expect.any(Number) } })
  }
  expect(call('STATUS', '')).toMatchObject({ code: 0 })
})

test('without the daemon, killed in the middle of its life, calls go on', async () => {
  const one = `${world.host.replace(/host$/, '')}one`
  await endDaemon('SIGKILL')
  expect(existsSync(join(world.places.runDirectory, 'cni.sock'))).toBe(true)
  expect(call('STATUS', '')).toMatchObject({ code: 0 })
  expect(world.reaches(one, '10.73.0.1')).toBe(true)
  const three = world.container('three')
  expect(call('ADD', three)).toMatchObject({ code: 0, answer: { ips: [{ address: '10.73.0.3/24' }] } })
  await startDaemon()
  expect(world.reaches(one, '10.73.0.3')).toBe(true)
  for (const container of [one, three]) expect(call('DEL', container)).toMatchObject({ code: 0 })
  expect(world.interfaces(world.host).filter((name) => name.startsWith('veth'))).toEqual([])
  await endDaemon('SIGTERM')
  expect(existsSync(join(world.places.runDirectory, 'cni.sock'))).toBe(false)
})
