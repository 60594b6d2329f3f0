/**
 * Runs commands of the built program one after the other and writes what V8 compiled meanwhile: write-code-cache.cjs PROGRAM
 * CACHE COMMAND…, each COMMAND a JSON array of words. The program must be compiled exactly as `src/cli/start.ts` does it, or V8
 * refuses the cache.
 */
const { readFileSync, writeFileSync } = require('node:fs')
const { createRequire } = require('node:module')
const { dirname } = require('node:path')
const { Script } = require('node:vm')

const [filename, cache, ...commands] = process.argv.slice(2)
const script = new Script(readFileSync(filename, 'latin1'), { filename })
const program = script.runInThisContext()

// A program ends its process: only the last command's end is the end.
const end = process.exit
process.on('exit', () => writeFileSync(cache, script.createCachedData()))
process.exit = () => {
  if (commands.length === 0) end()
  setImmediate(runNext)
}
runNext()

function runNext() {
  process.argv = [process.argv[0], filename, ...JSON.parse(commands.shift())]
  const module_ = { exports: {} }
  program(module_.exports, createRequire(filename), module_, filename, dirname(filename))
}
