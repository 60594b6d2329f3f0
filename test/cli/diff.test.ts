/** `netwright diff`: saved maps against each other and against this host. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dockerHost, hostileHost, manyContainers, overlayHost } from '../fixtures/graphs/worlds.ts'
import { runProgram } from '../support/program.ts'
import { schemaFaults } from '../support/schema.ts'

const name = `nwt-diff-${process.pid}`
let directory: string

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), `${name}-`))
})

afterAll(() => {
  if (existsSync(`/run/netns/${name}`)) execFileSync('ip', ['netns', 'del', name])
  rmSync(directory, { recursive: true })
})

function saved(file: string, content: unknown): string {
  const path = join(directory, file)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

test('nothing changed between a map and itself', () => {
  const file = saved('same.json', dockerHost())
  const { code, answer } = runProgram(['diff', file, file])
  expect(code).toBe(0)
  expect(answer).toBe('Nothing changed between 2026-11-21T08:00:00.000Z and 2026-11-21T08:00:00.000Z.\n')
})

test('changes are sentences beneath the namespace that they concern', () => {
  const run = runProgram(['diff', saved('5.json', manyContainers(5)), saved('6.json', manyContainers(6))])
  expect(run.code).toBe(1)
  expect(run.answer).toBe(
    `host
  + new interface veth0000005 (veth, joined with eth0 of shop-frontend-5 (docker), port of br-frontend)

shop-frontend-5 (docker)
  + appeared, with eth0

2 changes between 2026-11-21T08:00:00.000Z and 2026-11-21T08:00:00.000Z
`,
  )
})

test('the document follows its schema', () => {
  const run = runProgram(['diff', '--json', saved('a.json', dockerHost()), saved('b.json', overlayHost())])
  expect(run.code).toBe(1)
  const document = JSON.parse(run.answer)
  expect(schemaFaults('diff', document)).toEqual([])
  expect(document.changes.length).toBeGreaterThan(10)
})

test('what happened on this host since a saved map', () => {
  execFileSync('ip', ['netns', 'add', name])
  execFileSync('ip', ['-n', name, 'link', 'add', 'nwt0', 'type', 'veth', 'peer', 'name', 'nwt1'])
  const before = saved('before.json', runProgram(['map', '--json']).answer)
  execFileSync('ip', ['-n', name, 'addr', 'add', '10.78.0.1/24', 'dev', 'nwt0'])
  execFileSync('ip', ['-n', name, 'link', 'set', 'nwt1', 'name', 'nwt2', 'mtu', '1400'])
  const { code, answer } = runProgram(['diff', before])
  expect(code).toBe(1)
  const own = answer.split(/\n\n/).find((group) => group.startsWith(`${name} (netns)`))
  expect(own?.split('\n').slice(1)).toEqual([
    '  + nwt0 got address 10.78.0.1/24',
    '  ~ nwt2 was called nwt1',
    '  ~ nwt2 has MTU 1400, was 1500',
  ])
})

test('hostile names in a file are shown harmlessly', () => {
  const run = runProgram(['diff', saved('quiet.json', dockerHost()), saved('hostile.json', hostileHost())])
  expect(run.code).toBe(1)
  expect(run.answer).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e]/)
})

describe('a file that is no map is refused in one sentence', () => {
  const good = dockerHost()
  test.each([
    ['missing.json', undefined, /cannot be read \(ENOENT/],
    ['text.json', 'not json', /is not JSON/],
    ['empty.json', '', /is not JSON/],
    ['list.json', [], /the document must be an object/],
    ['other.json', { schema: 'netwright/diff/v1' }, /schema must be "netwright\/graph\/v1"/],
    ['field.json', { ...good, links: [{ kind: 'rope' }] }, /links\[0\]\.kind must be "veth" or /],
    ['deep.json', `${'['.repeat(200_000)}${']'.repeat(200_000)}`, /the document must be an object/],
    ['escape.json', '{"\u001b[2J', /is not JSON/],
  ])('%s', (file, content, message) => {
    const path = content === undefined ? join(directory, file) : saved(file, content)
    const run = runProgram(['diff', path, path])
    expect([run.code, run.answer]).toEqual([3, ''])
    expect(run.remarks).toMatch(message)
    expect(run.remarks.trimEnd()).not.toMatch(/[\n\u001b]/)
  })

  test('one that is larger than any map', () => {
    const path = saved('huge.json', '')
    truncateSync(path, 512 * 1024 * 1024 + 1)
    const run = runProgram(['diff', path])
    expect(run.code).toBe(3)
    expect(run.remarks).toContain('is larger than 512 MiB')
  })

  test('a directory', () => {
    const run = runProgram(['diff', directory])
    expect(run.code).toBe(3)
    expect(run.remarks).toContain('cannot be read (EISDIR')
  })
})
