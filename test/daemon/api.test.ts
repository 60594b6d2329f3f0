/** The daemon's API over its socket. */
import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { EndpointView, NetworkDetails, SandboxView } from '../../src/daemon/index.ts'
import { DaemonWorld } from './daemon-world.ts'

const world = new DaemonWorld('api')
beforeAll(() => world.startDaemon())
afterAll(() => world.close())
afterEach(async () => {
  const { sandboxes } = (await world.ask('/v1/sandboxes')).json<{ sandboxes: SandboxView[] }>()
  for (const { id } of sandboxes) await world.ask(`/v1/sandboxes/${id}`, { method: 'DELETE' })
  const { networks } = (await world.ask('/v1/networks')).json<{ networks: NetworkDetails[] }>()
  for (const { id } of networks) await world.ask(`/v1/networks/${id}?force=true`, { method: 'DELETE' })
})

const post = (path: string, body: unknown) => world.ask(path, { method: 'POST', body })
const remove = (path: string) => world.ask(path, { method: 'DELETE' })
const code = (answer: Awaited<ReturnType<typeof post>>) => answer.json<{ error: { code: string } }>().error.code

test('only root may open the socket', () => {
  expect(statSync(world.socket).mode & 0o777).toBe(0o600)
})

test('a network lives: made, listed, found by name and by the beginning of its id, removed', async () => {
  const made = await post('/v1/networks', { name: 'blue', ipam: [{ pool: '10.71.0.0/24' }], labels: { team: 'a' } })
  expect(made.status).toBe(201)
  const { id, pools } = made.json<NetworkDetails>()
  expect(pools).toMatchObject([{ pool: '10.71.0.0/24', gateway: '10.71.0.1/24' }])
  const listed = (await world.ask('/v1/networks')).json<{ networks: NetworkDetails[] }>().networks
  expect(listed).toMatchObject([{ id, name: 'blue', endpointCount: 0, labels: { team: 'a' } }])
  for (const word of [id, 'blue', id.slice(0, 8)]) {
    expect((await world.ask(`/v1/networks/${word}`)).json()).toMatchObject({ id, endpoints: [] })
  }
  expect(await remove('/v1/networks/blue')).toMatchObject({ status: 204, text: '' })
  expect(code(await world.ask('/v1/networks/blue'))).toBe('network-unknown')
})

test('a sandbox in a network has the address that the API tells', async () => {
  await post('/v1/networks', { name: 'blue', ipam: [{ pool: '10.71.0.0/24' }] })
  await post('/v1/sandboxes', { containerId: 'web', hostname: 'web' })
  const endpoint = (await post('/v1/networks/blue/connect', { sandbox: 'web', aliases: ['www'] })).json<EndpointView>()
  expect(endpoint).toMatchObject({ name: 'web', network: { name: 'blue' }, sandbox: { name: 'web' }, aliases: ['www'] })
  const sandbox = (await world.ask('/v1/sandboxes/web')).json<SandboxView>()
  const links = JSON.parse(
    execFileSync('nsenter', [`--net=${sandbox.key}`, 'ip', '-j', 'addr', 'show', 'eth0'], { encoding: 'utf8' }),
  )
  const [{ local, prefixlen }] = links[0].addr_info
  expect(endpoint.addresses).toEqual([`${local}/${prefixlen}`])
  expect(links[0].address).toBe(endpoint.macAddress)
  const { interfaces } = (await world.ask('/v1/sandboxes/web/statistics')).json<{ interfaces: unknown[] }>()
  expect(interfaces).toMatchObject([{ interfaceName: 'eth0', rxErrors: 0 }])
})

test('an endpoint is made, joined, left and deleted step by step', async () => {
  await post('/v1/networks', { name: 'blue' })
  await post('/v1/sandboxes', { containerId: 'web' })
  expect((await post('/v1/networks/blue/endpoints', { name: 'e' })).json()).toMatchObject({
    sandbox: null,
    gateway: null,
  })
  const joined = await post('/v1/networks/blue/endpoints/e/join', { sandbox: 'web' })
  expect(joined.json()).toMatchObject({ interfaceName: 'eth0', sandbox: { name: 'web' } })
  expect(code(await post('/v1/networks/blue/endpoints/e/join', { sandbox: 'web' }))).toBe('endpoint-joined')
  expect(await remove('/v1/networks/blue/endpoints/e')).toMatchObject({ status: 403 })
  expect((await post('/v1/networks/blue/endpoints/e/leave', { sandbox: 'web' })).status).toBe(204)
  expect((await remove('/v1/networks/blue/endpoints/e')).status).toBe(204)
  expect((await world.ask('/v1/networks/blue/endpoints')).json()).toEqual({ endpoints: [] })
})

