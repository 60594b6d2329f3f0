/**
 * Builds the programs:
 *
 *   dist/bin/netwright.cjs          what is run: starts the program
 *   dist/bin/program-HASH.cjs       the program, one file, as a function
 *   dist/bin/program-HASH.cache     what V8 made of it
 *   dist/bin/map-HASH.cjs, .cache   the same with the code of that command alone
 *   dist/bin/see-HASH.cjs, .cache   the same for the other commands that look at the host
 *   dist/bin/diagnose-HASH.cjs, …   the same for those that diagnose
 *   dist/bin/probe-HASH.cjs, …      the same for probes, capture, top and tools
 *   dist/bin/netwright-cni.cjs      the same for container runtimes, with cni-HASH.cjs and cni-HASH.cache
 *   dist/bin/netwright-cni          what they start: hands the call to the daemon, or starts the one above
 *
 * Modules of which nothing is used are left out, whoever re-exports them: importing one does nothing by itself
 * (`sideEffects` in package.json).
 *
 * It is CommonJS because Node starts that 4 ms sooner than a module. Commands are still initialised only when they run.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { koffiDirect } from './koffi-direct.mjs'

const root = join(import.meta.dirname, '../..')
const folder = join(root, 'dist/bin')
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** What is run. */
export const starter = join(folder, 'netwright.cjs')

/** The program. */
const netwright = {
  starter,
  prefix: 'program',
  entry: 'src/cli/main.ts',
  // A look at the host: it runs most of what there is, changes nothing, and works in part for any user.
  typicalCommands: [['map']],
  environment: {},
}

/** Parts of the program, each with the code of some commands only: less to read at every start. */
const parts = [
  { prefix: 'map', commands: ['map'], typicalCommands: [['map']] },
  { prefix: 'see', commands: ['show', 'ns', 'diff', 'watch'], typicalCommands: [['show', 'host']] },
  {
    prefix: 'diagnose',
    commands: ['trace', 'doctor', 'explain', 'support'],
    typicalCommands: [
      ['doctor', '--json'],
      ['trace', 'host', '127.0.0.1', '--predict'],
    ],
  },
  {
    prefix: 'probe',
    commands: ['probe', 'capture', 'top', 'tools'],
    typicalCommands: [
      ['probe', 'ping', 'host', '127.0.0.1', '--count', '1'],
      ['top', '--once'],
    ],
  },
]

/** Leaves out the code of all other commands, which stands in folders of their names. */
const only = (commands) => ({
  name: 'only-some-commands',
  setup(build) {
    build.onResolve({ filter: /^\.\/[a-z-]+\// }, ({ path, kind }) =>
      kind === 'dynamic-import' && !commands.includes(path.split('/')[1]) ? { path, external: true } : undefined,
    )
  },
})

/** The CNI plugin. */
const cniPlugin = {
  starter: join(folder, 'netwright-cni.cjs'),
  prefix: 'cni',
  entry: 'src/cli/cni.ts',
  typicalCommands: [[]],
  environment: { CNI_COMMAND: 'VERSION' },
}

/** Builds what the launcher starts. */
export function buildProgram() {
  return buildOne(netwright, parts)
}

/** Builds what container runtimes start. */
export async function buildCniPlugin() {
  await buildOne(cniPlugin, [])
  replace(join(folder, 'netwright-cni'), readFileSync(join(root, 'share/cni/netwright-cni')))
}

/**
 * Builds a program. The starter is replaced last and in one step, and names the files that belong to it, so that a build
 * never disturbs a program that is being started.
 */
async function buildOne({ starter, prefix, entry, typicalCommands, environment }, parts) {
  const started = new Date()
  const name = await buildFile(prefix, entry, [])
  writeCodeCache(name, typicalCommands, environment)
  const files = { [prefix]: name }
  const fileOfCommand = {}
  for (const part of parts) {
    const file = await buildFile(part.prefix, entry, [only(part.commands)])
    writeCodeCache(file, part.typicalCommands, environment)
    files[part.prefix] = file
    for (const command of part.commands) fileOfCommand[command] = file
  }
  const start = await bundle('src/cli/start.ts', {
    banner: { js: '#!/usr/bin/env node\nconst moduleUrl=require("node:url").pathToFileURL(__filename).href;' },
    extra: { PROGRAM: JSON.stringify(name), PARTS: JSON.stringify(fileOfCommand) },
  })
  // A source that was saved while we were reading is newer than the starter, and the launcher builds again.
  replace(starter, start, started)
  for (const [prefix, file] of Object.entries(files)) removeOld(prefix, file)
}

/** @returns the name of the file, which changes with its content */
async function buildFile(prefix, entry, plugins) {
  const program = await bundle(entry, {
    banner: {
      js: '(function(exports,require,module,__filename,__dirname){const moduleUrl=require("node:url").pathToFileURL(__filename).href;',
    },
    footer: { js: '})' },
    plugins: [koffiDirect(dependencies.koffi), ...plugins],
  })
  const name = `${prefix}-${createHash('sha256').update(program).digest('hex').slice(0, 12)}`
  mkdirSync(folder, { recursive: true })
  replace(join(folder, `${name}.cjs`), program)
  return name
}

async function bundle(entry, { extra = {}, ...options }) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node20.11',
    format: 'cjs',
    // The program is compiled by node:vm, where import() fails: Node's own modules are required instead.
    supported: { 'dynamic-import': false },
    // Identifiers are kept: they are the names of errors and the words of stack traces.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'warning',
    define: {
      'import.meta.url': 'moduleUrl',
      'import.meta.dirname': '__dirname',
      'import.meta.filename': '__filename',
      ...extra,
    },
    plugins: [koffiDirect(dependencies.koffi)],
    external: Object.keys(dependencies).filter((dependency) => dependency !== 'koffi'),
    ...options,
  })
  return outputFiles[0].contents
}

function replace(path, contents, time) {
  const unfinished = `${path}.${process.pid}`
  writeFileSync(unfinished, contents)
  chmodSync(unfinished, 0o755)
  if (time !== undefined) utimesSync(unfinished, time, time)
  renameSync(unfinished, path)
}

/** The cache only saves time: a program without one works. */
function writeCodeCache(name, typicalCommands, environment) {
  const cache = join(folder, `${name}.cache`)
  const unfinished = `${cache}.${process.pid}`
  const words = [join(import.meta.dirname, 'write-code-cache.cjs'), join(folder, `${name}.cjs`), unfinished]
  spawnSync(process.execPath, [...words, ...typicalCommands.map((command) => JSON.stringify(command))], {
    stdio: 'ignore',
    timeout: 10_000,
    env: { ...process.env, ...environment },
  })
  try {
    renameSync(unfinished, cache)
  } catch {
    rmSync(unfinished, { force: true })
  }
}

/** Files of former builds; those of the last minute may be on their way to be read. */
function removeOld(prefix, name) {
  for (const file of readdirSync(folder)) {
    const path = join(folder, file)
    const old = Date.now() - statSync(path).mtimeMs > 60_000
    if (old && file.startsWith(`${prefix}-`) && !file.startsWith(name)) rmSync(path)
  }
}
