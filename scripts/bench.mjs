/**
 * Measures Netwright against its peers, side by side in one run: `npm run bench`, or `npm run bench -- NAME` for one suite.
 * Each folder of bench/ with a `run.ts` is a suite; its figures are printed and kept in bench/results/NAME.json.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { installNpmPackages } from './setup.mjs'

const root = join(import.meta.dirname, '..')
const suites = readdirSync(join(root, 'bench')).filter((name) => existsSync(join(root, 'bench', name, 'run.ts')))
const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !suites.includes(name))

if (unknown.length > 0) {
  process.stderr.write(`no such suite: ${unknown.join(', ')}; there are: ${suites.join(', ')}\n`)
  process.exit(2)
}
installNpmPackages()
run(process.execPath, [join(root, 'scripts/build.mjs'), 'program'])
for (const suite of wanted.length > 0 ? wanted : suites) {
  run(process.execPath, ['--import', 'tsx', join(root, 'bench', suite, 'run.ts')])
}

function run(command, words) {
  const { status } = spawnSync(command, words, { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
