/** The daemon over TCP: for those who have the token, and not for other people's web pages. */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, type Daemon, DaemonWorld } from './daemon-world.ts'

const token = 'f3b1c6d85e8a4c0f9d2b7a61e4c3508f'
const world = new DaemonWorld('tcp')
const tokenFile = join(world.directory, 'token')
const proxy = createServer()
let daemon: Daemon
let port: number
let address: { readonly host: string; readonly port: number }

beforeAll(async () => {
  writeFileSync(tokenFile, `${token}\n`)
  daemon = await world.startDaemon(['--tcp', ':0', '--token-file', tokenFile, '--log-level', 'trace'])
  port = Number(/"127\.0\.0\.1:(\d+)"/.exec(daemon.log)?.[1])
  address = await forward(port)
})
afterAll(async () => {
  proxy.close()
  await world.close()
})

/** The daemon listens within its own namespace: connections are carried there by a process that lives in it. */
async function forward(target: number): Promise<typeof address> {
  const [file, ...words] = world.inside(process.execPath, '-e', CARRIER, String(target))
  proxy.on('connection', (socket) => {
    const carrier = spawn(file, words, { stdio: ['pipe', 'pipe', 'inherit'] })
    socket.pipe(carrier.stdin)
    carrier.stdout.pipe(socket)
    socket.on('error', () => carrier.kill())
    carrier.stdin.on('error', () => {})
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const bound = proxy.address()
  return { host: '127.0.0.1', port: typeof bound === 'object' && bound !== null ? bound.port : 0 }
}

const CARRIER = `const s = require('node:net').connect(+process.argv[1], '127.0.0.1');
process.stdin.pipe(s); s.pipe(process.stdout); s.on('close', () => process.exit())`

const get = (headers: Record<string, string>, path = '/v1/health') =>
  ask(address, path, { headers: { connection: 'close', host: `127.0.0.1:${port}`, ...headers } })
const bearer = { authorization: `Bearer ${token}` }

test('whoever has the token is served', async () => {
  expect((await get(bearer)).json()).toMatchObject({ status: 'serving' })
})

describe('refused is', () => {
  test.each([
    ['no token', {}, 401, 'token-missing'],
    ['a wrong token', { authorization: `Bearer ${token.slice(1)}0` }, 401, 'token-wrong'],
    ['the right token under another scheme', { authorization: `Basic ${token}` }, 401, 'token-missing'],
    ['a Host that is not ours (DNS rebinding)', { ...bearer, host: 'evil.example' }, 403, 'host-refused'],
    ['a Host with another port', { ...bearer, host: '127.0.0.1:1' }, 403, 'host-refused'],
    ['an Origin that is not ours', { ...bearer, origin: 'https://evil.example' }, 403, 'origin-refused'],
    ['the Origin of a page from a file', { ...bearer, origin: 'null' }, 403, 'origin-refused'],
  ])('%s', async (_, headers, status, code) => {
    const answer = await get(headers)
    expect(answer).toMatchObject({ status })
    expect(answer.json()).toMatchObject({ error: { code } })
  })

  test('every path without a token, that of metrics and that of libnetwork’s API too', async () => {
    for (const path of ['/metrics', '/networks', '/v1.19/sandboxes', '/v1/openapi.json', '/nowhere']) {
      expect((await get({}, path)).status, path).toBe(401)
    }
  })
})

test('our own Origin and the other names of the loopback interface are welcome', async () => {
  const own = { ...bearer, host: `localhost:${port}`, origin: `http://localhost:${port}` }
  expect((await get(own)).status).toBe(200)
})

test('the token is in no log, however much is logged', async () => {
  await get(bearer)
  await daemon.untilLogged('"route":"/v1/health"')
  expect(daemon.log).not.toContain(token)
})

describe('the command line', () => {
  test.each([
    [['--tcp', '127.0.0.1:0'], 'needs --token-file'],
    [['--token-file', '/etc/hostname'], '--token-file is for --tcp'],
    [['--tcp', 'nonsense', '--token-file', tokenFile], 'is no HOST:PORT'],
    [['--tcp', '1:70000', '--token-file', tokenFile], 'is no HOST:PORT'],
  ])('%j is refused', (words, sentence) => {
    const { code, remarks } = world.netwright('daemon', ...words)
    expect(code).toBe(2)
    expect(remarks).toContain(sentence)
  })

  test('a token that can be guessed is refused', () => {
    const weak = join(world.directory, 'weak')
    writeFileSync(weak, 'secret\n')
    const { code, remarks } = world.netwright('daemon', '--tcp', ':0', '--token-file', weak)
    expect(code).toBe(2)
    expect(remarks).toContain('shorter than 22 characters')
  })
})
