import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { endpointRequest } from './messages.ts'
import { type PluginMethods, type PluginServer, servePlugin } from './plugin-server.ts'

const silent = { info() {}, warn() {} }
const calls: unknown[] = []
const methods: PluginMethods = new Map([
  [
    'Plugin.Activate',
    { request: undefined, errorField: 'Err', handle: async () => ({ Implements: ['NetworkDriver'] }) },
  ],
  [
    'NetworkDriver.Leave',
    {
      request: endpointRequest,
      errorField: 'Err',
      handle: async (message: unknown) => {
        calls.push(message)
        return {}
      },
    },
  ],
  [
    'IpamDriver.Refuse',
    { request: undefined, errorField: 'Error', handle: () => Promise.reject(new Error('no more')) },
  ],
] as const)

const LEAVE = { NetworkID: 'a'.repeat(64), EndpointID: 'b'.repeat(64) }
let directory: string
let path: string
let server: PluginServer

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'nwt-plugin-'))
  path = join(directory, 'plugins', 'netwright.sock')
  server = await servePlugin(path, methods, silent)
  calls.length = 0
})

afterEach(async () => {
  await server.close()
  rmSync(directory, { recursive: true })
})

/** A call as dockerd makes it: without a Content-Type. */
function call(name: string, body = '', method = 'POST'): Promise<{ status: number; body: unknown }> {
  return new Promise((resolve, reject) => {
    const headers = { Accept: 'application/vnd.docker.plugins.v1.2+json', 'Content-Length': Buffer.byteLength(body) }
    const sent = request({ agent: false, socketPath: path, path: `/${name}`, method, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) }))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

test('the handshake has no body', async () => {
  expect(await call('Plugin.Activate')).toEqual({ status: 200, body: { Implements: ['NetworkDriver'] } })
})

test('a body without a Content-Type is read', async () => {
  expect(await call('NetworkDriver.Leave', `${JSON.stringify(LEAVE)}\n`)).toEqual({ status: 200, body: {} })
  expect(calls).toEqual([LEAVE])
})

test.each([
  ['nothing', '', 'NetworkDriver.Leave came without its arguments'],
  ['no JSON', '{', 'the arguments of NetworkDriver.Leave are not JSON'],
  ['no endpoint', '{"NetworkID":"a"}', 'NetworkDriver.Leave: EndpointID'],
  [
    'an id with a slash',
    JSON.stringify({ ...LEAVE, NetworkID: 'a/b' }),
    'NetworkDriver.Leave: NetworkID: is not an id',
  ],
])('a method that needs arguments refuses %s', async (_, body, message) => {
  const answer = await call('NetworkDriver.Leave', body)
  expect(answer.status).toBe(400)
  expect((answer.body as { Err: string }).Err).toContain(message)
  expect(calls).toEqual([])
})

test('what goes wrong is told in the field of the interface', async () => {
  expect(await call('IpamDriver.Refuse')).toEqual({ status: 200, body: { Error: 'no more' } })
})

test('unknown methods are not found, and other verbs not allowed', async () => {
  expect(await call('NetworkDriver.AllocateNetwork', '{}')).toMatchObject({ status: 404 })
  expect(await call('Plugin.Activate', '', 'GET')).toMatchObject({ status: 405 })
})

test('a body that is too large is refused', async () => {
  expect(await call('NetworkDriver.Leave', ' '.repeat((1 << 20) + 1))).toMatchObject({ status: 413 })
})

test('the socket is for root alone and gone when the server is closed', async () => {
  expect(statSync(path).mode & 0o777).toBe(0o600)
  await server.close()
  expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined()
  server = await servePlugin(path, methods, silent)
})

test('a socket on which somebody answers is not taken away', async () => {
  await expect(servePlugin(path, methods, silent)).rejects.toThrow('another process answers')
  expect(await call('Plugin.Activate')).toMatchObject({ status: 200 })
})

test('a socket that a dead process left is replaced, another file is not', async () => {
  const left = join(directory, 'left.sock')
  await leaveSocket(left)
  const replaced = await servePlugin(left, methods, silent)
  await replaced.close()
  const file = join(directory, 'file')
  writeFileSync(file, '')
  await expect(servePlugin(file, methods, silent)).rejects.toThrow('no socket')
})

/** A socket file without a listener: closing would remove it, so it is linked to a second name first. */
async function leaveSocket(at: string): Promise<void> {
  const { linkSync } = await import('node:fs')
  const former = createServer().listen(`${at}.first`)
  await new Promise((resolve) => former.once('listening', resolve))
  linkSync(`${at}.first`, at)
  await new Promise((resolve) => former.close(resolve))
}
