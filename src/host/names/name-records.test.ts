import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type NameRecord, NameRecords, stateDirectory } from './name-records.ts'

let directory: string
let records: NameRecords
const record: NameRecord = {
  schema: 'netwright/name/v1',
  name: 'web',
  target: { runtime: 'docker', id: 'ab', name: 'web' },
  inode: '4026532373',
  id: '77',
  attachedAt: '2026-01-01T00:00:00Z',
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nwt-records-'))
  records = new NameRecords(directory)
})
afterEach(() => rmSync(directory, { recursive: true }))

test('what was written is read, until it is removed', () => {
  expect(records.read('web')).toBeUndefined()
  records.write(record)
  expect(records.read('web')).toEqual(record)
  expect(readdirSync(join(directory, 'names'))).toEqual(['web.json'])
  records.remove('web')
  records.remove('web')
  expect(records.read('web')).toBeUndefined()
})

test.each([
  '',
  '{',
  'null',
  '[]',
  '{"schema":"netwright/name/v1"}',
  JSON.stringify({ ...record, name: 'other' }),
  JSON.stringify({ ...record, inode: 7 }),
  JSON.stringify({ ...record, target: { runtime: 1 } }),
])('a damaged record is no record: %s', (text) => {
  mkdirSync(join(directory, 'names'))
  writeFileSync(join(directory, 'names', 'web.json'), text)
  expect(records.read('web')).toBeUndefined()
})

test('a name cannot lead out of the directory', () => {
  expect(() => records.read('../web')).toThrow('slash')
})

test('state is kept where NETWRIGHT_STATE says', () => {
  expect(stateDirectory({ NETWRIGHT_STATE: '/x' })).toBe('/x')
  expect(stateDirectory({ NETWRIGHT_STATE: '' })).toBe('/var/lib/netwright')
  expect(stateDirectory({})).toBe('/var/lib/netwright')
})