test('a sandbox that cannot join leaves no endpoint behind', async () => {
  await post('/v1/networks', { name: 'blue' })
  await post('/v1/networks', { name: 'plan', configOnly: true })
  await post('/v1/sandboxes', { containerId: 'web' })
  expect((await post('/v1/networks/plan/connect', { sandbox: 'web' })).status).toBe(403)
  expect((await post('/v1/networks/blue/connect', { sandbox: 'nobody' })).status).toBe(404)
  expect((await world.ask('/v1/networks/blue')).json()).toMatchObject({ endpoints: [] })
})

test('disconnecting takes the endpoint away, and a second time is refused', async () => {
  await post('/v1/networks', { name: 'blue' })
  await post('/v1/sandboxes', { containerId: 'web' })
  await post('/v1/networks/blue/connect', { sandbox: 'web' })
  expect((await post('/v1/networks/blue/disconnect', { sandbox: 'web' })).status).toBe(204)
  expect(code(await post('/v1/networks/blue/disconnect', { sandbox: 'web' }))).toBe('endpoint-not-joined')
})

test('pruning removes what nothing uses, templates last', async () => {
  await post('/v1/networks', { name: 'plan', configOnly: true, ipam: [{ pool: '10.71.5.0/24' }] })
  await post('/v1/networks', { name: 'made', configFrom: 'plan' })
  await post('/v1/networks', { name: 'used' })
  await post('/v1/networks/used/endpoints', { name: 'e' })
  const { removed } = (await post('/v1/networks/prune', {})).json<{ removed: { name: string }[] }>()
  expect(removed.map(({ name }) => name)).toEqual(['made', 'plan'])
})

test('fifty requests at once give fifty different addresses', async () => {
  await post('/v1/networks', { name: 'blue', ipam: [{ pool: '10.71.0.0/24' }] })
  const made = await Promise.all(
    Array.from({ length: 50 }, (_, i) => post('/v1/networks/blue/endpoints', { name: `e${i}` })),
  )
  expect(new Set(made.map((answer) => answer.json<EndpointView>().addresses[0])).size).toBe(50)
})

describe('what cannot be understood is refused in a sentence that names the field', () => {
  test.each([
    ['/v1/networks', { name: 7 }, 'name: '],
    ['/v1/networks', {}, 'name: '],
    ['/v1/networks', { name: 'x', subnet: '10.0.0.0/8' }, 'subnet'],
    ['/v1/networks', { name: 'x', ipam: [{ pool: 7 }] }, 'ipam[0].pool: '],
    ['/v1/networks', { name: 'x', labels: { a: 1 } }, 'labels.a: '],
    ['/v1/networks', [], 'json: '],
    ['/v1/networks', 'null', 'json: '],
    ['/v1/sandboxes', {}, 'containerId: '],
    ['/v1/sandboxes', { pid: 1, path: '/x' }, 'pid: '],
    [
      '/v1/networks/x/connect',
      { sandbox: 'web', portMappings: [{ protocol: 'icmp', containerPort: 1 }] },
      'portMappings[0].protocol: ',
    ],
    [
      '/v1/networks/x/connect',
      { sandbox: 'web', portMappings: [{ protocol: 'tcp', containerPort: 70000 }] },
      'portMappings[0].containerPort: ',
    ],
  ])('%s %j', async (path, body, field) => {
    const answer = await post(path, body)
    expect(answer.status).toBe(400)
    expect(answer.json()).toMatchObject({ error: { code: 'request-invalid', message: expect.stringContaining(field) } })
  })

  test('a body that is no JSON, or does not say that it is', async () => {
    expect(await post('/v1/networks', '{"name":')).toMatchObject({ status: 400 })
    const form = await world.ask('/v1/networks', {
      method: 'POST',
      body: '{"name":"blue"}',
      headers: { 'content-type': 'text/plain' },
    })
    expect(form.status).toBe(415)
    expect((await world.ask('/v1/networks')).json()).toEqual({ networks: [] })
  })

  test('a body that is far too large', async () => {
    // The daemon answers when it has seen the length, and hangs up: a client that is still writing may hear only that.
    const told = await post('/v1/networks', { name: 'x'.repeat(5_000_000) }).then(
      ({ status }) => status,
      (error: NodeJS.ErrnoException) => error.code,
    )
    expect([413, 'EPIPE', 'ECONNRESET']).toContain(told)
    expect((await world.ask('/v1/networks')).status).toBe(200)
  })

  test('a path that leads nowhere', async () => {
    for (const path of ['/', '/v2/networks', '/v1/network', '/v1/networks/a/b/c', '/%00', '/v1/networks/%ff']) {
      const answer = await world.ask(path)
      expect(answer.status, path).toBe(404)
      expect(code(answer)).toMatch(/^(route|network)-unknown$/)
    }
  })
})

