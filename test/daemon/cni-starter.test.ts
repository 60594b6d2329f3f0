/** What container runtimes start: it hands the call to the daemon as it is, and otherwise starts the plugin. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { buildPlugin, PLUGIN } from './cni-world.ts'

let folder: string
const undo: (() => unknown)[] = []

beforeAll(buildPlugin)
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nwt-cni-starter-'))
})
afterEach(async () => {
  for (const step of undo.splice(0)) await step()
  rmSync(folder, { recursive: true })
})

async function start(input: string, environment: Record<string, string> = {}, program = PLUGIN) {
  const child = spawn(program, {
    env: { PATH: process.env['PATH'], NETWRIGHT_RUN: folder, NETWRIGHT_STATE: join(folder, 'state'), ...environment },
  })
  child.stdin.end(input)
  const [answer, remarks] = [text(child.stdout), text(child.stderr)]
  const [status] = await once(child, 'close')
  return { status, answer: await answer, remarks: await remarks }
}

/** Listens where the daemon would, and answers every call so. */
async function daemonThat(answer: (call: unknown, socket: Socket) => void, path = join(folder, 'cni.sock')) {
  const calls: unknown[] = []
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let call = ''
    socket.setEncoding('utf8').on('data', (chunk) => (call += chunk))
    socket.on('end', () => {
      calls.push(JSON.parse(call))
      answer(call, socket)
    })
  })
  server.listen(path)
  await once(server, 'listening')
  undo.push(() => server.close())
  return calls
}
const says = (line: string) => (_: unknown, socket: Socket) => void socket.end(line)

test('every character of a call reaches the daemon, and nothing else of the environment', async () => {
  const calls = await daemonThat(says('{"exitCode":0,"output":{"cniVersion":"1.0.0"}}\n'))
  const input = JSON.stringify({ name: 'quote " backslash \\ tab \t é 網', text: '\u0001' })
  const environment = { CNI_COMMAND: 'ADD', CNI_ARGS: 'K="\\\n\té網', SECRET: 'not this' }
  expect(await start(input, environment)).toEqual({ status: 0, answer: '{"cniVersion":"1.0.0"}\n', remarks: '' })
  const { SECRET: _, ...passed } = environment
  expect(calls).toEqual([{ environment: passed, input }])
})

test('the exit code is the daemon’s, and an answer without a document prints nothing', async () => {
  await daemonThat(says('{"exitCode":1,"output":{"code":7,"msg":"no"}}\n'))
  expect(await start('{}')).toEqual({ status: 1, answer: '{"code":7,"msg":"no"}\n', remarks: '' })
  rmSync(join(folder, 'cni.sock'))
  await daemonThat(says('{"exitCode":0}\n'))
  expect(await start('{}')).toEqual({ status: 0, answer: '', remarks: '' })
})

test('a daemon that ends in the middle is told as an error, and the call is not carried out a second time', async () => {
  for (const half of ['', '{"exitCode":0,"outp']) {
    const calls = await daemonThat(says(half))
    const { status, answer } = await start('{"cniVersion":"1.0.0","name":"x","type":"netwright"}', {
      CNI_COMMAND: 'VERSION',
    })
    expect([status, JSON.parse(answer).code, calls.length]).toEqual([1, 11, 1])
    rmSync(join(folder, 'cni.sock'))
  }
})

test('the run directory of the configuration is heeded', async () => {
  const other = join(folder, 'other')
  mkdirSync(other)
  const calls = await daemonThat(says('{"exitCode":0}\n'), join(other, 'cni.sock'))
  expect(await start(JSON.stringify({ runDirectory: other }))).toMatchObject({ status: 0 })
  expect(calls).toHaveLength(1)
})

test.each([
  ['without a daemon', {}],
  ['without Perl', { path: ['sh', 'node', 'readlink', 'dirname'] }],
])('%s the plugin itself answers, also through a link', async (_, { path }: { path?: string[] }) => {
  const link = join(folder, 'netwright')
  symlinkSync(PLUGIN, link)
  const environment: Record<string, string> = { CNI_COMMAND: 'VERSION' }
  if (path !== undefined) {
    for (const name of path) symlinkSync(name === 'node' ? process.execPath : `/usr/bin/${name}`, join(folder, name))
    environment['PATH'] = folder
  }
  const { status, answer, remarks } = await start('{"cniVersion":"1.0.0","name":"é"}', environment, link)
  expect({ status, remarks }).toEqual({ status: 0, remarks: '' })
  expect(JSON.parse(answer)).toMatchObject({ supportedVersions: expect.arrayContaining(['1.1.0']) })
})
