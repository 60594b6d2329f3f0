/**
 * Starts the built program. `--version` is answered before the program is even read. The program comes with V8's code cache
 * (what V8 made of the source when it was built, for the same version of Node): with it a survey of the host takes a quarter
 * less time; without it, or when V8 refuses it, the source is compiled as usual.
 */
import { readFileSync, writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Script } from 'node:vm'
import { version } from './version.ts'

/** Name of the program's files without their ending; the build puts it here. It changes with their content. */
declare const PROGRAM: string
/** The same for commands whose code stands in a part of the program too: less to read at every start. */
declare const PARTS: Readonly<Record<string, string>>

/** The program's file is a function of what Node gives to a CommonJS module. */
type Program = (exports: object, require: NodeJS.Require, module: object, filename: string, directory: string) => void

const words = process.argv.slice(2)

if (words.length === 1 && (words[0] === '--version' || words[0] === '-V')) writeSync(1, `${version()}\n`)
else startProgram(import.meta.dirname, fileFor(words[0] ?? ''))

function fileFor(command: string): string {
  return Object.hasOwn(PARTS, command) ? PARTS[command]! : PROGRAM
}

function startProgram(directory: string, name: string): void {
  const filename = `${directory}/${name}.cjs`
  const cachedData = codeCache(`${directory}/${name}.cache`)
  // The build keeps to ASCII, and latin1 is read twice as fast as UTF-8.
  const script = new Script(
    readFileSync(filename, 'latin1'),
    cachedData === undefined ? { filename } : { filename, cachedData },
  )
  const program = script.runInThisContext() as Program
  const module = { exports: {} }
  program(module.exports, createRequire(filename), module, filename, directory)
}

function codeCache(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}
