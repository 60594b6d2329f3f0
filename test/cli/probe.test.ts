/** `netwright probe` as a program: text, documents, exit codes, interruption. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ProbeWorld } from '../probe/probe-world.ts'
import { end, until } from '../support/holder.ts'
import { type ProgramRun, programWords, runProgram } from '../support/program.ts'
import { schemaFaults } from '../support/schema.ts'

const world = new ProbeWorld('probecli')
let here = ''
let there = ''

beforeAll(async () => {
  here = world.add('client').name
  there = world.add('server').name
  world.join(here, ['e0', '10.86.0.1/24', 'fd86::1/64'], there, ['e0', '10.86.0.2/24', 'fd86::2/64'])
  const rules = 'table inet guard { chain in { type filter hook input priority 0; tcp dport 81 drop; }\n}\n'
  execFileSync('ip', ['netns', 'exec', there, 'nft', '-f', '-'], { input: rules })
  const dns = [
    '--no-resolv',
    '--no-hosts',
    '--conf-file=/dev/null',
    '--log-facility=-',
    '--pid-file=',
    '--user=root',
    '--local=/test/',
  ]
  await world.start(
    there,
    [
      'dnsmasq',
      '--keep-in-foreground',
      ...dns,
      '--host-record=web.test,10.86.0.2',
      '--txt-record=odd.test,a\u001b[31mb',
    ],
    /started/,
  )
  await world.node(
    there,
    `import { createServer } from 'node:net'
     import { createServer as createWeb } from 'node:http'
     import { createSocket } from 'node:dgram'
     const echo = createSocket('udp4')
     echo.on('message', (bytes, from) => echo.send(bytes, from.port, from.address))
     const web = createWeb((request, response) => {
       response.statusCode = request.url === '/none' ? 404 : 200
       response.end('hello')
     })
     const banner = createServer((socket) => socket.on('error', () => {}).end('\\x1b[31mSSH-2.0-test\\r\\n'))
     web.listen(80, () => banner.listen(22, () => echo.bind(7, () => console.log('ready'))))`,
  )
  await world.settle()
})

afterAll(() => world.close())

const probe = (kind: string, ...words: readonly string[]): ProgramRun =>
  runProgram(['probe', kind, `ns:${here}`, ...words])

function document(kind: string, run: ProgramRun): Record<string, unknown> {
  const parsed = JSON.parse(run.answer) as Record<string, unknown>
  expect(schemaFaults(kind, parsed)).toEqual([])
  expect(parsed['from']).toMatchObject({ label: `ns:${here}` })
  return parsed
}

test('ping: a target of the host by its name, and one that is silent', () => {
  const well = probe('ping', `ns:${there}`, '-c', '2', '-i', '20ms')
  expect(well).toMatchObject({ code: 0, remarks: '' })
  expect(well.answer).toContain(`ns:${there} (10.86.0.2): seq 2  `)
  expect(well.answer).toMatch(/TARGET +SENT +LOST/)
  const run = probe('ping', '10.86.0.2', '10.86.0.9', 'fd86::2', '-c', '2', '-i', '20ms', '-W', '200ms', '--json')
  expect(run.code).toBe(1)
  const { targets } = document('ping', run) as { targets: { received: number }[] }
  expect(targets.map(({ received }) => received)).toEqual([2, 0, 2])
})

test('ping --json --each: a document a line', () => {
  const run = probe('ping', '10.86.0.2', '10.86.0.9', '10.200.0.1', '-c', '1', '-W', '200ms', '--json', '--each')
  const documents = run.answer
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const faults = documents.map((it) => schemaFaults(it.schema === 'netwright/ping/v1' ? 'ping' : 'ping-event', it))
  expect(faults.flat()).toEqual([])
  expect(documents.map(({ kind }) => kind).toSorted()).toEqual(['lost', 'reply', 'unsent', undefined].toSorted())
})

test('ping: Ctrl-C gives the summary', async () => {
  const [node, ...rest] = programWords(['probe', 'ping', `ns:${here}`, '10.86.0.2', '-c', '0', '-i', '20ms'])
  const child: ChildProcess = spawn(node, rest, { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    let text = ''
    child.stdout!.on('data', (part) => (text += part))
    await until(() => text.includes('seq 3'))
    child.kill('SIGINT')
    const [code] = await once(child, 'close')
    expect(code).toBe(0)
    expect(text).toMatch(/TARGET[\s\S]*10\.86\.0\.2 +\d+ +0 %/)
  } finally {
    await end(child)
  }
})

test('tcp: connected with a banner that cannot reach the terminal, refused, dropped', () => {
  const banner = probe('tcp', '10.86.0.2', '22', '--banner')
  expect(banner).toMatchObject({ code: 0 })
  expect(banner.answer).toContain('connected in')
  expect(banner.answer).toContain('\\x1b[31mSSH-2.0-test')
  expect(banner.answer).not.toContain('\u001b')
  expect(document('tcp', probe('tcp', '10.86.0.2', '9', '--json'))).toMatchObject({
    outcome: 'refused',
    reason: 'ECONNREFUSED',
  })
  expect(probe('tcp', '10.86.0.2', '81', '-W', '200ms')).toMatchObject({
    code: 1,
    answer: expect.stringContaining('no answer within 200 ms'),
  })
})

test('udp: answered, refused', () => {
  const answered = probe('udp', '10.86.0.2', '7', '--payload', 'a\u001bb')
  expect(answered).toMatchObject({ code: 0, answer: expect.stringContaining('a\\x1bb') })
  expect(document('udp', probe('udp', '10.86.0.2', '7', '--hex', '00ff', '--json'))).toMatchObject({
    answer: { bytes: 2, hex: '00ff' },
  })
  const refused = probe('udp', '10.86.0.2', '9', '--json')
  expect(refused.code).toBe(1)
  expect(document('udp', refused)).toMatchObject({
    outcome: 'refused',
    objection: { from: '10.86.0.2', reason: 'port-unreachable' },
  })
})

test('http: a page of a target by its name, and one that is not there', () => {
  const well = probe('http', 'http://shop.test/', '--to', `ns:${there}`, '--json')
  expect(well.code).toBe(0)
  expect(document('http', well)).toMatchObject({ status: 200, bytes: 5 })
  const missing = probe('http', '10.86.0.2/none')
  expect(missing.code).toBe(1)
  expect(missing.answer).toMatch(/HTTP\/1\.1 404[\s\S]*connect[\s\S]*first byte[\s\S]*total/)
})

test('dns: found by a server of one’s choice, unknown, hostile', () => {
  const found = probe('dns', 'web.test', '--server', '10.86.0.2', '--json')
  expect(found.code).toBe(0)
  expect(document('dns', found)).toMatchObject({ status: 'found', answeredBy: '10.86.0.2', addresses: ['10.86.0.2'] })
  const unknown = probe('dns', 'nobody.test', '--server', '10.86.0.2')
  expect(unknown.code).toBe(1)
  expect(unknown.answer).toContain('there is no such name')
  const hostile = probe('dns', 'odd.test', '--type', 'TXT', '--server', '10.86.0.2')
  expect(hostile.answer).toContain('a\\u001b[31mb')
  expect(hostile.answer).not.toContain('\u001b')
})

test('path and scan', () => {
  const path = probe('path', '10.86.0.2', '--tcp', '80', '-c', '2', '-i', '20ms', '--json')
  expect(path.code).toBe(0)
  expect(document('path', path)).toMatchObject({ outcome: 'open', hops: [{ addresses: ['10.86.0.2'] }] })
  expect(probe('path', `ns:${there}`, '-c', '2', '-i', '20ms').answer).toMatch(/HOP[\s\S]*10\.86\.0\.2[\s\S]*reached/)
  const ports = probe('scan', `ns:${there}`, '--ports', '20-25,80', '--json')
  expect(document('scan', ports)).toMatchObject({ sweep: null, scans: [{ address: '10.86.0.2' }] })
  const range = probe('scan', '10.86.0.0/29', '--json')
  expect(document('scan', range)).toMatchObject({
    scans: [],
    sweep: { asked: 6, hosts: [{ by: 'own' }, { by: 'arp' }] },
  })
  expect(probe('scan', '10.86.0.0/29', '--ports', '22,23').answer).toMatch(/22\/tcp +open/)
})

test.each([
  [2, ['ping', 'host']],
  [2, ['ping', 'host', '127.0.0.1', '--count', '-1']],
  [2, ['ping', 'host', '127.0.0.1', '--interval', '1ms']],
  [2, ['ping', 'host', '127.0.0.1', '--size', '70000']],
  [2, ['tcp', 'host', '127.0.0.1', '0']],
  [2, ['tcp', 'host', '127.0.0.1', '80', '-6']],
  [2, ['udp', 'host', '127.0.0.1', '80', '--hex', 'abc']],
  [2, ['http', 'host', 'ftp://127.0.0.1']],
  [2, ['http', 'host', 'http://127.0.0.1', '--header', 'a b: c']],
  [2, ['dns', 'host', 'a..b']],
  [2, ['dns', 'host', 'web', '--server', 'nonsense']],
  [2, ['path', 'host', '127.0.0.1', '--tcp', '1', '--udp', '2']],
  [2, ['scan', 'host', '127.0.0.1', '--ports', '0-5']],
  [2, ['scan', 'host', '10.0.0.0/8']],
  [3, ['ping', 'ns:nwt-nobody-is-called-so', '127.0.0.1']],
  [3, ['tcp', 'host', 'a..b', '80']],
] as const)('exit code %i, and one line that says why: %j', (code, words) => {
  const run = runProgram(['probe', ...words])
  expect(run).toMatchObject({ code, answer: '' })
  expect(run.remarks.trimEnd().split('\n')).toHaveLength(1)
})
