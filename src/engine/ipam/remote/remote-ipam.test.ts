import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PluginClient } from '../../plugins/index.ts'
import type { PoolWish } from '../ipam-driver.ts'
import { RemoteIpam } from './remote-ipam.ts'

/** What a plugin answers to a method: a status and a body. */
type Answer = { readonly status?: number; readonly body: unknown }

let directory: string
let server: Server
let ipam: RemoteIpam
/** Calls that the plugin got, in order. */
let calls: { method: string; body: unknown }[]
let answers: Record<string, (body: Record<string, unknown>) => Answer>

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'nwt-ipam-'))
  calls = []
  answers = { 'Plugin.Activate': () => ({ body: { Implements: ['IpamDriver'] } }) }
  server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk) => (text += chunk))
    request.on('end', () => {
      const method = request.url!.slice(1)
      const body = text === '' ? undefined : JSON.parse(text)
      if (method !== 'Plugin.Activate') calls.push({ method: method.replace('IpamDriver.', ''), body })
      const answer = answers[method]?.(body) ?? { status: 404, body: 'page not found' }
      response.statusCode = answer.status ?? 200
      response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body))
    })
  })
  const socketPath = join(directory, 'plugin.sock')
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  ipam = new RemoteIpam(new PluginClient('warehouse', { socketPath }))
})

afterEach(async () => {
  await ipam.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  rmSync(directory, { recursive: true })
})

const on = (method: string, answer: (body: Record<string, unknown>) => Answer): void => {
  answers[`IpamDriver.${method}`] = answer
}
const always = (method: string, body: unknown): void => on(method, () => ({ body }))
const wish = (rest: Partial<PoolWish> = {}): PoolWish => ({
  addressSpace: 'here',
  family: 4,
  options: {},
  avoid: [],
  ...rest,
})

test('tells its capabilities', async () => {
  always('GetCapabilities', { RequiresMACAddress: true, requiresRequestReplay: true })
  expect(await ipam.capabilities()).toEqual({ requiresMacAddress: true, requiresReplay: true })
  expect(calls).toEqual([{ method: 'GetCapabilities', body: undefined }])
})

test.each([
  ['does not know the call', { status: 404, body: 'no' }],
  ['fails', { status: 500, body: { Error: 'what?' } }],
  ['refuses', { body: { Error: 'what?' } }],
  ['answers with rubbish', { body: '<html>' }],
  ['answers with wrong types', { body: { RequiresMACAddress: 'yes' } }],
])('a plugin that %s has no capabilities', async (_, answer) => {
  on('GetCapabilities', () => answer)
  expect(await ipam.capabilities()).toEqual({ requiresMacAddress: false, requiresReplay: false })
})

test('a plugin that is gone is not taken for one without capabilities', async () => {
  const clock = { now: () => 0, sleep: () => Promise.reject(new Error('no patience')) }
  const gone = new RemoteIpam(new PluginClient('gone', { socketPath: join(directory, 'none.sock') }, { clock }))
  await expect(gone.capabilities()).rejects.toMatchObject({ code: 'plugin-unreachable' })
  await gone.close()
})

test('tells its address spaces', async () => {
  always('GetDefaultAddressSpaces', { LocalDefaultAddressSpace: 'here', GlobalDefaultAddressSpace: 'everywhere' })
  expect(await ipam.defaultAddressSpaces()).toEqual({ local: 'here', global: 'everywhere' })
})

test('asks for a pool with all that was wished, and gives on what came with it', async () => {
  const data = { 'com.docker.network.gateway': '10.5.0.254/16', shelf: '7' }
  always('RequestPool', { PoolID: 'p1', Pool: '10.5.0.9/16', Data: data })
  const grant = await ipam.requestPool(
    wish({ pool: '10.5.0.0/16', subPool: '10.5.1.0/24', options: { colour: 'red' }, avoid: ['10.0.0.0/8'] }),
  )
  expect(grant).toEqual({ poolId: 'p1', pool: '10.5.0.0/16', data })
  expect(calls).toEqual([
    {
      method: 'RequestPool',
      body: {
        AddressSpace: 'here',
        Pool: '10.5.0.0/16',
        SubPool: '10.5.1.0/24',
        Options: { colour: 'red' },
        V6: false,
      },
    },
  ])
})

test('asks for any IPv6 pool', async () => {
  always('RequestPool', { PoolID: 'p6', Pool: 'fd00::/64', Data: null })
  expect(await ipam.requestPool(wish({ family: 6 }))).toEqual({ poolId: 'p6', pool: 'fd00::/64', data: {} })
  expect(calls[0]!.body).toEqual({ AddressSpace: 'here', Pool: '', SubPool: '', Options: {}, V6: true })
})

test('pools that overlap with what is avoided are held until another one comes, and given back', async () => {
  let next = 0
  on('RequestPool', () => ({ body: { PoolID: `p${next}`, Pool: `10.${next++}.0.0/16` } }))
  always('ReleasePool', {})
  expect((await ipam.requestPool(wish({ avoid: ['10.0.0.0/16', '10.1.77.1/32'] }))).poolId).toBe('p2')
  expect(calls.map(({ method, body }) => `${method} ${(body as { PoolID?: string }).PoolID ?? ''}`)).toEqual([
    'RequestPool ',
    'RequestPool ',
    'RequestPool ',
    'ReleasePool p0',
    'ReleasePool p1',
  ])
})

