import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { catalogue } from './catalogue.ts'
import { FINDING_CODES } from './finding-code.ts'
import { catalogueIndex, cataloguePage } from './page.ts'

const PAGES = join(import.meta.dirname, '../../../docs/findings')

test('every code has an entry, and each entry says something in each part', () => {
  expect(catalogue().map(({ code }) => code)).toEqual([...FINDING_CODES])
  for (const { title, meaning, arises, detected, mended } of catalogue()) {
    expect(arises.length).toBeGreaterThan(0)
    for (const sentence of [meaning, detected, mended, ...arises]) expect(sentence).toMatch(/[.)”]$/)
    expect(title).not.toMatch(/\.$/)
  }
})

test.each(catalogue().map((entry) => [entry.code, entry] as const))(
  'docs/findings/%s.md is what the catalogue says (vitest -u writes it)',
  async (code, entry) => {
    await expect(cataloguePage(entry)).toMatchFileSnapshot(join(PAGES, `${code}.md`))
  },
)

test('docs/findings/README.md lists them (vitest -u writes it)', async () => {
  await expect(catalogueIndex(catalogue())).toMatchFileSnapshot(join(PAGES, 'README.md'))
})

test('schemas/trace.v1.json knows the same codes', () => {
  const text = readFileSync(join(PAGES, '../../schemas/trace.v1.json'), 'utf8')
  const missing = FINDING_CODES.filter((code) => !text.includes(`"${code}"`))
  expect(missing).toEqual([])
})

test('there is no page for what is no code', () => {
  const pages = readdirSync(PAGES)
    .filter((name) => name !== 'README.md')
    .map((name) => name.replace(/\.md$/, ''))
  expect(pages.filter((name) => !(FINDING_CODES as readonly string[]).includes(name))).toEqual([])
})
