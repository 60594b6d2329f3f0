import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { EngineError } from '../../src/engine/index.ts'
import { AnswerReader, openPlugin, PluginClient } from '../../src/engine/plugins/index.ts'
import { type Answer, PluginWorld } from './plugin-stand-in.ts'

/** Time that passes only while somebody sleeps. */
function fastClock(slept: number[], onSleep: () => void | Promise<void> = () => {}) {
  let time = 0
  return {
    now: () => time,
    async sleep(milliseconds: number): Promise<void> {
      time += milliseconds
      slept.push(milliseconds)
      await onSleep()
    },
  }
}

describe('a plugin is found', () => {
  test('by its socket, also in a directory of its name', async () => {
    await using world = new PluginWorld()
    await world.plugin('plain', {})
    mkdirSync(join(world.directories.sockets, 'nested'))
    await world.plugin('nested', {}, join(world.directories.sockets, 'nested/nested.sock'))
    for (const name of ['plain', 'nested']) {
      const plugin = await openPlugin(name, 'NetworkDriver', world)
      expect(plugin?.name).toBe(name)
    }
    expect(await openPlugin('absent', 'NetworkDriver', world)).toBeUndefined()
  })

  test.each([
    ['etc/far.spec', (path: string) => `unix://${path}\n`],
    ['lib/far.spec', (path: string) => `unix://${path}`],
    ['etc/far/far.json', (path: string) => JSON.stringify({ Name: 'far', Addr: `unix://${path}` })],
  ])('by the file %s that tells where it listens', async (file, text) => {
    await using world = new PluginWorld()
    const far = await world.plugin('far', {}, join(world.root, 'elsewhere.sock'))
    mkdirSync(join(world.root, 'etc/far'))
    writeFileSync(join(world.root, file), text(far.path))
    expect((await openPlugin('far', 'IpamDriver', world))?.address).toEqual({ socketPath: far.path })
  })

  test('on TCP', async () => {
    await using world = new PluginWorld()
    writeFileSync(join(world.root, 'etc/tcp.spec'), 'tcp://[::1]:1')
    const slept: number[] = []
    const failure = await openPlugin('tcp', 'NetworkDriver', { ...world, clock: fastClock(slept) }).catch((e) => e)
    expect(failure.message).toContain('cannot be reached at ::1 port 1')
  })

  test('only when it is what is wanted, and not by the names that we answer to ourselves', async () => {
    await using world = new PluginWorld()
    await world.plugin('ipam', { 'Plugin.Activate': { Implements: ['IpamDriver'] } })
    expect(await openPlugin('ipam', 'NetworkDriver', world)).toBeUndefined()
    expect(await openPlugin('ipam', 'IpamDriver', { ...world, except: new Set(['ipam']) })).toBeUndefined()
  })

  test.each(['../run/plain', 'a/b', '', '.', '..', '.hidden', 'a\0b', 'x'.repeat(200)])(
    'never by a name that leads elsewhere: %j',
    async (name) => {
      await using world = new PluginWorld()
      await world.plugin('plain', {})
      expect(await openPlugin(name, 'NetworkDriver', world)).toBeUndefined()
    },
  )

  test.each([
    ['bad.spec', 'not a url', 'not a URL'],
    ['bad.spec', 'ftp://example.org', 'does not begin with'],
    ['bad.spec', 'unix://relative/path', 'absolute path'],
    ['bad.spec', `unix:///${'x'.repeat(200)}`, 'at most 107'],
    ['bad.spec', 'unix:///%ff', 'absolute path'],
    ['bad.spec', `tcp://${'x'.repeat(300_000)}`, 'larger than'],
    ['bad.json', '{', 'not JSON'],
    ['bad.json', 'null', 'no text Addr'],
    ['bad.json', '{"Addr": 5}', 'no text Addr'],
    ['bad.json', '{"Addr":"tcp://127.0.0.1:1","TLSConfig":{"CAFile":"../ca"}}', 'not an absolute path'],
    ['bad.json', '{"Addr":"tcp://127.0.0.1:1","TLSConfig":{"CAFile":"/nowhere/ca"}}', 'cannot be read'],
  ])('a broken file is refused in one sentence: %s', async (file, text, why) => {
    await using world = new PluginWorld()
    writeFileSync(join(world.root, 'etc', file), text)
    const failure = await openPlugin('bad', 'NetworkDriver', world).catch((error) => error)
    expect(failure).toBeInstanceOf(EngineError)
    expect(failure.code).toBe('plugin-failed')
    expect(failure.message).toContain(why)
    expect(failure.message).not.toContain('\n')
  })
})

