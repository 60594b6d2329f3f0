/** What a fresh machine needs before anything can be built or tested. Everything that is done is said on standard error. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

function say(text) {
  process.stderr.write(`netwright: ${text}\n`)
}

function run(command, words, environment = {}) {
  const { status, error } = spawnSync(command, words, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, ...environment },
  })
  if (error !== undefined) say(`${command}: ${error.message}`)
  return status === 0
}

/** Installs the locked npm packages when they are missing or the lock file is newer. Throws when that fails. */
export function installNpmPackages() {
  const installed = join(root, 'node_modules/.package-lock.json')
  const locked = join(root, 'package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(locked).mtimeMs) return
  say('installing the locked npm packages')
  if (!run('npm', ['ci', '--include=dev', '--no-progress'])) throw new Error('npm ci failed')
  const now = new Date()
  utimesSync(installed, now, now)
}

/**
 * Installs the Debian packages that the tests need and that are missing: as root, where there is apt-get. Tests whose
 * tools are missing all the same fail and say so.
 */
export function installDebianPackages() {
  if (!existsSync('/usr/bin/apt-get')) return
  const lists = JSON.parse(readFileSync(join(import.meta.dirname, 'debian-packages.json'), 'utf8'))
  const missing = missingPackages([...new Set(Object.values(lists).flat())])
  if (missing.length === 0) return
  if (process.getuid() !== 0) {
    say(`some tests need Debian packages that only root can install: ${missing.join(' ')}`)
    return
  }
  say(`installing Debian packages for the tests: ${missing.join(' ')}`)
  const install = () =>
    run('apt-get', ['install', '--yes', '--quiet', '--no-install-recommends', ...missing], {
      DEBIAN_FRONTEND: 'noninteractive',
    })
  // The package lists of a fresh machine are empty or old: most often the first attempt needs no update, and costs nothing.
  if (install()) return
  if (!run('apt-get', ['update', '--quiet']) || !install())
    say('apt-get failed: tests that need these packages will fail')
}

function missingPackages(names) {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query fills these in.
  const format = '${Package} ${db:Status-Status}\n'
  const { stdout } = spawnSync('dpkg-query', ['--show', '--showformat', format, ...names], {
    encoding: 'utf8',
  })
  const installed = new Set(
    (stdout ?? '')
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]),
  )
  return names.filter((name) => !installed.has(name))
}
