import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { program } from '../../src/cli/commands/index.ts'
import { manualPage } from '../../src/cli/frame/manual-page.ts'
import { sampleProgram } from '../../src/cli/frame/sample-program.ts'
import { run } from './run-program.ts'

const folder = mkdtempSync(join(tmpdir(), 'netwright-manual-'))
afterAll(() => rmSync(folder, { recursive: true }))

function pageFile(page: string): string {
  const path = join(folder, 'netwright.1')
  writeFileSync(path, page)
  return path
}

test.each([
  ['the program', program],
  ['a sample', sampleProgram],
])('mandoc has nothing to say about the page of %s', (_, spec) => {
  const path = pageFile(manualPage(spec, '1.2.3', '2026-01-31'))
  expect(run('mandoc', ['-T', 'lint', '-W', 'style', path])).toEqual({ code: 0, answer: '', remarks: '' })
})

test('the page names every command, option and exit code', () => {
  const { answer } = run('mandoc', ['-T', 'utf8', pageFile(manualPage(sampleProgram, '1.2.3', '2026-01-31'))])
  const text = answer.replace(/.\x08/g, '')
  expect(text).toContain('netwright 1.2.3')
  expect(text).toContain('netwright ns exec [OPTION…] TARGET [--] COMMAND…')
  expect(text).toMatch(/-f, --format FORMAT\n\s+How \[it\] looks\. One of: text, svg, dot\./)
  expect(text).toContain("Draw what's there: everything.")
  expect(text).not.toContain('__secret')
})

test('text that looks like a request of roff stays text', () => {
  const spec = { ...sampleProgram, description: ".so /etc/passwd\n\n'br \\fBbold\\fP \\n(yr" }
  const { answer } = run('mandoc', ['-T', 'utf8', pageFile(manualPage(spec, '1', '2026-01-31'))])
  expect(answer).toContain('.so /etc/passwd')
  expect(answer).toContain("'br \\fBbold\\fP \\n(yr")
})
