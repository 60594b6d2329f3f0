/**
 * The checks that need no test: formatting and lint, types, the rules of the house, dead code. `npm run check` runs all of
 * them, `npm run check -- types` some.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { houseViolations } from './check/house-rules.mjs'

const root = join(import.meta.dirname, '..')

/** What a check found: nothing when all is well. */
const checks = {
  lint: () => tool('@biomejs/biome/bin/biome', ['ci', '--colors=off']),
  types: () => tool('typescript/bin/tsc', ['--noEmit', '--pretty', 'false']),
  imports: checkImports,
  house: checkHouse,
  'dead code': () => tool('knip/bin/knip.js', ['--no-progress']),
}

/** Runs the checks of these names (all when none is given), prints what they find, and counts them. */
export function runChecks(names = []) {
  const chosen = Object.entries(checks).filter(([name]) => names.length === 0 || names.includes(name))
  let failed = 0
  for (const [name, check] of chosen) {
    const started = performance.now()
    const findings = check()
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    process.stdout.write(`${findings === '' ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)\n${findings}`)
    if (findings !== '') failed++
  }
  return { passed: chosen.length - failed, failed }
}

function tool(path, words) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'node_modules', path), ...words], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  return status === 0 ? '' : `${stdout}${stderr}`.trimEnd().concat('\n')
}

function sources() {
  const names = readdirSync(join(root, 'src'), { recursive: true })
  return names.filter((name) => name.endsWith('.ts')).map((name) => `src/${name}`)
}

/** dependency-cruiser is content when it has read nothing at all, so the modules that it saw are counted. */
function checkImports() {
  const output = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs')
  const { stdout, stderr } = spawnSync(process.execPath, [output, '--config', '--output-type', 'json', 'src'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  let summary
  try {
    summary = JSON.parse(stdout).summary
  } catch {
    return `dependency-cruiser gave no answer: ${stderr}\n`
  }
  const expected = sources().length
  if (summary.totalCruised < expected) return `dependency-cruiser read ${summary.totalCruised} of ${expected} modules\n`
  return summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}\n`).join('')
}

function checkHouse() {
  return sources()
    .flatMap((path) => houseViolations(path, readFileSync(join(root, path), 'utf8')))
    .map((violation) => `${violation}\n`)
    .join('')
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { failed } = runChecks(process.argv.slice(2))
  process.exitCode = failed === 0 ? 0 : 1
}
