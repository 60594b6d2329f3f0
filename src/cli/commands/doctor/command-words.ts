/** The words of a command line that our own fixes are written in: plain ones, and others between single quotes. */

/** Characters that mean something to a shell. */
const SHELL = /[\s'"`$&|;<>()*?[\]{}~#!\\]/

/**
 * Splits a line as a shell would. Undefined for a line that wants more of a shell than that: pipes, variables, patterns.
 */
export function commandWords(line: string): string[] | undefined {
  const words: string[] = []
  let word: string | undefined
  for (let at = 0; at < line.length; ) {
    const character = line[at]!
    if (character === ' ') {
      if (word !== undefined) words.push(word)
      word = undefined
      at++
    } else if (character === "'") {
      const end = line.indexOf("'", at + 1)
      if (end < 0) return undefined
      word = (word ?? '') + line.slice(at + 1, end)
      at = end + 1
    } else if (line.startsWith("\\'", at)) {
      word = `${word ?? ''}'`
      at += 2
    } else {
      if (SHELL.test(character)) return undefined
      word = (word ?? '') + character
      at++
    }
  }
  if (word !== undefined) words.push(word)
  return words.length === 0 ? undefined : words
}
