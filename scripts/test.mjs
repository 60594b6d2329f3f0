/**
 * Everything that CI runs: `npm test`. Prepares a fresh machine, builds, then runs the checks, the unit tests, the tests of
 * the built program, the kernel tests, and those that need another kernel. `npm test -- NAME…` runs only the test files
 * whose path contains NAME. The last line counts: `N passed, N failed`, and `N skipped` when there are any.
 *
 * A file that failed is run once more, alone: daemons that tests start share the machine with all the others.
 * What then passes is counted as passed and named at the end as unsteady: a fault of the test or of the program, to be mended.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { installDebianPackages, installNpmPackages } from './setup.mjs'

const root = join(import.meta.dirname, '..')

/** Kernel tests wait for namespaces to be torn down more than they compute; more than two at once wear each other out. */
const projects = [
  { name: 'unit', needsRoot: false, secondRun: false, options: [] },
  { name: 'program', needsRoot: false, secondRun: true, options: ['--maxWorkers=2'] },
  { name: 'kernel', needsRoot: true, secondRun: true, options: ['--maxWorkers=2'] },
]

const filters = process.argv.slice(2)
const total = { passed: 0, failed: 0, skipped: 0 }
/** Tests that passed only when they were run again. */
const unsteady = []

function add({ passed, failed, skipped = 0 }) {
  total.passed += passed
  total.failed += failed
  total.skipped += skipped
}

function heading(text) {
  process.stdout.write(`\n== ${text}\n`)
}

function prepare() {
  installNpmPackages()
  installDebianPackages()
  heading('build')
  const started = performance.now()
  const { status } = spawnSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: 'inherit' })
  add({ passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1 })
  process.stdout.write(`built in ${((performance.now() - started) / 1000).toFixed(1)} s\n`)
}

/** Runs the test files of one project, those that failed once more, and counts what vitest reports. */
function runProject({ name, secondRun, options }) {
  const first = runVitest(name, options, filters)
  if (!secondRun || first.failedFiles.length === 0) return first
  heading(`${name} tests that failed, once more and alone`)
  const second = runVitest(name, ['--maxWorkers=1'], first.failedFiles)
  const stillFailing = new Set(second.failedTests)
  unsteady.push(...first.failedTests.filter((test) => !stillFailing.has(test)))
  const recovered = first.failed - second.failed
  return { passed: first.passed + recovered, failed: second.failed, skipped: first.skipped }
}

function runVitest(project, options, files) {
  const folder = mkdtempSync(join(tmpdir(), 'netwright-test-'))
  const report = join(folder, 'report.json')
  const words = ['run', '--project', project, ...options, '--passWithNoTests', '--reporter=default', '--reporter=json']
  try {
    const { status } = spawnSync(
      process.execPath,
      [join(root, 'node_modules/vitest/vitest.mjs'), ...words, `--outputFile.json=${report}`, ...files],
      { cwd: root, stdio: 'inherit' },
    )
    return countReport(report, status)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A file that could not be loaded, and an error outside of any test, count as a failed test each. */
function countReport(path, status) {
  let report
  try {
    report = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return { passed: 0, failed: status === 0 ? 0 : 1, skipped: 0, failedFiles: [], failedTests: [] }
  }
  const files = report.testResults.filter((file) => file.status === 'failed')
  const broken = files.filter((file) => file.assertionResults.length === 0).length
  const failed = report.numFailedTests + broken
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && status !== 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
    failedFiles: files.map((file) => relative(root, file.name)),
    failedTests: files.flatMap((file) =>
      file.assertionResults
        .filter((test) => test.status === 'failed')
        .map((test) => `${relative(root, file.name)}: ${test.fullName}`),
    ),
  }
}

/** Runs the tests that need Debian's kernel, in a virtual machine; with names given, those of them that match. */
function runGuestTests() {
  const files = readdirSync(join(root, 'test/vm')).filter((name) => name.endsWith('.test.ts'))
  const chosen = files.filter(
    (name) => filters.length === 0 || filters.some((part) => `test/vm/${name}`.includes(part)),
  )
  if (chosen.length === 0) return { passed: 0, failed: 0 }
  const first = runGuest(chosen)
  if (first.failed === 0) return first
  heading("tests in a virtual machine with Debian's kernel, once more")
  const second = runGuest(chosen)
  if (second.failed === 0) unsteady.push(`test/vm: ${first.failed} of ${first.passed + first.failed}`)
  return second
}

function runGuest(chosen) {
  const { status, stdout } = spawnSync(process.execPath, [join(root, 'scripts/vm/test.mjs'), ...chosen], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  process.stdout.write(stdout)
  const [, passed = 0, failed = 0] = /^(\d+) passed, (\d+) failed in /m.exec(stdout) ?? []
  // A guest that never came up has counted nothing.
  return { passed: Number(passed), failed: status === 0 ? 0 : Math.max(Number(failed), 1) }
}

prepare()
if (filters.length === 0) {
  heading('checks')
  const { runChecks } = await import('./check.mjs')
  add(runChecks())
}
const isRoot = process.getuid() === 0
for (const project of projects) {
  heading(`${project.name} tests`)
  if (isRoot || !project.needsRoot) add(runProject(project))
  else process.stdout.write('skipped: they make network namespaces, which only root may do; run npm test as root\n')
}
heading("tests in a virtual machine with Debian's kernel")
if (isRoot) add(runGuestTests())
else process.stdout.write('skipped: they need Debian packages that only root can install; run npm test as root\n')
if (filters.length > 0 && total.passed + total.failed + total.skipped === 1) {
  process.stdout.write(`no test file has ${filters.join(' or ')} in its path\n`)
  total.failed++
}
for (const name of unsteady) process.stdout.write(`unsteady: passed only when run again: ${name}\n`)
const skipped = total.skipped === 0 ? '' : `, ${total.skipped} skipped`
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed${skipped}\n`)
process.exitCode = total.failed === 0 ? 0 : 1
