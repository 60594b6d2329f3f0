import { execFileSync } from 'node:child_process'
import { mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { build } from 'esbuild'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Namespace } from '../../src/kernel/netns/namespace.ts'
import { spawnInNamespace } from '../../src/kernel/netns/worker.ts'

const root = join(import.meta.dirname, '../..')

/** A module that serves HTTP and says where it and its child processes live. */
const SERVER = `
import { execFileSync } from 'node:child_process'
import { readlinkSync } from 'node:fs'
import http from 'node:http'
import { parentPort, workerData } from 'node:worker_threads'
const born = readlinkSync('/proc/thread-self/ns/net')
const child = execFileSync('readlink', ['/proc/self/ns/net'], { encoding: 'utf8' }).trim()
const server = http.createServer((request, response) => response.end(workerData.greeting))
server.listen(0, '127.0.0.1', () => parentPort.postMessage({ born, child, port: server.address().port }))
`

let directory: string
let namespace: Namespace
let worker: Worker | undefined

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nwt-worker-'))
  namespace = Namespace.create()
  namespace.enter(() => execFileSync('ip', ['link', 'set', 'lo', 'up']))
})

afterEach(async () => {
  await worker?.terminate()
  worker = undefined
  namespace.close()
  rmSync(directory, { recursive: true })
})

test('an HTTP server in the worker is reached within the namespace, and not from outside', async () => {
  const entry = join(directory, 'server.mjs')
  writeFileSync(entry, SERVER)
  const home = readlinkSync('/proc/self/ns/net')
  worker = spawnInNamespace(namespace, entry, { workerData: { greeting: 'from inside' } })
  const told = await new Promise<{ born: string; child: string; port: number }>((resolve, reject) => {
    worker!.once('message', resolve)
    worker!.once('error', reject)
  })
  const place = `net:[${namespace.identity.inode}]`
  expect(told).toMatchObject({ born: place, child: place })
  expect(readlinkSync('/proc/thread-self/ns/net')).toBe(home)
  const url = `http://127.0.0.1:${told.port}/`
  await expect(fetch(url)).rejects.toThrow()
  expect(await fetchWithin(namespace, url)).toBe('from inside')
})

test("the program's own lookups stay at home, also when a worker is the first to need Node's thread pool", async () => {
  const program = join(directory, 'program.cjs')
  await build({
    stdin: { contents: PROGRAM, resolveDir: root, loader: 'ts' },
    bundle: true,
    platform: 'node',
    target: 'node20.11',
    format: 'cjs',
    define: { 'import.meta.url': 'moduleUrl' },
    banner: { js: 'const moduleUrl = require("node:url").pathToFileURL(__filename).href' },
    external: ['koffi'],
    outfile: program,
  })
  const answer = execFileSync(process.execPath, [program], {
    encoding: 'utf8',
    env: { ...process.env, NODE_PATH: join(root, 'node_modules') },
  })
  const { inside, pool, home } = JSON.parse(answer)
  expect(pool).toBe(home)
  expect(inside).not.toBe(home)
})

/** Bundled as the published program is; a file read without waiting is read by a thread of the pool. */
const PROGRAM = `
import { readlinkSync } from 'node:fs'
import { Namespace } from './src/kernel/netns/namespace.ts'
import { spawnInNamespace } from './src/kernel/netns/worker.ts'
const source = \`
  const { readlinkSync, readlink } = require('node:fs')
  const { parentPort } = require('node:worker_threads')
  const inside = readlinkSync('/proc/thread-self/ns/net')
  readlink('/proc/thread-self/ns/net', (error, pool) => parentPort.postMessage({ inside, pool }))\`
const worker = spawnInNamespace(Namespace.create(), source, { eval: true })
worker.once('message', (told) => console.log(JSON.stringify({ ...told, home: readlinkSync('/proc/self/ns/net') })))
`

/** Asks from a process inside. */
async function fetchWithin(place: Namespace, url: string): Promise<string> {
  const script = `fetch(${JSON.stringify(url)}).then((answer) => answer.text()).then((text) => process.stdout.write(text))`
  return place.enter(() => execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }))
}
