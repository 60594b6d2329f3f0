#!/usr/bin/env node
/** Runs a command in the guest: `node scripts/vm/run.mjs [--modules "ip_vs macvlan"] [--write FOLDER] [--seconds N] -- COMMAND…` */
import { parseArgs } from 'node:util'
import { NO_STATUS, runInGuest } from './guest.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    modules: { type: 'string', default: '' },
    write: { type: 'string', multiple: true, default: [] },
    seconds: { type: 'string', default: '600' },
    memory: { type: 'string', default: '1024' },
  },
})
if (positionals.length === 0) {
  process.stderr.write(
    'usage: node scripts/vm/run.mjs [--modules "NAMES"] [--write FOLDER] [--seconds N] -- COMMAND…\n',
  )
  process.exit(2)
}
process.exitCode = await runInGuest(positionals, {
  modules: values.modules.split(/\s+/).filter((name) => name !== ''),
  writable: values.write,
  seconds: Number(values.seconds),
  memory: Number(values.memory),
}).catch((error) => {
  process.stderr.write(`vm: ${error.message}\n`)
  return NO_STATUS
})
