/** A lab file as YAML: its values with their places, and the mistakes that are found on the way. */
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
} from 'yaml'
import type { Mistake } from '../lab-error.ts'
import { didYouMean } from './near-miss.ts'
import type { Position } from './topology.ts'
import { expandVariables, type Variables } from './variables.ts'

/** Larger files are not labs. */
const LARGEST_FILE = 4 << 20
/** Mistakes told at once; the rest usually follow from these. */
const MOST_MISTAKES = 50
const LONGEST_SHOWN = 60

/** A value in the file, or one that is not there (`node` null or undefined). */
export type Value = Node | null | undefined

/** A file that is being read. Readers return undefined for what is wrong, and the mistake is noted. */
export class LabFile {
  readonly mistakes: Mistake[] = []
  readonly #text: string
  readonly #lines = new LineCounter()
  readonly #variables: Variables
  #document: Document.Parsed | undefined

  constructor(text: string, variables: Variables) {
    this.#text = text.slice(0, LARGEST_FILE)
    this.#variables = variables
  }

  /** The document itself; undefined when it is not YAML. */
  open(): Value {
    if (this.#text.length === LARGEST_FILE) {
      this.#note({ line: 1, column: 1 }, 'the file is larger than 4 MiB', '')
      return undefined
    }
    const document: Document.Parsed = parseDocument(this.#text, { lineCounter: this.#lines })
    for (const error of document.errors) {
      const at = this.#position(error.pos[0])
      this.#note(at, sentenceOf(error.message), this.#lineText(at.line))
    }
    if (document.errors.length > 0) return undefined
    this.#document = document
    return document.contents as Value
  }

  /** Where a value begins. */
  positionOf(value: Value): Position {
    const offset = value?.range?.[0]
    return offset === undefined ? { line: 1, column: 1 } : this.#position(offset)
  }

  /** Notes a mistake at a value. @returns undefined, so that a reader can return it */
  mistake(value: Value, sentence: string): undefined {
    this.#note(this.positionOf(value), sentence, this.textOf(value))
  }

  /** What stands in the file for a value, as far as it fits a line. */
  textOf(value: Value): string {
    const [start, end] = value?.range ?? [0, 0]
    const [line = ''] = this.#text.slice(start, end).split('\n')
    return line.length > LONGEST_SHOWN ? `${line.slice(0, LONGEST_SHOWN)}…` : line
  }

  /** The pairs of a map. @param what for the sentence: `the node router1` */
  entries(value: Value, what: string): { readonly key: string; readonly at: Node; readonly value: Value }[] {
    const map = this.#resolved(value)
    if (map === null || map === undefined || (isScalar(map) && map.value === null)) return []
    if (!isMap(map)) {
      this.mistake(value, `${what} must be a map of names to values`)
      return []
    }
    return mergedPairs(map as YAMLMap<Node, Value>, (alias) => this.#resolved(alias)).flatMap((pair) => {
      const key = isScalar(pair.key) ? String(pair.key.value) : undefined
      if (key !== undefined) return [{ key, at: pair.key, value: pair.value }]
      this.mistake(pair.key, `a name in ${what} must be plain text`)
      return []
    })
  }

  /** The items of a list. A list that is not there is empty. */
  items(value: Value, what: string): Value[] {
    const list = this.#resolved(value)
    if (list === null || list === undefined || (isScalar(list) && list.value === null)) return []
    if (isSeq(list)) return list.items as Value[]
    this.mistake(value, `${what} must be a list (lines that begin with “- ”)`)
    return []
  }

  /**
   * The values of a map by name. Names that are not among `known` are mistakes; those in `refused` are known to the field, and
   * told as not supported.
   */
  fields<K extends string>(
    value: Value,
    what: string,
    known: readonly K[],
    refused: Readonly<Record<string, string>> = {},
  ): Partial<Record<K, Value>> {
    const found: Partial<Record<K, Value>> = {}
    for (const { key, at, value: field } of this.entries(value, what)) {
      const reason = Object.hasOwn(refused, key) ? refused[key] : undefined
      if (reason !== undefined) this.mistake(at, `${key} is not supported: ${reason}`)
      else if ((known as readonly string[]).includes(key)) found[key as K] = field
      else this.mistake(at, `${what} has no ${key}${didYouMean(key, known)}; there are ${known.join(', ')}`)
    }
    return found
  }

