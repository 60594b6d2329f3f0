/** TCP, UDP and HTTP from a namespace: what answers, what refuses, what is dropped, and who says so. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Namespace } from '../../src/kernel/index.ts'
import { type FetchInit, fetchUrl, readBanner, sendDatagram, tryConnect } from '../../src/probe/index.ts'
import { connect } from '../../src/probe/tcp/connect.ts'
import { ProbeWorld } from './probe-world.ts'

const world = new ProbeWorld('probetcp')
let client: Namespace
let certificate = ''

// The client, a router that rejects or drops some ports, and the server behind it.
beforeAll(async () => {
  const [here, router, there] = [world.add('client'), world.add('router'), world.add('server')]
  client = here.namespace
  world.join(here.name, ['e0', '10.78.0.1/24', 'fd78::1/64'], router.name, ['e0', '10.78.0.2/24', 'fd78::2/64'])
  world.join(router.name, ['e1', '10.78.1.2/24', 'fd78:1::2/64'], there.name, ['e0', '10.78.1.1/24', 'fd78:1::1/64'])
  world.inside(here.name, [
    'route add default via 10.78.0.2',
    'route add unreachable 10.200.0.0/16',
    'route add default via fd78::2',
  ])
  world.inside(there.name, ['route add default via 10.78.1.2', 'route add default via fd78:1::2'])
  const rules = `table inet guard { chain transit { type filter hook forward priority 0
    tcp dport 81 drop; udp dport 81 drop
    tcp dport 82 reject with icmpx admin-prohibited; udp dport 82 reject with icmpx admin-prohibited
    tcp dport 83 reject with tcp reset
    }
  }
`
  execFileSync(
    'ip',
    [
      'netns',
      'exec',
      router.name,
      'sh',
      '-c',
      'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1; nft -f -',
    ],
    {
      input: rules,
    },
  )
  const [key, crt] = [world.file('key.pem', ''), world.file('crt.pem', '')]
  const words = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-subj',
    '/CN=shop.test',
    '-addext',
    'subjectAltName=DNS:shop.test',
  ]
  execFileSync('openssl', ['req', '-x509', '-nodes', '-days', '2', '-keyout', key, '-out', crt, ...words], {
    stdio: 'ignore',
  })
  certificate = readFileSync(crt, 'utf8')
  await world.node(
    there.name,
    `import { createServer } from 'node:net'
     import { createServer as createWeb } from 'node:http'
     import { createServer as createSecure } from 'node:https'
     import { createSocket } from 'node:dgram'
     import { readFileSync } from 'node:fs'
     const answer = (request, response) => {
       if (request.url === '/slow') return setTimeout(() => response.end('late'), 150)
       if (request.url === '/never') return
       response.statusCode = request.url === '/none' ? 404 : 200
       response.setHeader('x-host', request.headers.host)
       response.end('hello')
     }
     const echo = createSocket('udp6')
     echo.on('message', (bytes, from) => echo.send(bytes, from.port, from.address))
     const open = (server, port) => new Promise((done) => server.listen(port, '::', done))
     await open(createServer((socket) => socket.on('error', () => {}).end('SSH-2.0-test\\r\\nmore')), 22)
     await open(createServer((socket) => socket.on('error', () => {}).on('data', () => socket.destroy())), 79)
     await open(createWeb(answer), 80)
     await open(createSecure({ key: readFileSync('${key}'), cert: readFileSync('${crt}') }, answer), 443)
     await new Promise((done) => echo.bind(7, '::', done))
     console.log('ready')`,
  )
  await world.settle()
})

afterAll(() => world.close())

const attempt = (address: string, port: number, timeout = 2000) =>
  tryConnect({ namespace: client, address, port, timeout })

test.each(['10.78.1.1', 'fd78:1::1'])('a connection to %s, and a port at which nothing listens', async (address) => {
  expect(await attempt(address, 80)).toMatchObject({ outcome: 'connected', objection: null, reason: null })
  expect(await attempt(address, 9)).toMatchObject({ outcome: 'refused', reason: 'ECONNREFUSED', objection: null })
})

test.each([
  ['10.78.1.1', '10.78.0.2'],
  ['fd78:1::1', 'fd78::2'],
])('what a router does to connections with %s', async (address, router) => {
  expect(await attempt(address, 81, 250)).toMatchObject({ outcome: 'timeout', objection: null })
  const prohibited = await attempt(address, 82)
  expect(['unreachable', 'denied']).toContain(prohibited.outcome)
  expect(prohibited.objection).toMatchObject({ from: router, reason: 'prohibited' })
  expect(await attempt(address, 83)).toMatchObject({ outcome: 'refused', objection: null })
})

test('no route, and a route that forbids', async () => {
  expect(await attempt('10.200.0.1', 80)).toMatchObject({ outcome: 'unreachable', reason: 'EHOSTUNREACH' })
  expect(await attempt('127.0.0.1', 80)).toMatchObject({ outcome: 'refused' })
})

test('connecting can be interrupted', async () => {
  const signal = AbortSignal.timeout(30)
  const found = await tryConnect({ namespace: client, address: '10.78.1.1', port: 81, timeout: 20_000, signal })
  expect(found.outcome).toBe('interrupted')
})

test('a banner is read, and its absence is no error', async () => {
  const spoken = await connect({ namespace: client, address: '10.78.1.1', port: 22, timeout: 2000 })
  expect(await readBanner(spoken.descriptor!, 5000)).toBe('SSH-2.0-test')
  const mute = await connect({ namespace: client, address: '10.78.1.1', port: 80, timeout: 2000 })
  expect(await readBanner(mute.descriptor!, 50)).toBeNull()
})

const datagram = (address: string, port: number, timeout = 2000) =>
  sendDatagram({ namespace: client, address, port, timeout, attempts: 2, payload: Buffer.from('hello') })

test.each([
  ['10.78.1.1', '10.78.0.2'],
  ['fd78:1::1', 'fd78::2'],
])('datagrams to %s', async (address, router) => {
  const answered = await datagram(address, 7)
  expect(answered).toMatchObject({ outcome: 'answered', sent: 1 })
  expect(String(answered.answer)).toBe('hello')
  const closed = await datagram(address, 9)
  expect(closed).toMatchObject({ outcome: 'refused', objection: { from: address, reason: 'port-unreachable' } })
  expect(await datagram(address, 81, 200)).toMatchObject({ outcome: 'silent', sent: 2, answer: null })
  const prohibited = await datagram(address, 82)
  expect(prohibited.objection).toMatchObject({ from: router, reason: 'prohibited' })
  expect(['unreachable', 'denied']).toContain(prohibited.outcome)
})

function get(url: string, more: Partial<FetchInit> = {}) {
  const usual = { method: 'GET', headers: [], insecure: false, timeout: 5000 }
  return fetchUrl({ namespace: client, url: new URL(url), address: '10.78.1.1', ...usual, ...more })
}

test('a page, with the phases timed', async () => {
  const found = await get('http://shop.test/slow', { headers: [['X-Test', 'yes']] })
  expect(found).toMatchObject({
    outcome: 'answered',
    status: 200,
    statusText: 'OK',
    bytes: 4,
    cut: false,
    certificate: null,
  })
  expect(found.phases.firstByte).toBeGreaterThan(100)
  expect(found.phases.tls).toBeNull()
  expect(found.phases.total).toBeGreaterThanOrEqual(
    found.phases.connect! + found.phases.firstByte! + found.phases.body!,
  )
  const missing = await get('http://shop.test/none', { address: 'fd78:1::1' })
  expect(missing).toMatchObject({ status: 404 })
  expect(missing.headers).toContainEqual(['x-host', 'shop.test'])
})

test('TLS: a certificate is judged, and nothing is asked of a server that is not to be trusted', async () => {
  const refused = await get('https://shop.test/')
  expect(refused).toMatchObject({
    outcome: 'not-trusted',
    status: null,
    certificate: { subject: 'shop.test', trusted: false },
  })
  expect(refused.reason).toMatch(/SELF_SIGNED/)
  expect(await get('https://shop.test/', { insecure: true })).toMatchObject({ outcome: 'answered', status: 200 })
  const trusted = await get('https://shop.test/', { authorities: certificate })
  expect(trusted).toMatchObject({ outcome: 'answered', tlsProtocol: 'TLSv1.3', certificate: { trusted: true } })
  const misnamed = await get('https://other.test/', { authorities: certificate })
  expect(misnamed).toMatchObject({ outcome: 'not-trusted' })
})

test('what is no web server, or never answers, is told as such', async () => {
  expect(await get('http://shop.test:22/')).toMatchObject({ outcome: 'no-answer' })
  expect(await get('http://shop.test:79/')).toMatchObject({ outcome: 'no-answer' })
  expect(await get('https://shop.test:80/')).toMatchObject({ outcome: 'tls-failed' })
  expect(await get('http://shop.test/never', { timeout: 300 })).toMatchObject({ outcome: 'timeout' })
  expect(await get('http://shop.test:9/')).toMatchObject({ outcome: 'not-connected', reason: 'ECONNREFUSED' })
})
