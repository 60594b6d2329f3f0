import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root, run } from './run-program.ts'

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, { types: string; default: string } | string>
  man: string
}
const folder = mkdtempSync(join(tmpdir(), 'netwright-package-'))
const installed = join(folder, 'node_modules/netwright')

/** The package as npm would publish it, unpacked beside the packages that it depends on. */
beforeAll(() => {
  expect(run(process.execPath, [join(root, 'scripts/build.mjs')])).toMatchObject({ code: 0 })
  const packed = run('npm', ['pack', root, '--ignore-scripts', '--json', '--pack-destination', folder])
  const [{ filename }] = JSON.parse(packed.answer) as [{ filename: string }]
  mkdirSync(installed, { recursive: true })
  run('tar', ['-xzf', join(folder, filename), '-C', installed, '--strip-components=1'])
  for (const name of ['koffi', '@koromix', 'yaml']) {
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name))
  }
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true }))

const rooms = Object.entries(manifest.exports).filter(
  ([name, entry]) => typeof entry !== 'string' && !name.includes('*'),
)

test.each(rooms)('netwright%s can be imported, and is typed', (name, entry) => {
  const script = `console.log(Object.keys(await import('netwright${name.slice(1)}')).length)`
  const { code, answer, remarks } = run(process.execPath, ['--input-type=module', '-e', script], {}, folder)
  expect({ code, remarks }).toEqual({ code: 0, remarks: '' })
  expect(Number(answer)).toBeGreaterThan(0)
  expect(existsSync(join(installed, (entry as { types: string }).types))).toBe(true)
})

test('the program runs from the package, without a build', () => {
  expect(run(join(installed, 'dist/bin/netwright.cjs'), ['help'])).toMatchObject({ code: 0, remarks: '' })
})

test('the manual page and the completions are in it, sources and tests are not', () => {
  for (const path of [manifest.man, 'dist/share/fish/vendor_completions.d/netwright.fish', 'LICENSE', 'README.md']) {
    expect(existsSync(join(installed, path)), path).toBe(true)
  }
  const { answer } = run('find', [installed, '-name', '*.test.*', '-o', '-name', 'src', '-o', '-name', '*.tsbuildinfo'])
  expect(answer).toBe('')
})
