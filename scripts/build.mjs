/**
 * Builds everything that is published: `npm run build`, or only the program with `node scripts/build.mjs program`, which
 * takes half a second and is what the launcher needs, or only the CNI plugin with `node scripts/build.mjs cni`.
 *
 *   dist/bin/                         the programs (build/program.mjs)
 *   dist/lib/                         the library: modules and declarations
 *   dist/share/man/man1/netwright.1   the manual page, and completions for bash, zsh and fish beside it
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { buildCniPlugin, buildProgram, starter } from './build/program.mjs'

const root = join(import.meta.dirname, '..')

function buildLibrary() {
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const state = join(root, 'dist/library.tsbuildinfo')
  execFileSync(process.execPath, [compiler, '-p', 'tsconfig.build.json', '--incremental', '--tsBuildInfoFile', state], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  })
}

/** What the program itself says about itself, as files for those who package it. */
function buildShare() {
  const files = {
    'man/man1/netwright.1': ['__manual-page', releaseDay()],
    'bash-completion/completions/netwright': ['completion', 'bash'],
    'zsh/site-functions/_netwright': ['completion', 'zsh'],
    'fish/vendor_completions.d/netwright.fish': ['completion', 'fish'],
  }
  for (const [name, words] of Object.entries(files)) {
    const path = join(root, 'dist/share', name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, execFileSync(process.execPath, [starter, ...words]))
  }
}

/** The day that the manual page shows: given (reproducible-builds.org), or that of the last commit, or today. */
function releaseDay() {
  const given = process.env.SOURCE_DATE_EPOCH
  if (given !== undefined) return new Date(Number(given) * 1000).toISOString().slice(0, 10)
  const { status, stdout } = spawnSync('git', ['log', '-1', '--format=%cs'], { cwd: root, encoding: 'utf8' })
  return status === 0 ? stdout.trim() : new Date().toISOString().slice(0, 10)
}

try {
  const part = process.argv[2]
  if (part !== 'cni') await buildProgram()
  if (part !== 'program') await buildCniPlugin()
  if (part === undefined) {
    buildLibrary()
    buildShare()
  }
} catch (error) {
  process.stderr.write(`netwright: the build failed: ${error.message}\n`)
  process.exit(1)
}
