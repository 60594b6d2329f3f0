/** The process's own standard output and standard error. */
import { fstatSync, writeSync } from 'node:fs'
import { styleText } from 'node:util'
import type { Terminal } from '../command.ts'

/** What the terminal is made from. */
export interface TerminalSurroundings {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Called once when nobody reads the answer any more (`| head`): there is no sense in working on. */
  readonly abandoned: () => void
}

const STDOUT = 1
const STDERR = 2

/**
 * The terminal of this process. Answers are written straight to the descriptor: `process.stdout` costs three milliseconds
 * to make, so it serves only where it is needed, for a terminal's size and for a pipe that refuses to wait.
 */
export function processTerminal({ environment, abandoned }: TerminalSurroundings): Terminal {
  const interactive = isTerminal()
  let readerGone = false
  const abandon = () => {
    if (!readerGone) abandoned()
    readerGone = true
  }
  return {
    interactive,
    colour: wantsColour(environment, interactive),
    get columns() {
      return interactive ? process.stdout.columns : undefined
    },
    async answer(text) {
      if (readerGone || text === '') return
      try {
        await writeAll(Buffer.from(text))
      } catch (error) {
        if (!isBrokenPipe(error)) throw error
        abandon()
      }
    },
    remark(text) {
      try {
        writeSync(STDERR, text.endsWith('\n') ? text : `${text}\n`)
      } catch {
        // Standard error is closed: there is nobody to tell.
      }
    },
  }
}

/** Major number of the memory devices, of which /dev/null is one: no terminal, and not worth making `process.stdout`. */
const MEMORY_DEVICES = 1

function isTerminal(): boolean {
  try {
    const status = fstatSync(STDOUT)
    return status.isCharacterDevice() && status.rdev >> 8 !== MEMORY_DEVICES && process.stdout.isTTY === true
  } catch {
    return false
  }
}

/** NO_COLOR (no-color.org) wins, then FORCE_COLOR as Node reads it, then whether a person looks at it. */
export function wantsColour(environment: Readonly<Record<string, string | undefined>>, interactive: boolean): boolean {
  if (environment['NO_COLOR']) return false
  const forced = environment['FORCE_COLOR']
  if (forced !== undefined) return forced !== '0' && forced !== 'false'
  return interactive && environment['TERM'] !== 'dumb'
}

async function writeAll(bytes: Uint8Array): Promise<void> {
  let written = 0
  while (written < bytes.length) {
    try {
      written += writeSync(STDOUT, bytes, written)
    } catch (error) {
      // Whoever started us left the pipe in non-blocking mode, and it is full: Node's stream waits for the reader.
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error
      return writeStream(bytes.subarray(written))
    }
  }
}

function writeStream(bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.once('error', reject)
    process.stdout.write(bytes, () => {
      process.stdout.off('error', reject)
      resolve()
    })
  })
}

function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE'
}

/** A style as `util.styleText` knows it. */
export type Style = Parameters<typeof styleText>[0]

/** Colours text where colours are wanted. */
export type Paint = (style: Style, text: string) => string

// Left to itself, styleText makes up its own mind about whether standard output wants colours.
const unconditionally = { validateStream: false }

/** How to colour text for this terminal. The text is escaped by `printable` first where it comes from outside. */
export function painter(terminal: Pick<Terminal, 'colour'>): Paint {
  return terminal.colour ? (style, text) => styleText(style, text, unconditionally) : (_, text) => text
}
