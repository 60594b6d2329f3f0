/**
 * Runs the built program once and writes what V8 compiled meanwhile: write-code-cache.cjs PROGRAM CACHE WORD… The program
 * must be compiled exactly as `src/cli/start.ts` does it, or V8 refuses the cache.
 */
const { readFileSync, writeFileSync } = require('node:fs')
const { createRequire } = require('node:module')
const { dirname } = require('node:path')
const { Script } = require('node:vm')

const [filename, cache, ...words] = process.argv.slice(2)
process.argv = [process.argv[0], filename, ...words]

const script = new Script(readFileSync(filename, 'latin1'), { filename })
process.on('exit', () => writeFileSync(cache, script.createCachedData()))
const module_ = { exports: {} }
script.runInThisContext()(module_.exports, createRequire(filename), module_, filename, dirname(filename))