test('rules of the network model have their own codes and statuses', async () => {
  await post('/v1/networks', { name: 'blue', ipam: [{ pool: '10.71.0.0/24' }] })
  expect(await post('/v1/networks', { name: 'blue' })).toMatchObject({ status: 409 })
  expect(code(await post('/v1/networks', { name: ' ' }))).toBe('name-blank')
  expect(code(await post('/v1/networks', { name: 'x', driver: 'nosuch' }))).toBe('driver-unknown')
  expect(code(await post('/v1/networks', { name: 'x', ipam: [{ pool: '10.71.0.0/25' }] }))).toBe('pool-overlap')
  expect(code(await post('/v1/networks', { name: 'x', options: { nosuch: '1' } }))).toBe('option-unknown')
  await post('/v1/networks/blue/endpoints', { name: 'e', addresses: ['10.71.0.9'] })
  expect(code(await post('/v1/networks/blue/endpoints', { name: 'f', addresses: ['10.71.0.9'] }))).toBe('address-taken')
  expect(await remove('/v1/networks/blue')).toMatchObject({ status: 403 })
})

test('the document describes every route, and every schema in it is one', async () => {
  const document = (await world.ask('/v1/openapi.json')).json<{
    openapi: string
    paths: Record<string, Record<string, { responses: object; summary: string }>>
    components: { schemas: Record<string, object> }
  }>()
  expect(document.openapi).toBe('3.1.0')
  expect(Object.keys(document.paths)).toEqual(
    expect.arrayContaining([
      '/v1/networks',
      '/v1/networks/{network}/endpoints/{endpoint}/join',
      '/v1/events',
      '/metrics',
    ]),
  )
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema({ $id: 'api', ...document })
  for (const name of Object.keys(document.components.schemas)) {
    expect(() => ajv.compile({ $ref: `api#/components/schemas/${name}` }), name).not.toThrow()
  }
  for (const [, reference] of JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)) {
    expect(document.components.schemas, reference).toHaveProperty(reference!.replace('#/components/schemas/', ''))
  }
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const operation of Object.values(methods)) expect(operation.summary, path).toBeTruthy()
  }
})

test('answers are what the document says', async () => {
  const { components } = (await world.ask('/v1/openapi.json')).json<{ components: object }>()
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema({ $id: 'api', components })
  const network = (await post('/v1/networks', { name: 'blue' })).json()
  const sandbox = (await post('/v1/sandboxes', { containerId: 'web', dns: { servers: ['192.0.2.1'] } })).json()
  const endpoint = (await post('/v1/networks/blue/connect', { sandbox: 'web' })).json()
  const health = (await world.ask('/v1/health')).json()
  for (const [name, value] of Object.entries({
    NetworkDetails: network,
    Sandbox: sandbox,
    Endpoint: endpoint,
    Health: health,
  })) {
    const check = ajv.compile({ $ref: `api#/components/schemas/${name}` })
    expect(check(value) || check.errors, name).toBe(true)
  }
})

test('the host is there as a graph', async () => {
  const graph = (await world.ask('/v1/graph')).json<{ schema: string; namespaces: unknown[] }>()
  expect(graph.schema).toBe('netwright/graph/v1')
  expect(graph.namespaces.length).toBeGreaterThan(0)
})

test('metrics count what is there and what was asked, in the form that Prometheus reads', async () => {
  await post('/v1/networks', { name: 'blue' })
  const { text, headers } = await world.ask('/metrics')
  expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(text).toMatch(/^netwright_networks\{driver="bridge"\} 1$/m)
  expect(text).toMatch(/^netwright_http_requests_total\{method="POST",route="\/v1\/networks",status="201"\} \d+$/m)
  expect(text).toMatch(/^netwright_events_total\{type="network-created"\} \d+$/m)
  for (const line of text.trimEnd().split('\n')) {
    expect(line).toMatch(/^(# (HELP|TYPE) [a-z_]\w* .+|[a-z_]\w*(\{\w+="[^"]*"(,\w+="[^"]*")*\})? [-+\d.e]+(Inf)?)$/i)
  }
})
