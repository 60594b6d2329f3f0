import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { root } from './run-program.ts'

const folder = mkdtempSync(join(tmpdir(), 'netwright-launcher-'))
const checkout = join(folder, 'check out')
const launcher = join(checkout, 'netwright')
afterAll(() => rmSync(folder, { recursive: true }))

/** A checkout with packages installed and nothing built: its only command says what it was given. */
beforeEach(() => {
  rmSync(checkout, { recursive: true, force: true })
  mkdirSync(join(checkout, 'src/cli'), { recursive: true })
  mkdirSync(join(checkout, '.git'))
  for (const name of [
    'netwright',
    'package.json',
    'package-lock.json',
    'scripts/build.mjs',
    'scripts/build',
    'src/cli/start.ts',
    'src/cli/version.ts',
  ]) {
    cpSync(join(root, name), join(checkout, name), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'))
  const long = new Date('2020-01-01')
  utimesSync(join(checkout, 'package-lock.json'), long, long)
  writeProgram(`
    const words = process.argv.slice(2)
    if (words[0] === 'signal') process.kill(process.pid, 'SIGTERM')
    console.log(JSON.stringify({ words, cwd: process.cwd(), input: require('node:fs').readFileSync(0, 'utf8') }))
    process.exitCode = 41`)
})

function writeProgram(source: string): void {
  writeFileSync(join(checkout, 'src/cli/main.ts'), source)
}

async function launch(path: string, words: readonly string[], options: { cwd?: string; input?: string } = {}) {
  const child = spawn(path, words, { cwd: options.cwd ?? folder })
  child.stdin.end(options.input ?? '')
  const ended = once(child, 'close')
  const [answer, remarks] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [code, signal] = await ended
  return { code, signal, answer, remarks }
}

test('the first run builds and says so on standard error; the next one only runs', async () => {
  const first = await launch(launcher, ['a b', '', '--json', '*'], { input: 'hello' })
  expect(first).toMatchObject({ code: 41, remarks: 'netwright: building\n' })
  expect(JSON.parse(first.answer)).toEqual({ words: ['a b', '', '--json', '*'], cwd: folder, input: 'hello' })
  expect(await launch(launcher, [])).toMatchObject({ code: 41, remarks: '' })
})

test('it runs through a symbolic link, by a relative path, and from any directory', async () => {
  const link = join(folder, 'link')
  rmSync(link, { force: true })
  symlinkSync('check out/netwright', link)
  expect(JSON.parse((await launch(link, ['x'], { cwd: '/' })).answer)).toMatchObject({ words: ['x'], cwd: '/' })
  expect(await launch('./netwright', [], { cwd: checkout })).toMatchObject({ code: 41, remarks: '' })
  expect(await launch('sh', ['netwright'], { cwd: checkout })).toMatchObject({ code: 41, remarks: '' })
})

test('it becomes the program: a signal that ends the program is seen by the caller', async () => {
  expect(await launch(launcher, ['signal'])).toMatchObject({ code: null, signal: 'SIGTERM' })
})

test('a source that is newer than the program is built again', async () => {
  await launch(launcher, [])
  writeProgram(`console.log('changed')`)
  expect(await launch(launcher, [])).toMatchObject({ code: 0, answer: 'changed\n', remarks: 'netwright: building\n' })
})

test('of many first runs at once one builds, and all of them work', async () => {
  const runs = await Promise.all(Array.from({ length: 6 }, () => launch(launcher, [])))
  expect(runs.map(({ code }) => code)).toEqual(Array(6).fill(41))
  expect(runs.filter(({ remarks }) => remarks !== '')).toHaveLength(1)
  // Each part once, with its code cache, and no half of a file.
  const files = readdirSync(join(checkout, 'dist/bin'))
  expect(files).toContain('netwright.cjs')
  const parts = files
    .filter((name) => name !== 'netwright.cjs')
    .map((name) => /^([a-z]+)-[0-9a-f]{12}\.(cjs|cache)$/.exec(name))
  const names = [...new Set(parts.map((part) => part?.[1]))]
  expect(names).toContain('program')
  expect(parts.map((part) => `${part?.[1]}.${part?.[2]}`).sort()).toEqual(
    names.flatMap((name) => [`${name}.cache`, `${name}.cjs`]).sort(),
  )
})

test('a build that fails ends with 3, says what is wrong, and leaves no half of a program', async () => {
  writeProgram(`import './missing.ts'`)
  const { code, answer, remarks } = await launch(launcher, [])
  expect({ code, answer }).toEqual({ code: 3, answer: '' })
  expect(remarks).toContain('Could not resolve "./missing.ts"')
  expect(remarks).toMatch(/netwright: the build failed in .*\n$/)
  expect(existsSync(join(checkout, 'dist/bin'))).toBe(false)
})

test('without node it says what is missing', async () => {
  const { code, remarks } = await launch('/usr/bin/env', ['-i', 'PATH=/nowhere', '/bin/sh', launcher])
  expect({ code, remarks }).toEqual({
    code: 3,
    remarks: 'netwright: Node.js 20.11 or newer is needed: install it, and have node in the PATH\n',
  })
})
