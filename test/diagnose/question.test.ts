/** From words to flows: targets, addresses, names with real name servers, and what is wrong with names. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type AskedQuestion, askQuestion, type Question, QuestionError } from '../../src/diagnose/question/index.ts'
import { takeScene } from '../../src/diagnose/scene/index.ts'
import type { Scene } from '../../src/diagnose/scene/scene.ts'
import { TargetUnknownError } from '../../src/host/index.ts'
import { DatagramServer, Namespace, parseIp } from '../../src/kernel/index.ts'
import { inodeOfName, ip } from '../support/iproute.ts'
import { buildRoutedWorld, type RoutedWorld, run } from './routed-world.ts'

let world: RoutedWorld
let scene: Scene
beforeAll(() => {
  world = buildRoutedWorld('question')
})
afterAll(() => {
  for (const name of [world.left, world.right]) rmSync(`/etc/netns/${name}`, { recursive: true, force: true })
  world.names.close()
})
beforeEach(async () => {
  scene = await takeScene()
})
afterEach(() => scene.close())

function ask(to: string, more: Partial<Question> = {}): Promise<AskedQuestion> {
  return askQuestion(scene, {
    from: `ns:${world.left}`,
    to,
    protocol: 'icmp',
    packets: true,
    nameServerPatience: 300,
    ...more,
  })
}

/** Gives the left namespace files of its own. */
function files(resolvConf: string, hosts = '127.0.0.1 localhost\n'): void {
  mkdirSync(`/etc/netns/${world.left}`, { recursive: true })
  writeFileSync(`/etc/netns/${world.left}/resolv.conf`, resolvConf)
  writeFileSync(`/etc/netns/${world.left}/hosts`, hosts)
  writeFileSync(`/etc/netns/${world.left}/nsswitch.conf`, 'hosts: files dns\n')
}

/** A name server that knows IPv4 addresses of some names, and says of all others that there are none. */
async function withServer<T>(
  inside: string,
  address: string,
  zone: Readonly<Record<string, string>>,
  use: () => Promise<T>,
): Promise<T> {
  const namespace = Namespace.open({ name: inside })
  const server = new DatagramServer({
    namespace,
    address,
    port: 53,
    answer: ({ bytes, start, end }) => answer(bytes.subarray(start, end), zone, bytes, start),
  })
  try {
    return await use()
  } finally {
    server.close()
    namespace.close()
  }
}

/** Writes an answer over a question (RFC 1035 section 4.1); returns its length. */
function answer(question: Buffer, zone: Readonly<Record<string, string>>, into: Buffer, at: number): number {
  const labels: string[] = []
  let end = 12
  for (let length = question[end]!; length > 0; length = question[end]!) {
    labels.push(question.toString('latin1', end + 1, end + 1 + length))
    end += length + 1
  }
  end += 5
  const known = zone[labels.join('.')]
  const found = known !== undefined && question.readUInt16BE(end - 4) === 1 ? known : undefined
  const head = Buffer.from(question.subarray(0, end))
  head.writeUInt16BE(known === undefined ? 0x8183 : 0x8180, 2)
  head.writeUInt16BE(found === undefined ? 0 : 1, 6)
  head.writeUInt32BE(0, 8)
  const record = found === undefined ? [] : [Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]), parseIp(found)]
  return Buffer.concat([head, ...record]).copy(into, at)
}

function flowOf(asked: AskedQuestion) {
  if (asked.kind !== 'flow') throw new Error(asked.cause.summary)
  return asked.flow
}

function causeOf(asked: AskedQuestion) {
  if (asked.kind !== 'cause') throw new Error(`it became a flow to ${asked.flow.destination}`)
  return asked.cause
}