  /** Text; numbers and truth values are taken as they are written. */
  text(value: Value, what: string): string | undefined {
    const scalar = this.#resolved(value)
    if (scalar === null || scalar === undefined) return undefined
    if (!isScalar(scalar)) return this.mistake(value, `${what} must be text`)
    if (scalar.value === null) return undefined
    const written = typeof scalar.value === 'string' ? scalar.value : (scalar.source ?? String(scalar.value))
    return this.#expanded(written, value)
  }

  /** A whole number within bounds. */
  integer(value: Value, what: string, least: number, most: number): number | undefined {
    const number = this.number(value, what, least, most)
    if (number === undefined || Number.isInteger(number)) return number
    return this.mistake(value, `${what} must be a whole number`)
  }

  /** A number within bounds. */
  number(value: Value, what: string, least: number, most: number): number | undefined {
    const text = this.text(value, what)
    if (text === undefined) return undefined
    const number = text.trim() === '' ? Number.NaN : Number(text)
    if (number >= least && number <= most) return number
    return this.mistake(value, `${what} must be a number from ${least} to ${most}`)
  }

  /** `true` or `false`. */
  boolean(value: Value, what: string): boolean | undefined {
    const text = this.text(value, what)
    if (text === undefined) return undefined
    if (text === 'true' || text === 'false') return text === 'true'
    return this.mistake(value, `${what} must be true or false`)
  }

  /** One of a few words. */
  choice<T extends string>(value: Value, what: string, words: readonly T[]): T | undefined {
    const text = this.text(value, what)
    if (text === undefined) return undefined
    const word = words.find((candidate) => candidate === text)
    return word ?? this.mistake(value, `${what} must be one of ${words.join(', ')}${didYouMean(text, words)}`)
  }

  /** A list of texts; one text alone counts as a list of one where `orOne` is given. */
  texts(value: Value, what: string, { orOne = false } = {}): readonly string[] | undefined {
    const resolved = this.#resolved(value)
    if (resolved === null || resolved === undefined) return undefined
    if (orOne && isScalar(resolved)) {
      const text = this.text(value, what)
      return text === undefined ? undefined : [text]
    }
    return this.items(value, what).flatMap((item) => this.text(item, `an entry of ${what}`) ?? [])
  }

  /** A map of texts. */
  textMap(value: Value, what: string): Readonly<Record<string, string>> | undefined {
    if (value === null || value === undefined) return undefined
    return Object.fromEntries(
      this.entries(value, what).map(({ key, value: field }) => [key, this.text(field, `${key} of ${what}`) ?? '']),
    )
  }

  #expanded(text: string, value: Value): string | undefined {
    const outcome = expandVariables(text, this.#variables)
    return typeof outcome === 'string' ? outcome : this.mistake(value, outcome.mistake)
  }

  #resolved(value: Value): Value {
    if (!isAlias(value)) return value
    return this.#document === undefined ? undefined : (value.resolve(this.#document) as Value)
  }

  #position(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset)
    return { line, column: col }
  }

  #lineText(line: number): string {
    return (this.#text.split('\n')[line - 1] ?? '').trim().slice(0, LONGEST_SHOWN)
  }

  #note(position: Position, sentence: string, text: string): void {
    if (this.mistakes.length < MOST_MISTAKES) this.mistakes.push({ position, sentence, text })
  }
}

/** `<<: *base` stands for the pairs of another map, which those of the map itself override (yaml.org/type/merge). */
function mergedPairs(map: YAMLMap<Node, Value>, resolve: (value: Value) => Value): Pair<Node, Value>[] {
  const own = map.items.filter(({ key }) => !isMergeKey(key)) as Pair<Node, Value>[]
  const taken = new Set(own.map(({ key }) => (isScalar(key) ? String(key.value) : '')))
  for (const { value } of map.items.filter(({ key }) => isMergeKey(key))) {
    const merged = resolve(value)
    for (const source of isSeq(merged) ? merged.items.map((item) => resolve(item as Value)) : [merged]) {
      if (!isMap(source)) continue
      for (const pair of source.items as Pair<Node, Value>[]) {
        const key = isScalar(pair.key) ? String(pair.key.value) : ''
        if (!taken.has(key)) own.push(pair)
        taken.add(key)
      }
    }
  }
  return own
}

function isMergeKey(key: unknown): boolean {
  return isNode(key) && isScalar(key) && key.value === '<<'
}

/** The library's message without its drawing of the place. */
function sentenceOf(message: string): string {
  const [first = message] = message.split(/ at line \d+|:\n/)
  return first.charAt(0).toLowerCase() + first.slice(1)
}
