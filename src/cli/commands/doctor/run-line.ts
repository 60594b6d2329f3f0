/** Runs one command of a fix: the very line that was shown, without a shell. */
import { execFile } from 'node:child_process'
import { commandWords } from './command-words.ts'

/** Nothing that mends a network takes longer, in milliseconds; a runtime that is asked may take a while. */
const PATIENCE = 30_000
/** Bytes of what a command says that are kept. */
const MOST_OUTPUT = 64 * 1024

/** Runs a line. @returns why it failed, or null */
export function runLine(line: string): Promise<string | null> {
  const [program, ...words] = commandWords(line) ?? []
  if (program === undefined) return Promise.resolve(`${line} needs a shell; run it yourself`)
  return new Promise((resolve) => {
    execFile(program, words, { timeout: PATIENCE, maxBuffer: MOST_OUTPUT }, (error, _, remarks) => {
      if (error === null) resolve(null)
      else if (error.code === 'ENOENT') resolve(`${program} is not installed; install it, or run “${line}” elsewhere`)
      else
        resolve(
          remarks.trim().split('\n')[0] || (error.killed === true ? `${line} did not end in time` : error.message),
        )
    })
  })
}