test('a plugin that has only one pool to offer is asked twice, not for ever', async () => {
  always('RequestPool', { PoolID: 'p', Pool: '10.0.0.0/16' })
  always('ReleasePool', {})
  await expect(ipam.requestPool(wish({ avoid: ['10.0.0.0/8'] }))).rejects.toMatchObject({
    code: 'pools-exhausted',
    message: expect.stringContaining('warehouse offered 2 pools, the last 10.0.0.0/16'),
  })
  expect(calls.map(({ method }) => method)).toEqual(['RequestPool', 'RequestPool', 'ReleasePool'])
})

test('a plugin that offers overlapping pools without end is left after some', async () => {
  let next = 0
  on('RequestPool', () => ({ body: { PoolID: `p${next}`, Pool: `10.${next++ % 256}.0.0/16` } }))
  always('ReleasePool', { Error: 'never' })
  await expect(ipam.requestPool(wish({ avoid: ['10.0.0.0/8'] }))).rejects.toMatchObject({ code: 'pools-exhausted' })
  expect(calls.filter(({ method }) => method === 'ReleasePool')).toHaveLength(next)
  expect(next).toBeLessThan(100)
})

test('a pool of everything is in nobody’s way', async () => {
  always('RequestPool', { PoolID: 'none', Pool: '0.0.0.0/0' })
  expect((await ipam.requestPool(wish({ avoid: ['10.0.0.0/8'] }))).pool).toBe('0.0.0.0/0')
})

test.each([
  [{}, 'PoolID'],
  [{ PoolID: 7, Pool: '10.0.0.0/8' }, 'PoolID'],
  [{ PoolID: 'p' }, 'Pool'],
  [{ PoolID: 'p', Pool: '10.0.0.0' }, 'Pool'],
  [{ PoolID: 'p', Pool: 'fd00::/64' }, 'Pool'],
  [{ PoolID: 'p', Pool: '10.0.0.0/8', Data: { 'com.docker.network.gateway': '10.0.0.1' } }, 'Data'],
  [{ PoolID: 'p', Pool: '10.0.0.0/8', Data: { shelf: 7 } }, 'shelf'],
])('the pool %j cannot be used, and is given back', async (body, field) => {
  always('RequestPool', body)
  always('ReleasePool', {})
  await expect(ipam.requestPool(wish())).rejects.toMatchObject({
    code: 'plugin-failed',
    message: expect.stringMatching(new RegExp(`warehouse.*RequestPool.* as ${field}`)),
  })
  const named = 'PoolID' in body && typeof body.PoolID === 'string'
  expect(calls.filter(({ method }) => method === 'ReleasePool')).toHaveLength(named ? 1 : 0)
})

test('asks for addresses, any or a preferred one', async () => {
  always('RequestAddress', { Address: '10.5.0.2/16', Data: { shelf: '7' } })
  expect(await ipam.requestAddress('p1', undefined, {})).toEqual({ address: '10.5.0.2/16', data: { shelf: '7' } })
  await ipam.requestAddress('p1', '10.5.0.2', { RequestAddressType: 'com.docker.network.gateway' })
  expect(calls.map(({ body }) => body)).toEqual([
    { PoolID: 'p1', Address: '', Options: {} },
    { PoolID: 'p1', Address: '10.5.0.2', Options: { RequestAddressType: 'com.docker.network.gateway' } },
  ])
})

test('no address means that there is none left', async () => {
  always('RequestAddress', {})
  await expect(ipam.requestAddress('p1', undefined, {})).rejects.toMatchObject({
    code: 'addresses-exhausted',
    message: 'the plugin warehouse gave no address of pool "p1"',
  })
})

test.each(['10.0.0.1', 'house/8', 7])('the address %j cannot be used', async (Address) => {
  always('RequestAddress', { Address })
  await expect(ipam.requestAddress('p1', undefined, {})).rejects.toMatchObject({ code: 'plugin-failed' })
})

test('releases addresses and pools', async () => {
  always('ReleaseAddress', {})
  always('ReleasePool', {})
  await ipam.releaseAddress('p1', '10.5.0.2')
  await ipam.releasePool('p1')
  expect(calls).toEqual([
    { method: 'ReleaseAddress', body: { PoolID: 'p1', Address: '10.5.0.2' } },
    { method: 'ReleasePool', body: { PoolID: 'p1' } },
  ])
  await expect(ipam.releaseAddress('p1', 'house')).rejects.toMatchObject({ code: 'address-invalid' })
})

test('what the plugin refuses is told in its words', async () => {
  always('RequestAddress', { Error: 'the shelf\nis empty' })
  await expect(ipam.requestAddress('p1', undefined, {})).rejects.toMatchObject({
    code: 'plugin-failed',
    message: expect.stringMatching(/warehouse.*RequestAddress.*the shelf is empty/),
  })
})
