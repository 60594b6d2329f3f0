import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { isEngineError } from '../errors.ts'
import { LmdbStore } from './lmdb-store.ts'
import { MemoryStore } from './memory-store.ts'
import { storeContract } from './store.contract.ts'

const directories: string[] = []

function directory(): string {
  const made = mkdtempSync(join(tmpdir(), 'nwt-store-'))
  directories.push(made)
  return made
}

afterAll(() => {
  for (const made of directories) rmSync(made, { recursive: true, force: true })
})

storeContract('memory', () => new MemoryStore())
storeContract('LMDB', () => LmdbStore.open(directory()))

test('what was kept is there when the store is opened again', async () => {
  const path = directory()
  for (let i = 0; i < 3; i++) {
    const store = LmdbStore.open(path)
    expect(store.list('network').map(({ id }) => id)).toEqual(['0', '1', '2'].slice(0, i))
    store.transact((writer) => writer.put('network', String(i), { i }))
    await store.close()
  }
})

test('a store is open once, and whoever has it is named', async () => {
  const path = directory()
  const store = LmdbStore.open(path)
  expect(() => LmdbStore.open(path)).toThrow(/in use by this process/)
  const elsewhere = `import('${import.meta.dirname}/lmdb-store.ts').then(({ LmdbStore }) => {
    try { LmdbStore.open(${JSON.stringify(path)}) } catch (error) { console.log(error.code, error.message) } })`
  const said = execFileSync(process.execPath, ['--import', 'tsx', '-e', elsewhere], { encoding: 'utf8' })
  expect(said).toMatch(new RegExp(`^store-locked .* process ${process.pid};`))
  await store.close()
  await LmdbStore.open(path).close()
})

async function filled(): Promise<string> {
  const path = directory()
  const store = LmdbStore.open(path)
  for (let i = 0; i < 300; i++) store.transact((writer) => writer.put('network', `n${i}`, 'x'.repeat(500)))
  await store.close()
  return path
}

function openAndRead(path: string): unknown {
  try {
    const store = LmdbStore.open(path)
    try {
      return store.list('network').length
    } finally {
      store.close()
    }
  } catch (error) {
    return error
  }
}

test('a damaged file is told with what to do, and does not end the process', async () => {
  const noise = await filled()
  writeFileSync(join(noise, 'engine.mdb'), Buffer.alloc(20_000, 7))
  expect(openAndRead(noise)).toSatisfy(
    (error) => isEngineError(error, 'store-broken') && /move it away/.test(error.message),
  )
  const short = await filled()
  truncateSync(join(short, 'engine.mdb'), 100)
  expect(openAndRead(short)).toSatisfy((error) => isEngineError(error, 'store-broken'))
  const half = await filled()
  const file = join(half, 'engine.mdb')
  truncateSync(file, Math.floor(statSync(file).size / 8192) * 4096)
  expect(openAndRead(half)).toSatisfy((answer) => isEngineError(answer, 'store-broken'), 'cut in half')
})

test('a store of a newer version is left alone', async () => {
  const path = directory()
  const store = LmdbStore.open(path)
  await store.close()
  const file = join(path, 'engine.mdb')
  const bytes = readFileSync(file)
  const at = bytes.lastIndexOf('schema')
  expect(at).toBeGreaterThan(0)
  bytes.write('9', bytes.indexOf('1', at + 'schema'.length))
  writeFileSync(file, bytes)
  expect(openAndRead(path)).toSatisfy(
    (error) => isEngineError(error, 'store-broken') && /newer version/.test(error.message),
  )
})
