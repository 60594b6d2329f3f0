/** The commands that documents show, for tests that run them. */
import { readFileSync } from 'node:fs'

/**
 * The lines behind `$ ` in the blocks of a document that are marked as console, in their order; a line that ends in a backslash
 * goes on in the next.
 */
export function shownCommands(document: string): string[] {
  const blocks = readFileSync(document, 'utf8').matchAll(/^```console\n(.*?)^```/gms)
  const lines = [...blocks].flatMap(([, block]) => block!.replaceAll('\\\n', '').split('\n'))
  return lines.filter((line) => line.startsWith('$ ')).map((line) => line.slice(2))
}

/** The blocks of a document that are marked as JSON. */
export function shownJson(document: string): unknown[] {
  const blocks = readFileSync(document, 'utf8').matchAll(/^```json\n(.*?)^```/gms)
  return [...blocks].map(([, block]) => JSON.parse(block!) as unknown)
}
