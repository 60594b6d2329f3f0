#!/usr/bin/env node
/**
 * The tests of `test/vm` in a guest with Debian's kernel, which has what the kernel at hand may lack. They are bundled into
 * one plain program first: a test runner that compiles would take longer under emulation than all tests together.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { runInGuest } from './guest.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = join(root, 'test/vm')
const only = process.argv.slice(2)

async function bundle() {
  const files = readdirSync(folder).filter(
    (name) => name.endsWith('.test.ts') && (only.length === 0 || only.some((word) => name.includes(word))),
  )
  if (files.length === 0) throw new Error(`no test in test/vm matches ${only.join(' ')}`)
  // Beside the dependencies, so that the bundle finds koffi, whose native part cannot be bundled.
  const outfile = join(root, 'node_modules/.cache/netwright-vm/tests.mjs')
  await build({
    stdin: { contents: files.map((name) => `import './${name}'`).join('\n'), resolveDir: folder },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['koffi'],
    sourcemap: 'inline',
    logLevel: 'warning',
    // Tests are imported for what they do, which package.json says of no module (sideEffects).
    ignoreAnnotations: true,
  })
  return outfile
}

function count(tap, word) {
  return Number(new RegExp(`^# ${word} (\\d+)$`, 'm').exec(tap)?.[1] ?? 0)
}

async function main() {
  const started = Date.now()
  const results = mkdtempSync(join(tmpdir(), 'netwright-vm-results-'))
  try {
    const tap = join(results, 'tap')
    const reporters = ['spec', 'stdout', 'tap', tap]
    const options = reporters.map((value, i) => `--test-reporter${i % 2 === 0 ? '' : '-destination'}=${value}`)
    const command = [process.execPath, '--enable-source-maps', ...options, await bundle()]
    const status = await runInGuest(command, { writable: [results], seconds: 600 })
    const report = readFileSync(tap, { encoding: 'utf8', flag: 'a+' })
    const failed = count(report, 'fail') + count(report, 'cancelled')
    process.stdout.write(
      `${count(report, 'pass')} passed, ${failed} failed in ${Math.round((Date.now() - started) / 1000)} s\n`,
    )
    return status === 0 && failed === 0 && count(report, 'pass') > 0 ? 0 : 1
  } finally {
    rmSync(results, { recursive: true, force: true })
  }
}

process.exitCode = await main().catch((error) => {
  process.stderr.write(`vm: ${error.message}\n`)
  return 3
})
