import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { tarArchive } from './tar.ts'

test('tar(1) reads what is written', () => {
  const files = [
    { path: 'a/empty', content: Buffer.alloc(0) },
    { path: 'a/block', content: Buffer.alloc(512, 'x') },
    { path: 'b.txt', content: Buffer.from('some text\n') },
  ]
  const archive = tarArchive(files, Date.UTC(2026, 0, 2))
  const tar = (...words: string[]): string => execFileSync('tar', words, { input: archive, encoding: 'utf8' })
  expect(tar('-tf', '-')).toBe('a/empty\na/block\nb.txt\n')
  expect(tar('-xOf', '-', 'b.txt')).toBe('some text\n')
  expect(tar('-xOf', '-', 'a/block')).toBe('x'.repeat(512))
  expect(tar('--utc', '-tvf', '-')).toContain('2026-01-02 00:00')
})

test.each(['/etc/passwd', '', 'ä', 'x'.repeat(101)])('no path for an archive: %j', (path) => {
  expect(() => tarArchive([{ path, content: Buffer.alloc(0) }], 0)).toThrow(RangeError)
})