describe('a plugin on TLS', () => {
  /** A certificate for 127.0.0.1 that nobody vouches for, and a plugin that has it. */
  async function withTls(
    world: PluginWorld,
    work: (port: number, certificate: string) => Promise<void>,
  ): Promise<void> {
    const [key, certificate] = [join(world.root, 'key.pem'), join(world.root, 'cert.pem')]
    const words = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=plugin'
    execFileSync(
      'openssl',
      [...words.split(' '), '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', certificate],
      { stdio: 'pipe' },
    )
    const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (_, response) =>
      response.end('{"Implements":["NetworkDriver"]}'),
    )
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      await work((server.address() as AddressInfo).port, certificate)
    } finally {
      server.close()
      server.closeAllConnections()
    }
  }

  test('is believed when its certificate comes from whom the file names, or when the file waives that', async () => {
    await using world = new PluginWorld()
    await withTls(world, async (port, certificate) => {
      const tell = (TLSConfig: object): void =>
        writeFileSync(
          join(world.root, 'etc/safe.json'),
          JSON.stringify({ Name: 'safe', Addr: `tcp://127.0.0.1:${port}`, TLSConfig }),
        )
      tell({ CAFile: certificate })
      expect((await openPlugin('safe', 'NetworkDriver', world))?.name).toBe('safe')
      tell({ InsecureSkipVerify: true })
      expect((await openPlugin('safe', 'NetworkDriver', world))?.name).toBe('safe')
      tell({})
      await expect(openPlugin('safe', 'NetworkDriver', world)).rejects.toThrow('could not agree on TLS')
    })
  })
})

