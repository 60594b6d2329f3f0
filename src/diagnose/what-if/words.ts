/** A command as words, and a reader that takes them one by one. */
import { WhatIfError } from './what-if-error.ts'

/** Longest command that anybody writes on one line. */
const LONGEST = 4096

/**
 * Splits a line as a shell does that only knows blanks and quotes. Nothing is expanded, and nothing of a shell is carried out.
 * @throws WhatIfError for what only a shell could mean
 */
export function splitWords(line: string): readonly string[] {
  if (line.length > LONGEST) throw new WhatIfError('a command to be supposed is one line of at most 4,096 characters')
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (const character of line.trim()) {
    if (quote !== '') {
      if (character === quote) quote = ''
      else word += character
    } else if (character === '"' || character === "'") {
      quote = character
      word ??= ''
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else {
      if (/[`$&|\n\\]/.test(character)) {
        throw new WhatIfError(`only one plain command can be supposed, without "${character}" of the shell`)
      }
      word = (word ?? '') + character
    }
  }
  if (quote !== '') throw new WhatIfError('a quotation mark is not closed')
  if (word !== undefined) words.push(word)
  return words
}

/** Takes the words of a command in turn. */
export class WordReader {
  readonly #words: readonly string[]
  readonly #command: string
  #at = 0

  /** @param command its name, for errors */
  constructor(command: string, words: readonly string[]) {
    this.#command = command
    this.#words = words
  }

  /** Whether all words were taken. */
  get done(): boolean {
    return this.#at >= this.#words.length
  }

  /** The next word, which stays. */
  peek(): string | undefined {
    return this.#words[this.#at]
  }

  /** Whether one of the words that are left is like that; none is taken. */
  anyAhead(isLike: (word: string) => boolean): boolean {
    return this.#words.slice(this.#at).some(isLike)
  }

  /** Takes the next word. @throws WhatIfError when there is none */
  next(wanted: string): string {
    const word = this.#words[this.#at++]
    if (word === undefined) throw new WhatIfError(`${this.#command}: ${wanted} is missing`)
    return word
  }

  /** Takes the next word when it is one of these. */
  take(...choices: readonly string[]): string | undefined {
    const word = this.peek()
    if (word === undefined || !choices.includes(word)) return undefined
    this.#at++
    return word
  }

  /** Takes a whole number. @throws WhatIfError */
  number(wanted: string): number {
    const word = this.next(wanted)
    if (!/^(0x[0-9a-f]+|\d+)$/i.test(word) || !Number.isSafeInteger(Number(word))) {
      throw new WhatIfError(`${this.#command}: ${wanted} must be a number, not "${word}"`)
    }
    return Number(word)
  }

  /** What is left. */
  rest(): readonly string[] {
    const rest = this.#words.slice(this.#at)
    this.#at = this.#words.length
    return rest
  }

  /** Refuses the word that comes next, if any. @throws WhatIfError */
  end(): void {
    if (!this.done) this.refuse(this.peek()!)
  }

  /** @throws WhatIfError always: the word is not understood */
  refuse(word: string): never {
    throw new WhatIfError(`${this.#command}: "${word}" cannot be supposed`)
  }
}
