import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findTools } from './find-tools.ts'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nwt-tools-'))
  for (const name of ['calicoctl', 'cilium']) writeFileSync(join(folder, name), '')
  chmodSync(join(folder, 'calicoctl'), 0o755)
})

afterAll(() => rmSync(folder, { recursive: true }))

test('a tool is where PATH leads to it, and only when it can be run', () => {
  const { tools } = findTools(`relative:${folder}`)
  const path = (name: string): string | null | undefined => tools.find((tool) => tool.name === name)?.path
  expect(path('calicoctl')).toBe(join(folder, 'calicoctl'))
  expect(path('cilium')).not.toBe(join(folder, 'cilium'))
})

test('each tool is listed once', () => {
  const names = findTools(undefined).tools.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
})