describe('a call', () => {
  test('looks as dockerd’s do, and the plugin introduces itself once', async () => {
    await using world = new PluginWorld()
    const plugin = await world.plugin('echo', { 'X.Echo': { Value: 1 }, 'X.Plain': {} })
    const client = new PluginClient('echo', { socketPath: plugin.path })
    expect(await client.call('X.Echo', { A: 'ä' })).toEqual({ Value: 1 })
    await client.call('X.Plain')
    expect(plugin.calls.map((call) => call.method)).toEqual(['Plugin.Activate', 'X.Echo', 'X.Plain'])
    const [, echo, plain] = plugin.calls
    expect(echo!.text).toBe('{"A":"ä"}\n')
    expect(echo!.headers).toMatchObject({
      host: 'plugin.moby.localhost',
      accept: 'application/vnd.docker.plugins.v1.2+json',
      'content-length': '11',
    })
    expect(echo!.headers['content-type']).toBeUndefined()
    expect(plain!.headers['content-length']).toBe('0')
  })

  const status =
    (code: number, body: string): Answer =>
    (response) => {
      response.statusCode = code
      response.end(body)
    }

  test.each<[string, Answer, string]>([
    ['says Err', { Err: 'no more room' }, 'refused it: no more room'],
    ['says Error, as address managers do', { Error: 'no pool' }, 'refused it: no pool'],
    ['says err with status 500', status(500, '{"err":"broken"}'), 'refused it: broken'],
    ['says anything with status 500', status(500, 'boom\u001b[31m\nline two'), 'status 500: boom [31m line two'],
    ['says 404', undefined, 'does not have that method'],
    ['answers with no JSON', status(200, '<html>'), 'no JSON object: <html>'],
    ['answers with a list', status(200, '[]'), 'no JSON object'],
    ['answers with nothing', status(200, ''), 'no JSON object'],
    ['answers without end', (response) => response.end(' '.repeat(5000)), 'more than 4096 bytes'],
    ['answers too late', () => {}, 'did not answer within 0.2 s'],
    [
      'dies in the middle of its answer',
      (response) => {
        response.writeHead(200, { 'content-length': '100' })
        response.write('{"Val', () => response.destroy())
      },
      'hung up in the middle',
    ],
  ])('to a plugin that %s fails, naming plugin and method', async (_, answer, text) => {
    await using world = new PluginWorld()
    const plugin = await world.plugin('weak', { 'X.Y': answer })
    const client = new PluginClient('weak', { socketPath: plugin.path }, { bytes: 4096, milliseconds: 200 })
    const failure = await client.call('X.Y', {}).catch((error) => error)
    expect(failure.code).toBe('plugin-failed')
    expect(failure.message).toContain('the plugin weak, called for X.Y')
    expect(failure.message).toContain(text)
    expect(plugin.calls.filter((call) => call.method === 'X.Y')).toHaveLength(1)
  })

  test('to something that speaks no HTTP fails at once', async () => {
    await using world = new PluginWorld()
    const path = join(world.root, 'garbage.sock')
    const server = createServer((socket) => socket.end('SSH-2.0-hello\r\n')).listen(path)
    const client = new PluginClient('garbage', { socketPath: path })
    await expect(client.call('X.Y')).rejects.toThrow('something that is not HTTP')
    server.close()
  })

  test('may find that a method is not there', async () => {
    await using world = new PluginWorld()
    const plugin = await world.plugin('small', {})
    expect(await new PluginClient('small', { socketPath: plugin.path }).callIfThere('X.Y', {})).toBeUndefined()
  })

  test('waits for a plugin that restarts', async () => {
    await using world = new PluginWorld()
    const plugin = await world.plugin('slow', { 'X.Y': {} })
    const slept: number[] = []
    const clock = fastClock(slept, () => (slept.length === 2 ? plugin.start() : undefined))
    const client = new PluginClient('slow', { socketPath: plugin.path }, { clock })
    await client.implements()
    await plugin.stop()
    expect(await client.call('X.Y', {})).toEqual({})
    expect(slept).toEqual([1000, 2000])
  })

  test('is made again when the plugin hung up before its answer, and given up within 30 seconds', async () => {
    await using world = new PluginWorld()
    const plugin = await world.plugin('dying', { 'X.Y': (response) => response.socket?.destroy() })
    const slept: number[] = []
    const client = new PluginClient('dying', { socketPath: plugin.path }, { clock: fastClock(slept) })
    const failure = await client.call('X.Y', {}).catch((error) => error)
    expect(failure.code).toBe('plugin-unreachable')
    expect(slept).toEqual([1000, 2000, 4000, 8000])
    expect(plugin.calls.filter((call) => call.method === 'X.Y')).toHaveLength(5)
  })

  test('ends when the client is closed, as do those that come later', async () => {
    await using world = new PluginWorld()
    const plugin = await world.plugin('silent', { 'X.Y': () => {} })
    const client = new PluginClient('silent', { socketPath: plugin.path })
    await client.implements()
    const pending = client.call('X.Y', {}).catch((error) => error)
    setTimeout(() => client.close(), 50)
    expect((await pending).code).toBe('controller-closed')
    await expect(client.call('X.Y', {})).rejects.toThrow('closed')
  })

  test('asks for the introduction again after it failed', async () => {
    await using world = new PluginWorld()
    const plugin = await world.plugin('late', { 'Plugin.Activate': { Implements: 'everything' }, 'X.Y': {} })
    const client = new PluginClient('late', { socketPath: plugin.path })
    await expect(client.call('X.Y')).rejects.toThrow('does not say what it implements')
    plugin.answers['Plugin.Activate'] = { implements: ['NetworkDriver'] }
    expect(await client.call('X.Y')).toEqual({})
  })
})

describe('the reader of an answer', () => {
  const reader = (answer: object) => new AnswerReader({ ...answer }, 'p', 'X.Y')

  test('takes missing and null fields for empty, and names in any letter case', () => {
    const answer = reader({ gateway: '10.0.0.1', Nothing: null, LIST: [{ a: 'b' }], Data: { x: 'y' } })
    expect(answer.text('Gateway')).toBe('10.0.0.1')
    expect([answer.text('Nothing'), answer.flag('Nothing'), answer.number('Nothing'), answer.list('Nothing')]).toEqual([
      '',
      false,
      0,
      [],
    ])
    expect(answer.list('List')[0]!.text('A')).toBe('b')
    expect(answer.labels('Data')).toEqual({ x: 'y' })
  })

  test('refuses what is of another type, naming plugin, method and field', () => {
    const answer = reader({ Text: 5, Flag: 'yes', Number: 1.5, Object: [], List: {}, Items: [1], Labels: { a: 1 } })
    const attempts = [
      () => answer.text('Text'),
      () => answer.flag('Flag'),
      () => answer.number('Number'),
      () => answer.object('Object'),
      () => answer.list('List'),
      () => answer.list('Items'),
      () => answer.labels('Labels'),
    ]
    for (const attempt of attempts) expect(attempt).toThrow(/^the plugin p answered X\.Y with .* as \w+: .* wanted$/)
  })
})
