import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Dockerd, startDockerd } from '../support/dockerd.ts'
import { shownCommands } from '../support/shown-commands.ts'

/**
 * Every command that the documents show is run, in the order in which they show them: on a host with a Docker daemon that
 * runs containers `web` and `db`, and a namespace `blue`. Names in /run/netns are made in the daemon's own mount namespace; the
 * containers have longer names than the documents say, since a test beside this one may have a `web` of its own.
 */
const root = join(import.meta.dirname, '../..')
const WEB = 'nwt-docs-web'
const DB = 'nwt-docs-db'

/** Commands that go on until they are interrupted. */
const ENDLESS = /^netwright (watch|capture (?!.*(--duration|-r )))/
/** Commands whose exit code says that there is something to tell, which is no failure. */
const TELLING = /^netwright (diff|doctor)/

/** Documents whose commands need more of a host: run by test/daemon/docker-plugin.test.ts and cni-podman.test.ts. */
const ELSEWHERE = new Set(['docs/docker.md', 'docs/cni.md'])

interface ShownCommands {
  readonly document: string
  readonly commands: readonly string[]
}

function documents(folder = root): string[] {
  const here = folder === root ? [join(root, 'README.md')] : []
  const docs = folder === root ? join(root, 'docs') : folder
  const entries = readdirSync(docs, { withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
  const folders = entries.filter((entry) => entry.isDirectory())
  return [
    ...here,
    ...files.map((file) => join(docs, file.name)),
    ...folders.flatMap((inner) => documents(join(docs, inner.name))),
  ]
}

function commandsOf(document: string): ShownCommands {
  const commands = shownCommands(document).map((command) =>
    command.replaceAll(/\bweb\b/g, WEB).replaceAll(/\bdb\b/g, DB),
  )
  return { document: relative(root, document), commands }
}

const shown = documents()
  .map(commandsOf)
  .filter(({ document, commands }) => commands.length > 0 && !ELSEWHERE.has(document))

let docker: Dockerd
let folder: string

beforeAll(async () => {
  docker = await startDockerd()
  for (const name of [WEB, DB]) docker.runContainer(name)
  folder = mkdtempSync(join(tmpdir(), 'nwt-docs-'))
  symlinkSync(join(root, 'netwright'), join(folder, 'netwright'))
  inside('ip netns add blue')
})

afterAll(async () => {
  if (docker !== undefined) {
    inside(`ip netns del blue; ip netns del ${WEB} 2>/dev/null; true`)
    await docker.stop()
  }
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
})

function inside(command: string): { readonly code: number | null; readonly remarks: string } {
  const words = ['--target', String(docker.pid), '--mount', '--net', `--wd=${folder}`, '--', 'bash', '-c', command]
  const environment = {
    ...process.env,
    PATH: `${folder}:${process.env['PATH']}`,
    NETWRIGHT_STATE: join(folder, 'state'),
    NETWRIGHT_RUN: join(folder, 'run'),
  }
  const { status, stderr } = spawnSync('nsenter', words, { env: environment, encoding: 'utf8', timeout: 20_000 })
  return { code: status, remarks: stderr }
}

describe('commands of the documents', () => {
  test('are there to be run', () => {
    expect(shown.map(({ document }) => document)).toContain('README.md')
    expect(shown.map(({ document }) => document)).toContain('docs/see.md')
    execFileSync(join(root, 'netwright'), ['--version'])
  })

  // Some measure for a second, and all of them share the machine with other tests.
  test.each(shown)('$document', { timeout: 120_000 }, ({ commands }) => {
    for (const command of commands) {
      const line = ENDLESS.test(command) ? `timeout --signal=INT 2 ${command}` : command
      const { code, remarks } = inside(line)
      // timeout(1) tells by 124 that it had to interrupt the command.
      const allowed = TELLING.test(command) ? [0, 1] : ENDLESS.test(command) ? [0, 124] : [0]
      expect(allowed, `${command}: exit ${code}, ${remarks}`).toContain(code)
    }
  })
})