describe('targets and addresses', () => {
  test('a target: its address that can be reached, and where it is', async () => {
    const flow = flowOf(await ask(`ns:${world.right}`, { protocol: 'tcp', port: 80 }))
    expect(flow).toMatchObject({ destination: '10.9.2.2', family: 'ipv4', protocol: 'tcp', port: 80 })
    expect(flow.to?.inode).toBe(inodeOfName(world.right))
    expect(flow.from.inode).toBe(inodeOfName(world.left))
  })

  test('the address on a subnet that both have comes first, whatever its place in the list', async () => {
    ip(`-n ${world.router} addr add 172.31.9.1/24 dev toleft`)
    ip(`-n ${world.router} addr del 10.9.1.1/24 dev toleft`)
    ip(`-n ${world.router} addr add 10.9.1.1/24 dev toleft`)
    scene.close()
    scene = await takeScene()
    expect(flowOf(await ask(`ns:${world.router}`)).destination).toBe('10.9.1.1')
    ip(`-n ${world.router} addr del 172.31.9.1/24 dev toleft`)
  })

  test('an address alone names no namespace', async () => {
    expect(flowOf(await ask('10.9.2.2'))).toMatchObject({ destination: '10.9.2.2', to: undefined })
    const index = scene.place(inodeOfName(world.left)).linkNamed('eth0')!.index
    expect(flowOf(await ask('fe80::1%eth0'))).toMatchObject({ destination: 'fe80::1', outputInterface: index })
    await expect(ask('fe80::1%nowhere')).rejects.toThrow(QuestionError)
    await expect(ask('10.9.2.2', { family: 'ipv6' })).rejects.toThrow(QuestionError)
  })

  test('an address that is gone is still meant, when a neighbour remembers it', async () => {
    run(world.router, 'ping -c 1 -W 2 10.9.2.2')
    ip(`-n ${world.right} addr del 10.9.2.2/24 dev eth0`)
    try {
      scene.close()
      scene = await takeScene()
      expect(flowOf(await ask(`ns:${world.right}`)).destination).toBe('10.9.2.2')
      ip(`-n ${world.router} neigh flush all`)
      scene.close()
      scene = await takeScene()
      const cause = causeOf(await ask(`ns:${world.right}`))
      expect(cause).toMatchObject({
        code: 'address-missing',
        where: { namespace: inodeOfName(world.right), interface: 'eth0' },
      })
    } finally {
      ip(`-n ${world.right} addr add 10.9.2.2/24 dev eth0`)
      ip(`-n ${world.right} route replace default via 10.9.2.1`)
    }
  })

  test('what is no target is said so', async () => {
    await expect(ask('ns:nowhere-at-all')).rejects.toThrow(TargetUnknownError)
    await expect(ask('10.9.2.2', { from: 'nowhere-at-all' })).rejects.toThrow(TargetUnknownError)
  })
})

describe('names', () => {
  const server = '10.9.2.2'

  test('are found in hosts first, then by the name server, with the search list', async () => {
    files(`search example\nnameserver ${server}\n`, '10.9.2.7 fixed\n')
    await withServer(world.right, server, { 'db.example': '10.9.2.8', fixed: '10.9.2.9' }, async () => {
      expect(flowOf(await ask('fixed')).destination).toBe('10.9.2.7')
      const asked = await ask('db')
      expect(flowOf(asked)).toMatchObject({ destination: '10.9.2.8', to: undefined })
      expect(asked.to.label).toBe('db (10.9.2.8)')
      expect(asked.resolution).toEqual([`db is 10.9.2.8, says the name server ${server} as db.example`])
      expect(flowOf(await ask('localhost')).destination).toBe('127.0.0.1')
    })
  })

  test('a name that the server does not know', async () => {
    files(`nameserver ${server}\n`)
    await withServer(world.right, server, {}, async () => {
      const cause = causeOf(await ask('no-such-name.example'))
      expect(cause).toMatchObject({ code: 'dns-name-unknown', where: { namespace: inodeOfName(world.left) } })
      expect(cause.evidence.map(({ fact }) => fact)).toContain(`${server} asked for no-such-name.example A: NXDOMAIN`)
    })
  })

  test('a server that does not answer: the question itself can be followed', async () => {
    files('nameserver 10.9.1.77\n')
    const asked = await ask('db.example')
    expect(causeOf(asked).code).toBe('dns-unreachable')
    expect(asked.kind === 'cause' && asked.queries).toMatchObject([
      { destination: '10.9.1.77', protocol: 'udp', port: 53 },
    ])
  })

  test.each([
    ['no server', '# nothing\n'],
    ['no usable one', 'nameserver ns1.example\n'],
    ['a loopback where nobody listens', 'nameserver 127.0.0.53\n'],
  ])('a configuration with %s', async (_, text) => {
    files(text)
    run(world.left, 'true')
    expect(causeOf(await ask('db.example'))).toMatchObject({
      code: 'dns-misconfigured',
      where: { namespace: inodeOfName(world.left) },
    })
  })

  test('a second server knows what the first denies', async () => {
    files(`nameserver ${server}\nnameserver 10.9.1.1\n`)
    await withServer(world.right, server, {}, () =>
      withServer(world.router, '10.9.1.1', { 'db.example': '10.9.2.8' }, async () => {
        expect(causeOf(await ask('db.example')).code).toBe('dns-misconfigured')
      }),
    )
  })

  test('a hosts file that says other than the server is doubted when asked to', async () => {
    files(`nameserver ${server}\n`, '10.9.2.77 db.example\n')
    await withServer(world.right, server, { 'db.example': '10.9.2.8' }, async () => {
      const asked = await ask('db.example')
      expect(flowOf(asked).destination).toBe('10.9.2.77')
      const doubt = asked.kind === 'flow' ? await asked.doubtName?.() : undefined
      expect(doubt?.cause).toMatchObject({ code: 'dns-misconfigured' })
    })
  })

  test('without packets only what is on record counts', async () => {
    files(`nameserver ${server}\n`, '10.9.2.7 fixed\n')
    expect(flowOf(await ask('fixed', { packets: false })).destination).toBe('10.9.2.7')
    await expect(ask('db.example', { packets: false })).rejects.toThrow(/asking them sends packets/)
  })
})
