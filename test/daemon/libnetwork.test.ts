/** The API of libnetwork, as its client dnet calls it. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, DaemonWorld } from './daemon-world.ts'

const world = new DaemonWorld('dnet')
beforeAll(() => world.startDaemon())
afterAll(() => world.close())
afterEach(async () => {
  for (const { id } of (await get('/sandboxes')).json<Resource[]>()) await remove(`/sandboxes/${id}`)
  for (const { id } of (await get('/services')).json<Resource[]>()) await remove(`/services/${id}`, { force: true })
  for (const { id } of (await get('/networks')).json<Resource[]>()) await remove(`/networks/${id}`)
})

interface Resource {
  readonly id: string
}

const get = (path: string) => world.ask(path)
const post = (path: string, body: unknown) => world.ask(path, { method: 'POST', body })
const remove = (path: string, body?: unknown) =>
  world.ask(path, { method: 'DELETE', ...(body === undefined ? {} : { body }) })
const id = (answer: Answer): string => {
  expect(answer.status, answer.text).toBe(201)
  return answer.json<string>()
}
const network = async (name = 'blue', pool = '10.73.0.0/24') =>
  id(await post('/networks', { name, network_type: 'bridge', ipv4_configuration: [{ PreferredPool: pool }] }))
const sandbox = async (container = 'container1') => id(await post('/sandboxes', { container_id: container }))

test('a network is made with an id as the answer, shown, and found by name and partial id', async () => {
  const made = await network()
  expect(made).toMatch(/^[0-9a-f]{64}$/)
  const shown = { name: 'blue', id: made, type: 'bridge', endpoints: [] }
  expect((await get(`/networks/${made}`)).json()).toEqual(shown)
  expect((await get('/networks')).json()).toEqual([shown])
  expect((await get('/networks?name=blue')).json()).toEqual([shown])
  expect((await get(`/networks?partial-id=${made.slice(0, 6)}`)).json()).toEqual([shown])
  for (const query of ['name=nobody', `name=${made.slice(0, 6)}`, 'partial-id=zz']) {
    expect((await get(`/networks?${query}`)).json(), query).toEqual([])
  }
  expect(await remove(`/networks/${made}`)).toMatchObject({ status: 200, text: '' })
})

test('every path works with a version in front', async () => {
  const made = await network()
  for (const version of ['/v1.19', '/v1.24'])
    expect((await get(`${version}/networks/${made}`)).json()).toMatchObject({ id: made })
  expect((await get('/v1.19/services')).json()).toEqual([])
  expect((await get('/v1.19/sandboxes')).json()).toEqual([])
})

test('options of a network: names in any case, internal, IPv6, those of the driver', async () => {
  const body = {
    Name: 'inner',
    NETWORK_TYPE: 'bridge',
    driver_opts: { 'com.docker.network.driver.mtu': '1400' },
    network_opts: { 'com.docker.network.internal': 'true', 'com.docker.network.enable_ipv6': '1' },
  }
  const made = id(await post('/networks', body))
  expect((await get(`/v1/networks/${made}`)).json()).toMatchObject({
    internal: true,
    ipv6: true,
    options: { 'com.docker.network.driver.mtu': '1400' },
  })
})

test('an endpoint joins a sandbox, whose namespace is the answer, and leaves it', async () => {
  const blue = await network()
  const box = await sandbox()
  const endpoint = id(await post(`/networks/${blue}/endpoints`, { name: 'e1', my_aliases: ['www'] }))
  expect((await get(`/networks/${blue}/endpoints/${endpoint}`)).json()).toEqual({
    name: 'e1',
    id: endpoint,
    network: 'blue',
  })
  expect((await get(`/networks/${blue}/endpoints?name=e1`)).json<Resource[]>()).toHaveLength(1)
  const joined = await post(`/networks/${blue}/endpoints/${endpoint}/sandboxes`, { sandbox_id: box })
  expect(joined.status).toBe(200)
  expect(joined.json()).toBe((await get(`/sandboxes/${box}`)).json<{ key: string }>().key)
  expect(await remove(`/networks/${blue}/endpoints/${endpoint}`)).toMatchObject({ status: 403 })
  expect(await remove(`/networks/${blue}/endpoints/${endpoint}/sandboxes/${box}`)).toMatchObject({
    status: 200,
    text: '',
  })
  expect((await remove(`/networks/${blue}/endpoints/${endpoint}`)).status).toBe(200)
})

test('a service is published with its addresses as Go writes them, attached, and unpublished', async () => {
  await network()
  const box = await sandbox()
  const published = await post('/services', { name: 'db', network_name: 'blue' })
  expect(published.status).toBe(201)
  const service = published.json<Resource>()
  expect(service).toMatchObject({
    address: { IP: '10.73.0.2', Mask: Buffer.from([255, 255, 255, 0]).toString('base64') },
    address_ipv6: { IP: '', Mask: null },
    mac_address: Buffer.from('02420a490002', 'hex').toString('base64'),
  })
  for (const query of ['', '?network=blue', '?name=db', `?partial-id=${service.id.slice(0, 5)}`]) {
    expect((await get(`/services${query}`)).json(), query).toEqual([{ name: 'db', id: service.id, network: 'blue' }])
  }
  expect((await get(`/services/${service.id}/backend`)).json()).toEqual({ id: '', key: '', container_id: '' })
  expect((await post(`/services/${service.id}/backend`, { sandbox_id: box })).status).toBe(200)
  expect((await get(`/services/${service.id}/backend`)).json()).toMatchObject({ id: box, container_id: 'container1' })
  const refused = await remove(`/services/${service.id}`, { name: 'db', force: false })
  expect(refused.status).toBe(403)
  expect(refused.text).toContain('service')
  expect((await remove(`/services/${service.id}/backend/${box}`)).status).toBe(200)
  expect((await remove(`/services/${service.id}`, { name: 'db' })).status).toBe(200)
})

test('sandboxes are found by container, partial container and partial id', async () => {
  const one = await sandbox('container1')
  await sandbox('container2')
  const ids = async (query: string) => (await get(`/sandboxes?${query}`)).json<Resource[]>().map((each) => each.id)
  expect(await ids('container-id=container1')).toEqual([one])
  expect(await ids('partial-container-id=container')).toHaveLength(2)
  expect(await ids(`partial-id=${one.slice(0, 10)}`)).toEqual([one])
  expect(await ids('container-id=container')).toEqual([])
  const settings = {
    container_id: 'c3',
    host_name: 'test',
    domain_name: 'example.org',
    extra_hosts: [{ name: 'web', address: '192.168.0.1' }],
  }
  expect((await get(`/v1/sandboxes/${id(await post('/sandboxes', settings))}`)).json()).toMatchObject({
    hostname: 'test',
    domainname: 'example.org',
    extraHosts: [{ name: 'web', address: '192.168.0.1' }],
  })
})

describe('failures are a line of text', () => {
  test.each([
    ['GET', '/networks/nosuch', undefined, 404, 'Resource not found: Network\n'],
    ['DELETE', '/networks/nosuch', undefined, 404, 'Resource not found: Network\n'],
    ['GET', '/networks/nosuch/endpoints', undefined, 404, 'Resource not found: Network\n'],
    ['GET', '/services/nosuch', undefined, 404, 'Service not found\n'],
    ['GET', '/sandboxes/nosuch', undefined, 404, 'Resource not found: Sandbox\n'],
    ['POST', '/services', { name: 'db', network_name: 'nosuch' }, 404, 'Resource not found: Network\n'],
  ])('%s %s: %d', async (method, path, body, status, text) => {
    const answer = await world.ask(path, { method, ...(body === undefined ? {} : { body }) })
    expect(answer).toMatchObject({ status, text })
    expect(answer.headers['content-type']).toMatch(/^text\/plain/)
  })

  test('a body that is no JSON, or of the wrong shape, is a bad request', async () => {
    for (const body of [
      '',
      '{"name":',
      '[]',
      'null',
      '7',
      '{"name":7}',
      '{"name":"x","network_opts":{"com.docker.network.internal":"maybe"}}',
    ]) {
      const answer = await post('/networks', body)
      expect(answer.status, body).toBe(400)
    }
    expect((await get('/networks')).json()).toEqual([])
  })

  test('what exists already, and what is in use, is forbidden', async () => {
    const blue = await network()
    expect((await post('/networks', { name: 'blue' })).status).toBe(403)
    await sandbox()
    expect((await post('/sandboxes', { container_id: 'container1' })).status).toBe(403)
    await post(`/networks/${blue}/endpoints`, { name: 'e' })
    expect((await post(`/networks/${blue}/endpoints`, { name: 'e' })).status).toBe(403)
    expect((await remove(`/networks/${blue}`)).status).toBe(403)
  })

  test('what this engine does not do is said, not left out silently', async () => {
    const answer = await post('/sandboxes', { container_id: 'x', use_external_key: true })
    expect(answer).toMatchObject({ status: 501, text: 'use_external_key is not supported here; leave it out\n' })
  })
})
